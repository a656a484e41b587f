// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

namespace atlas::cli {

void add_commands(CLI::App&) {
}

int exit_code(const CLI::App& app, const CLI::Error& error) {
    const int code = app.exit(error);
    if (error.get_name() == "RuntimeError") return code;
    return code == 0 ? 0 : 2;
}

}  // namespace atlas::cli
