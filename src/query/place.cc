// SPDX-License-Identifier: Apache-2.0
#include "query/place.h"

#include <fmt/format.h>

#include "query/page_token.h"

namespace atlas::query {

std::string question_of(const ListRequest& request) {
    return fmt::format("entities\n{}\n{}{}", request.tenant.value, canonical(request.order),
                       request.filter_text);
}

Answer<std::optional<Place>> read_place(const ListRequest& request) {
    if (request.page_token.empty()) return std::nullopt;
    auto token = decode_page_token(request.page_token, question_of(request));
    if (!token || token->fields.size() != request.order.size() || token->numbers.size() != 1) {
        return failure(invalid_page_token());
    }
    return Place{.keys = std::move(token->fields), .id = EntityId{token->numbers.front()}};
}

std::string page_token(const ListRequest& request, const Place& last) {
    return encode_page_token({.fields = last.keys, .numbers = {last.id.value}},
                             question_of(request));
}

}  // namespace atlas::query
