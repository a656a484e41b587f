// SPDX-License-Identifier: Apache-2.0
#include "primary/keyset_sql.h"

#include <fmt/format.h>

#include "primary/filter_sql.h"

namespace atlas::primary {
namespace {

using model::Type;

// Keys travel in page tokens, and those in the head of a request: four of them at 4 bytes a
// character must leave room for the filter.
constexpr int kSortedCharacters = 256;

bool always_present(const query::OrderKey& key) {
    return key.field != query::Field::attribute;
}

bool as_json(const query::OrderKey& key) {
    return key.field == query::Field::attribute && key.type != Type::string &&
           key.type != Type::timestamp;
}

// Ints that a double attribute holds, though no double does, are ordered as doubles.
bool as_double(const query::OrderKey& key) {
    return key.field == query::Field::attribute && key.type == Type::float64;
}

std::string value_sql(const query::OrderKey& key, const std::string& text, pg::Params& params) {
    params.add(std::string_view(text));
    const std::string value = params.placeholder();
    if (as_double(key)) return value + "::float8";
    if (as_json(key)) return value + "::jsonb";
    if (key.field == query::Field::created_at || key.field == query::Field::updated_at) {
        return value + "::timestamptz";
    }
    return value + R"(::text COLLATE "C")";
}

}  // namespace

bool ties_descend(const query::Order& order) {
    return order.size() == 1 && order.front().field == query::Field::updated_at &&
           !order.front().descending;
}

std::string key_sql(const query::OrderKey& key, pg::Params& params) {
    switch (key.field) {
        case query::Field::entity: return R"(e.external_id COLLATE "C")";
        case query::Field::type: return R"((e.entity_type::text COLLATE "C"))";
        case query::Field::created_at: return "e.created_at";
        case query::Field::updated_at: return "h.updated_at";
        case query::Field::attribute: break;
    }
    const std::string state = state_sql(key.name, key.other_name, params);
    params.add(key.name);
    const std::string name = params.placeholder() + "::text";
    if (as_double(key)) return nearest_double_sql(state + "->" + name);
    if (as_json(key)) return fmt::format("({}->{})", state, name);
    if (key.type == Type::timestamp) return fmt::format(R"(({}->>{} COLLATE "C"))", state, name);
    return fmt::format(R"((left({}->>{}, {}) COLLATE "C"))", state, name, kSortedCharacters);
}

std::string order_by_columns(const query::Order& order, std::string_view rows) {
    std::string sql;
    for (std::size_t i = 0; i < order.size(); ++i) {
        sql += fmt::format("{}.k{}{}{}, ", rows, i, order[i].descending ? " DESC" : "",
                           always_present(order[i]) ? "" : " NULLS LAST");
    }
    return fmt::format("{}{}.entity_id{}", sql, rows, ties_descend(order) ? " DESC" : "");
}

std::string after_sql(const query::Order& order, const query::Place& place, pg::Params& params) {
    std::string equal = "true";  // on all keys before this one
    std::string any;
    std::string bound;  // what the first key alone says, for the index
    for (std::size_t i = 0; i < order.size(); ++i) {
        const query::OrderKey& key = order[i];
        const std::string column = key_sql(key, params);
        if (!place.keys[i]) {
            // Nothing comes after an absent value, except ties.
            equal += fmt::format(" AND {} IS NULL", column);
            continue;
        }
        const std::string value = value_sql(key, *place.keys[i], params);
        const std::string_view beyond = key.descending ? "<" : ">";
        const std::string absent = always_present(key) ? "" : " OR " + column + " IS NULL";
        any += fmt::format("({} AND ({} {} {}{})) OR ", equal, column, beyond, value, absent);
        if (i == 0) bound = fmt::format("({} {}= {}{}) AND ", column, beyond, value, absent);
        equal += fmt::format(" AND {} = {}", column, value);
    }
    params.add(place.id.value);
    return fmt::format("{}({}({} AND h.entity_id {} {}::bigint))", bound, any, equal,
                       ties_descend(order) ? "<" : ">", params.placeholder());
}

}  // namespace atlas::primary
