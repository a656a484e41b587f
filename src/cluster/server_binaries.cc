// SPDX-License-Identifier: Apache-2.0
#include "cluster/server_binaries.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/startup_error.h"
#include "cluster/process.h"

namespace atlas::cluster {
namespace fs = std::filesystem;
namespace {

bool is_program(const fs::path& path) {
    return access(path.c_str(), X_OK) == 0;
}

std::string trimmed(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

std::vector<fs::path> path_dirs() {
    std::vector<fs::path> dirs;
    const char* path = std::getenv("PATH");
    std::string_view rest = path == nullptr ? "" : path;
    while (!rest.empty()) {
        const auto colon = rest.find(':');
        if (colon != 0) dirs.emplace_back(rest.substr(0, colon));
        rest = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
    }
    return dirs;
}

// <parent>/<version>/bin, or <parent>-<version>/bin.
void add_versioned(std::vector<fs::path>& dirs, const fs::path& parent, std::string_view prefix) {
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(parent, ignored)) {
        if (entry.path().filename().string().starts_with(prefix)) {
            dirs.push_back(entry.path() / "bin");
        }
    }
}

std::vector<fs::path> candidates() {
    std::vector<fs::path> dirs;
    for (const auto& dir : path_dirs()) {
        dirs.push_back(dir);
        if (!is_program(dir / "pg_config")) continue;
        const auto found = run({.argv = {dir / "pg_config", "--bindir"}, .user = {}});
        if (found.status == 0) dirs.emplace_back(trimmed(found.output));
    }
    add_versioned(dirs, "/usr/lib/postgresql", "");
    add_versioned(dirs, "/usr", "pgsql-");
    add_versioned(dirs, "/opt", "pgsql");
    dirs.emplace_back("/usr/local/pgsql/bin");
    return dirs;
}

std::optional<ServerBinaries> inspect(const fs::path& dir) {
    if (!is_program(dir / "postgres") || !is_program(dir / "initdb")) return std::nullopt;
    const auto answer = run({.argv = {dir / "postgres", "--version"}, .user = {}});
    const auto major = parse_server_version(answer.output);
    if (answer.status != 0 || !major) return std::nullopt;
    return ServerBinaries{.dir = dir, .major = *major};
}

constexpr std::string_view kAdvice =
    "install PostgreSQL 15 or later (Debian: apt-get install postgresql) or name its folder "
    "with "
    "--pg-bin";

}  // namespace

std::optional<int> parse_server_version(std::string_view text) {
    constexpr std::string_view kMark = "(PostgreSQL) ";
    const auto mark = text.find(kMark);
    if (mark == std::string_view::npos) return std::nullopt;
    const std::string_view digits = text.substr(mark + kMark.size());
    int major = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), major);
    if (parsed.ec != std::errc{} || major <= 0) return std::nullopt;
    return major;
}

ServerBinaries find_server(const fs::path& wanted_dir, std::optional<int> major) {
    std::optional<ServerBinaries> best;
    int newest = 0;
    const auto dirs = wanted_dir.empty() ? candidates() : std::vector<fs::path>{wanted_dir};
    for (const auto& dir : dirs) {
        const auto found = inspect(dir);
        if (!found) continue;
        newest = std::max(newest, found->major);
        if (found->major < kOldestServer || (major && found->major != *major)) continue;
        if (!best || found->major > best->major) best = found;
    }
    if (best) return *best;
    if (newest == 0 && !wanted_dir.empty()) {
        throw StartupError(fmt::format("there are no PostgreSQL server programs in {}; {}",
                                       wanted_dir.string(), kAdvice));
    }
    if (newest == 0) throw StartupError(fmt::format("no PostgreSQL server found; {}", kAdvice));
    if (major) {
        throw StartupError(
            fmt::format("the data folder was created by PostgreSQL {0}, and no server of that "
                        "version is here; "
                        "install PostgreSQL {0} or name its folder with --pg-bin",
                        *major));
    }
    throw StartupError(fmt::format("PostgreSQL {} is too old; {}", newest, kAdvice));
}

}  // namespace atlas::cluster
