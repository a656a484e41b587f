// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a filter, an order and a list of names: an answer or an error, never more; and
// whatever parses compiles.
#include "primary/filter_sql.h"
#include "query/filter.h"
#include "query/order.h"

namespace {

using atlas::model::Attribute;
using atlas::model::Type;

atlas::model::TenantCatalog make_catalog() {
    std::vector<Attribute> attributes;
    const auto add = [&attributes](std::string name, Type type, bool hot) {
        Attribute attribute;
        attribute.id = atlas::AttributeId{static_cast<std::int32_t>(attributes.size() + 1)};
        attribute.name = std::move(name);
        attribute.type = type;
        attribute.hot = hot;
        attributes.push_back(std::move(attribute));
    };
    add("a", Type::string, true);
    add("b", Type::int64, true);
    add("c", Type::float64, true);
    add("d", Type::decimal, true);
    add("e", Type::boolean, true);
    add("f", Type::timestamp, true);
    add("g", Type::json, true);
    add("cold", Type::string, false);
    return {atlas::kDefaultTenant, 1, 1, true, std::move(attributes)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const atlas::model::TenantCatalog catalog = make_catalog();
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    auto filter = atlas::query::parse_filter(text);
    if (filter && atlas::query::bind_filter(*filter, catalog)) {
        for (const auto form :
             {atlas::primary::FilterForm::scan, atlas::primary::FilterForm::index}) {
            atlas::pg::Params params;
            if (atlas::primary::filter_sql(*filter, form, params).empty()) __builtin_trap();
        }
    } else if (!filter && !filter.error().position) {
        __builtin_trap();
    }
    if (auto order = atlas::query::parse_order(text)) {
        static_cast<void>(atlas::query::bind_order(*order, catalog));
    }
    static_cast<void>(atlas::query::parse_names(text, "attributes"));
    return 0;
}
