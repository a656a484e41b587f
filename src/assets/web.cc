// SPDX-License-Identifier: Apache-2.0
#include "assets/web.h"

#include <algorithm>
#include <span>

namespace atlas::web {
namespace {

struct Row {
    std::string_view path;
    std::string_view content_type;
    std::string_view etag;
    const char* plain;
    const char* gzip;
    const char* end;
};

#include "web_table.inc"

// The last row only keeps the array from being empty.
std::vector<Asset> make_assets() {
    std::vector<Asset> made;
    for (const Row& row : std::span(kRows).first(std::size(kRows) - 1)) {
        made.push_back({.path = row.path,
                        .content_type = row.content_type,
                        .etag = row.etag,
                        .bytes = {row.plain, row.gzip},
                        .gzip = {row.gzip, row.end}});
    }
    return made;
}

}  // namespace

const std::vector<Asset>& assets() {
    static const std::vector<Asset> all = make_assets();
    return all;
}

const Asset* find(std::string_view path) {
    const auto found = std::ranges::lower_bound(assets(), path, {}, &Asset::path);
    return found != assets().end() && found->path == path ? &*found : nullptr;
}

}  // namespace atlas::web
