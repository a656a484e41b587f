// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as page_size and page_token of a list of the catalog are refused or read; a token made
// here reads back the same, for its list and tenant alone, and no other text says the same.
#include "http/routes/paging.h"

#include <simdjson.h>

#include <cstdlib>

namespace {

using namespace atlas::http;

void check(bool holds) {
    if (!holds) std::abort();
}

Request with(std::string_view name, std::string_view value) {
    Request request;
    request.tenant = atlas::kDefaultTenant;
    request.query = {{std::string(name), std::string(value)}};
    return request;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const auto page = read_page(with("page_size", text), "attributes")) {
        check(page->size >= 1 && page->size <= kMaxPageSize && page->after.empty());
    }
    const Request sent = with("page_token", text);
    if (const auto page = read_page(sent, "attributes"); page && !text.empty()) {
        check(make_page_token(sent, "attributes", page->after) == text);
    }
    const Request next = with("page_token", make_page_token(sent, "attributes", text));
    const auto page = read_page(next, "attributes");
    const bool is_text =
        simdjson::validate_utf8(text.data(), size) && text.find('\0') == std::string_view::npos;
    check(bool{page} == is_text && (!page || page->after == text));
    check(!read_page(next, "tenants"));
    Request of_another = next;
    of_another.tenant = atlas::TenantId{3};
    check(!read_page(of_another, "attributes"));
    return 0;
}
