// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/etag.h"

#include <xxhash.h>

#include <algorithm>

#include "base/base64url.h"

namespace atlas::http {
namespace {

// A validator without the mark of a weak one, in its quotes.
std::string_view opaque(std::string_view etag) {
    return etag.starts_with("W/") ? etag.substr(2) : etag;
}

}  // namespace

std::string etag_of(std::string_view members) {
    XXH128_canonical_t bytes;
    XXH128_canonicalFromHash(&bytes, XXH3_128bits(members.data(), members.size()));
    std::string text;
    for (const unsigned char byte : bytes.digest) text += static_cast<char>(byte);
    return "W/\"" + encode_base64url(text) + "\"";
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
    for (std::string_view rest = if_none_match; !rest.empty();) {
        rest.remove_prefix(std::min(rest.find_first_not_of(" \t,"), rest.size()));
        if (rest.starts_with('*')) return true;
        if (rest.starts_with("W/")) rest.remove_prefix(2);
        const std::size_t end = rest.starts_with('"') ? rest.find('"', 1) : std::string_view::npos;
        if (end == std::string_view::npos) return false;
        if (rest.substr(0, end + 1) == opaque(etag)) return true;
        rest.remove_prefix(end + 1);
    }
    return false;
}

Response conditional(Response response, const std::string& etag, const Request& request) {
    if (response.status != 200) return response;
    response.headers.emplace_back("ETag", etag);
    const std::string* const known = request.header("if-none-match");
    if (known != nullptr && names_etag(*known, etag)) {
        response.status = 304;
        response.body.clear();
    }
    return response;
}

}  // namespace atlas::http
