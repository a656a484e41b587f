// SPDX-License-Identifier: Apache-2.0
#include "cli/commands.h"

#include "cli/command_list.h"

namespace atlas::cli {

void add_commands(CLI::App& app, const ConninfoOf& conninfo_of) {
    add_ingest(app);
    add_query(app);
    add_get(app);
    add_series(app);
    add_attributes(app);
    add_tenants(app, conninfo_of);
    add_tokens(app, conninfo_of);
    add_status(app);
    add_check(app);
    add_collect(app);
    add_completion(app);
}

int exit_code(const CLI::App& app, const CLI::Error& error) {
    const int code = app.exit(error);
    if (error.get_name() == "RuntimeError") return code;
    return code == 0 ? 0 : 2;
}

}  // namespace atlas::cli
