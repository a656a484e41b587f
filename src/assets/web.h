// SPDX-License-Identifier: Apache-2.0
//
// The files of the page, as the build embedded them; none when the page was not built.
//
//     web/ → npm run build → web/dist → build (cmake/Embed.cmake) → [this table] → http
//
// Lifetime   everything returned lives as long as the program.
// Threading  constant data; any thread.
#pragma once

#include <string_view>
#include <vector>

namespace atlas::web {

struct Asset {
    std::string_view path;          // begins with a slash: /index.html
    std::string_view content_type;  // as the header wants it, with charset
    std::string_view etag;          // a strong validator in its quotes; follows the content
    std::string_view bytes;
    std::string_view gzip;  // the same content, compressed
};

// All files, in byte order of their paths.
const std::vector<Asset>& assets();

// The file at exactly this path, or null.
const Asset* find(std::string_view path);

}  // namespace atlas::web
