// SPDX-License-Identifier: Apache-2.0
//
// Stores how far a file was ingested, so that a run that was interrupted can continue. The state
// belongs to one file, as it was then, and one server and tenant; it is removed at the end.
//
// Threading  one thread at a time; calls read and write the file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/ingest/chunk.h"

namespace atlas::cli {

class IngestState {
public:
    // For `source` (not stdin), read in this encoding: places count the bytes of its UTF-8. `path`
    // empty: a file in the user's state folder.
    IngestState(const std::string& path, const std::string& source, const Input& input,
                const ServerOptions& server, std::optional<Encoding> encoding = std::nullopt);

    // Where to continue; nullopt without a state, or when it is of another version of the file.
    std::optional<Place> load() const;
    // Replaces the state as a whole: a crash leaves the old or the new one. Throws CommandError.
    void save(const Place& place) const;
    void remove() const;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    std::string source_;
    std::string target_;
    std::uint64_t size_;
    std::int64_t modified_at_;
};

}  // namespace atlas::cli
