// SPDX-License-Identifier: Apache-2.0
//
// A catalog with an attribute of every type, and filters as text, for the tests of filters.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>

#include "query/filter.h"

namespace atlas::query {

// "pressure" is the only cold one.
inline model::TenantCatalog filter_catalog() {
    const auto attribute = [](int id, std::string name, model::Type type, bool hot) {
        model::Attribute made;
        made.id = AttributeId{id};
        made.name = std::move(name);
        made.type = type;
        made.hot = hot;
        return made;
    };
    return {kDefaultTenant,
            1,
            1,
            true,
            {attribute(1, "status", model::Type::string, true),
             attribute(2, "priority", model::Type::int64, true),
             attribute(3, "ratio", model::Type::float64, true),
             attribute(4, "price", model::Type::decimal, true),
             attribute(5, "enabled", model::Type::boolean, true),
             attribute(6, "since", model::Type::timestamp, true),
             attribute(7, "extra", model::Type::json, true),
             attribute(8, "pressure", model::Type::float64, false),
             attribute(9, "odd name", model::Type::string, true),
             attribute(10, "type", model::Type::int64, true),
             attribute(11, "größe", model::Type::int64, true)}};
}

// The tree in prefix form, for comparing shapes.
inline std::string shape(const Filter& filter) {
    switch (filter.kind) {
        case Filter::Kind::everything: return "*";
        case Filter::Kind::comparison: {
            const Comparison& c = filter.comparison;
            std::string out = c.name + "/" + std::to_string(static_cast<int>(c.op));
            for (const Literal& v : c.values) out += " " + v.text + (v.prefix ? "*" : "");
            return "[" + out + "]";
        }
        default: break;
    }
    std::string out = filter.kind == Filter::Kind::all_of   ? "(and"
                      : filter.kind == Filter::Kind::any_of ? "(or"
                                                            : "(not";
    for (const Filter& child : filter.children) out += " " + shape(child);
    return out + ")";
}

}  // namespace atlas::query
