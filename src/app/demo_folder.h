// SPDX-License-Identifier: Apache-2.0
//
// The data folder of `atlas demo`, told apart from that of `atlas up` by a file in it, so that
// made-up telemetry never mixes with real telemetry.
//
// Threading  the thread that starts the process; blocks on the file system.
#pragma once

#include <filesystem>
#include <string>

#include "config/config.h"

namespace atlas::app {

// `given`, else $XDG_DATA_HOME/atlas-demo, /var/lib/atlas-demo for root, else
// ~/.local/share/atlas-demo.
std::filesystem::path demo_folder(const std::string& given);

// Marks the folder as the demo's, and makes it if need be. Throws StartupError when it holds a
// database that is not the demo's, or cannot be written.
void claim_demo_folder(const std::filesystem::path& folder);

// Throws StartupError when the data folder of `config` is the demo's.
void refuse_demo_folder(const config::Config& config);

}  // namespace atlas::app
