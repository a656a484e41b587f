// SPDX-License-Identifier: Apache-2.0
#include "cli/command_list.h"

namespace atlas::cli {

void add_ingest(CLI::App&) {
}

}  // namespace atlas::cli
