// SPDX-License-Identifier: Apache-2.0
//
// Remembers how far a file was ingested, so that an interrupted run goes on where it stopped. The
// state belongs to one file, as it was then, and one server and tenant; it is removed at the end.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "cli/ingest/chunk.h"

namespace atlas::cli {

class IngestState {
public:
    // For `source` (not stdin). `path` empty: a file in the user's state folder.
    IngestState(const std::string& path, const std::string& source, const Input& input,
                const ServerOptions& server);

    // Where to go on; nullopt when there is nothing, or it is of another version of the file.
    std::optional<Place> load() const;
    // Replaced as a whole: a crash leaves the old or the new one. Throws CommandError.
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
