// SPDX-License-Identifier: Apache-2.0
#include "app/demo_folder.h"

#include <fmt/format.h>

#include <fstream>
#include <system_error>

#include "base/startup_error.h"
#include "cluster/data_dir.h"

namespace atlas::app {
namespace fs = std::filesystem;
namespace {

constexpr const char* kMarker = "atlas-demo";
constexpr const char* kMarkerText =
    "The data in this folder is made up: it belongs to `atlas demo`. `atlas up` refuses it.\n";

bool is_there(const fs::path& path) {
    std::error_code unreadable;
    return fs::exists(path, unreadable);
}

// Of us alone, as every data folder is.
void make_folder(const fs::path& folder) {
    std::error_code error;
    if (fs::create_directories(folder, error)) {
        fs::permissions(folder, fs::perms::owner_all, error);
    }
}

}  // namespace

fs::path demo_folder(const std::string& given) {
    if (!given.empty()) return given;
    fs::path folder = cluster::default_data_dir();
    folder += "-demo";
    return folder;
}

// Marked before there is a database in it, so that a start that is killed half-way leaves a folder
// that the next one takes.
void claim_demo_folder(const fs::path& folder) {
    if (is_there(folder / kMarker)) return;
    if (is_there(folder / "postgres")) {
        throw StartupError(fmt::format(
            "{} holds the data of `atlas up`; choose another folder for the demo with --data",
            folder.string()));
    }
    make_folder(folder);
    std::ofstream marker(folder / kMarker);
    marker << kMarkerText << std::flush;
    if (!marker) {
        throw StartupError(
            fmt::format("cannot write to {}; choose another folder with --data or make it yours",
                        folder.string()));
    }
}

void refuse_demo_folder(const config::Config& config) {
    const fs::path folder =
        config.data().empty() ? cluster::default_data_dir() : fs::path(config.data());
    if (!is_there(folder / kMarker)) return;
    throw StartupError(
        fmt::format("{0} holds the made-up data of `atlas demo`; run `atlas demo --data {0}`, or "
                    "choose another folder with --data",
                    folder.string()));
}

}  // namespace atlas::app
