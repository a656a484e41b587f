// SPDX-License-Identifier: Apache-2.0
#include "http/routes/paging.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>

#include "http/routes/query_problem.h"
#include "query/page_token.h"

namespace atlas::http {
namespace {

std::string question_of(const Request& request, std::string_view scope) {
    return fmt::format("{} {}", request.tenant.value, scope);
}

// What a key can be: any client can make a token with a valid checksum.
bool is_text(std::string_view key) {
    return simdjson::validate_utf8(key.data(), key.size()) &&
           key.find('\0') == std::string_view::npos;
}

}  // namespace

query::Answer<int> read_page_size(const Request& request, int fallback, int most) {
    const std::string* text = request.query_value("page_size");
    if (text == nullptr || text->empty()) return fallback;
    long long size = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), size);
    const bool digits = end == text->data() + text->size() && text->front() != '-';
    if (digits && error == std::errc::result_out_of_range) return most;
    if (!digits || error != std::errc{} || size < 1) {
        return failure(query::parameter_error(
            "page_size", fmt::format("page_size must be a number from 1 to {}.", most)));
    }
    return static_cast<int>(std::min<long long>(size, most));
}

Result<Page, Response> read_page(const Request& request, std::string_view scope) {
    const auto size = read_page_size(request, Page{}.size, kMaxPageSize);
    if (!size) return failure(problem(size.error(), request));
    Page page{.size = *size, .after = {}};
    const std::string* text = request.query_value("page_token");
    if (text == nullptr || text->empty()) return page;
    auto token = query::decode_page_token(*text, question_of(request, scope));
    if (!token || token->fields.size() != 1 || !token->fields.front() ||
        !is_text(*token->fields.front())) {
        return failure(problem(query::invalid_page_token(), request));
    }
    page.after = std::move(*token->fields.front());
    return page;
}

std::string make_page_token(const Request& request, std::string_view scope,
                            std::string_view last_key) {
    return query::encode_page_token({.fields = {std::string(last_key)}, .numbers = {}},
                                    question_of(request, scope));
}

}  // namespace atlas::http
