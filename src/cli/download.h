// SPDX-License-Identifier: Apache-2.0
//
// A response of any length, to stdout or into a file: for commands whose result is bytes that Atlas
// has already written as CSV, NDJSON or Parquet.
//
//     command → [download] → HttpClient → Atlas
//
// Threading  the main thread; blocks until the response has ended.
#pragma once

#include <cstdint>
#include <string>

#include "cli/server.h"
#include "client/http_client.h"

namespace atlas::cli {

// The formats of results, for CLI::IsMember.
const std::vector<std::string>& format_words();

// What --format and --out ask for: the format given, else that of the file's ending, else NDJSON
// for a name without one. Throws CommandError for an ending that says no format, and for a binary
// format that would go to a terminal.
std::string choose_format(const std::string& format, const std::string& path);

struct Downloaded {
    std::uint64_t bytes = 0;
    client::Response response;  // without its body
};

// Sends the request and writes the body of its response to `path` ("" and "-": stdout). A regular
// file appears under its name when it is whole, and replaces an older one then; until then its
// bytes are in a file beside it, which is removed when something fails. Throws CommandError with
// the server's words, or that the response broke off, or that it cannot be written.
Downloaded download(Api& api, const client::Request& request, const std::string& path);

}  // namespace atlas::cli
