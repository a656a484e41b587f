// SPDX-License-Identifier: Apache-2.0
//
// Request targets: whatever parses has parts that can be written and read back.
#include <cstdlib>

#include "base/base64url.h"
#include "http/server/url.h"

namespace {

void check(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace atlas;
    using namespace atlas::http;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    check(percent_decode(percent_encode(text)) == text);
    check(decode_base64url(encode_base64url(text)) == text);
    if (const auto bytes = decode_base64url(text)) check(encode_base64url(*bytes) == text);

    const auto target = parse_target(text);
    if (!target) return 0;
    std::string again;
    for (const auto& segment : target->segments) again += '/' + percent_encode(segment);
    if (again.empty()) again = "/";
    again += '?';
    for (const auto& [name, value] : target->query) {
        again += percent_encode(name) + '=' + percent_encode(value) + '&';
    }
    const auto second = parse_target(again);
    check(second && second->segments == target->segments && second->query == target->query);
    return 0;
}
