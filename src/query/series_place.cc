// SPDX-License-Identifier: Apache-2.0
#include "query/series_place.h"

#include <algorithm>

#include "query/page_token.h"

namespace atlas::query {
namespace {

// A token holds from, to, entity, instant and attribute (its id; 0: from the first on). The list
// that "*" means may have grown since.
constexpr std::size_t kNumbers = 5;

std::optional<std::size_t> index_of(const SeriesRequest& request, std::int64_t id) {
    if (id == 0) return 0;
    const auto& all = request.attributes;
    auto found = std::ranges::find_if(all, [id](const auto& a) { return a.id.value == id; });
    if (found == all.end() && !request.everything) return std::nullopt;
    // A reader whose catalog is older than the token continues with the next one it knows.
    if (found == all.end()) {
        found = std::ranges::find_if(all, [id](const auto& a) { return a.id.value > id; });
    }
    return static_cast<std::size_t>(found - all.begin());
}

}  // namespace

Answer<std::optional<SeriesPlace>> read_series_place(SeriesRequest& request) {
    if (request.page_token.empty()) return std::nullopt;
    const auto token = decode_page_token(request.page_token, request.question);
    if (!token || !token->fields.empty() || token->numbers.size() != kNumbers) {
        return failure(invalid_page_token());
    }
    const auto attribute = index_of(request, token->numbers[4]);
    if (!attribute) return failure(invalid_page_token());
    request.from = time_from_micros(token->numbers[0]);
    request.to = time_from_micros(token->numbers[1]);
    return SeriesPlace{.entity = EntityId{token->numbers[2]},
                       .at = time_from_micros(token->numbers[3]),
                       .attribute = *attribute};
}

std::string series_page_token(const SeriesRequest& request, const SeriesPlace& place) {
    const std::int64_t attribute =
        place.attribute == 0 ? 0 : request.attributes[place.attribute].id.value;
    return encode_page_token({.fields = {},
                              .numbers = {to_micros(request.from), to_micros(request.to),
                                          place.entity.value, to_micros(place.at), attribute}},
                             request.question);
}

}  // namespace atlas::query
