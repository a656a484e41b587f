// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/state.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <cstdlib>
#include <fstream>

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;

fs::path state_folder() {
    if (const char* folder = std::getenv("XDG_STATE_HOME"); folder != nullptr && *folder == '/') {
        return fs::path(folder) / "atlas" / "ingest";
    }
    const char* home = std::getenv("HOME");
    return fs::path(home == nullptr ? "/tmp" : home) / ".local/state/atlas/ingest";
}

std::int64_t number_of(const boost::json::value& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_int64() ? value.get_int64() : 0;
}

}  // namespace

IngestState::IngestState(const std::string& path, const std::string& source, const Input& input,
                         const ServerOptions& server, std::optional<Encoding> encoding)
    : path_(path),
      source_(fs::absolute(source)),
      target_(fmt::format(
          "{} {}{}", server.url, server.tenant,
          encoding ? fmt::format(" encoding {}", static_cast<int>(*encoding)) : std::string())),
      size_(input.raw_size()),
      modified_at_(input.modified_at()) {
    if (!path_.empty()) return;
    const std::string key = source_ + "\n" + target_;
    path_ = state_folder() / fmt::format("{:016x}.json", XXH3_64bits(key.data(), key.size()));
}

std::optional<Place> IngestState::load() const {
    std::ifstream file(path_);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    boost::system::error_code error;
    const auto state = boost::json::parse(text, error);
    if (error || text_of(state, "source") != source_ || text_of(state, "target") != target_) {
        return std::nullopt;
    }
    if (number_of(state, "size") != static_cast<std::int64_t>(size_) ||
        number_of(state, "modified_at_us") != modified_at_) {
        return std::nullopt;
    }
    Place place;
    place.offset = static_cast<std::uint64_t>(number_of(state, "offset"));
    place.line = static_cast<std::uint64_t>(number_of(state, "line"));
    place.started_at = time_from_micros(number_of(state, "started_at_us"));
    return place;
}

void IngestState::save(const Place& place) const {
    const boost::json::object state{{"source", source_},
                                    {"target", target_},
                                    {"size", size_},
                                    {"modified_at_us", modified_at_},
                                    {"offset", place.offset},
                                    {"line", place.line},
                                    {"started_at_us", to_micros(place.started_at)}};
    std::error_code error;
    fs::create_directories(path_.parent_path(), error);
    const fs::path fresh = path_.string() + ".new";
    {
        std::ofstream file(fresh, std::ios::trunc);
        file << boost::json::serialize(state) << '\n';
        if (!file.flush()) {
            throw CommandError(fmt::format("cannot write the state file {}", fresh.string()));
        }
    }
    fs::rename(fresh, path_, error);
    if (error) throw CommandError(fmt::format("{}: {}", path_.string(), error.message()));
}

void IngestState::remove() const {
    std::error_code error;
    fs::remove(path_, error);
}

}  // namespace atlas::cli
