// SPDX-License-Identifier: Apache-2.0
#include "query/order.h"

#include <fmt/format.h>

#include <algorithm>

#include "query/filter_lexer.h"

namespace atlas::query {
namespace {

Error invalid_order(std::string detail) {
    return {
        .code = ErrorCode::invalid_order_by, .detail = std::move(detail), .parameter = "order_by"};
}

// A number stays one in page tokens when its attribute becomes double between two pages.
model::Type kind_of(model::Type type) {
    const bool number = type == model::Type::int64 || type == model::Type::decimal;
    return number ? model::Type::float64 : type;
}

Answer<void> bind_key(OrderKey& key, const model::TenantCatalog& catalog) {
    key.field = key.quoted ? Field::attribute : builtin_field(key.name);
    key.type = key.field == Field::type || key.field == Field::entity ? model::Type::string
                                                                      : model::Type::timestamp;
    if (key.field != Field::attribute) return {};
    const model::Attribute* attribute = catalog.find(key.name);
    if (attribute == nullptr) return failure(unknown_attribute(key.name));
    if (!attribute->hot) return failure(attribute_not_hot(key.name));
    if (attribute->type == model::Type::json) {
        return failure(invalid_order(key.name + " is JSON, which has no order."));
    }
    key.type = attribute->type;
    key.other_name = attribute->other_name(key.name);
    return {};
}

}  // namespace

Answer<void> bind_order(Order& order, const model::TenantCatalog& catalog) {
    for (OrderKey& key : order) {
        if (auto bound = bind_key(key, catalog); !bound) return bound;
    }
    return {};
}

Answer<Order> parse_order(std::string_view text) {
    if (!valid_utf8(text)) return failure(invalid_order("order_by is not UTF-8."));
    FilterLexer lexer(text);
    Order order;
    lexer.skip_blanks();
    if (lexer.at_end()) {
        order.push_back({.name = "updated_at", .descending = true});
        return order;
    }
    do {
        lexer.skip_blanks();
        bool quoted = false;
        auto name = lexer.name(quoted);
        if (!name) {
            return failure(
                invalid_order(fmt::format("At character {} of order_by, at {}: expected a field.",
                                          lexer.position(), lexer.here())));
        }
        OrderKey key{.name = std::move(*name), .quoted = quoted};
        lexer.skip_blanks();
        key.descending = lexer.take_word("desc");
        if (!key.descending) lexer.take_word("asc");
        lexer.skip_blanks();
        order.push_back(std::move(key));
    } while (lexer.take(",") && order.size() < kMaxOrderKeys);
    if (lexer.at_end()) return order;
    return failure(invalid_order(fmt::format(
        "At character {} of order_by, at {}: expected asc, desc, a comma or the end, and at most "
        "{} fields.",
        lexer.position(), lexer.here(), kMaxOrderKeys)));
}

std::string canonical(const Order& order) {
    std::string text;
    for (const OrderKey& key : order) {
        text += fmt::format("{}:{}:{}:{}\n", key.name, static_cast<int>(key.field),
                            static_cast<int>(kind_of(key.type)), key.descending);
    }
    return text;
}

Answer<NameList> parse_names(std::string_view text, std::string_view parameter) {
    const auto refuse = [parameter](std::string detail) {
        return failure(parameter_error(std::string(parameter), std::move(detail)));
    };
    if (!valid_utf8(text)) return refuse("The list of names is not UTF-8.");
    FilterLexer lexer(text);
    NameList list;
    do {
        lexer.skip_blanks();
        bool quoted = false;
        if (lexer.take("*")) {
            list.everything = true;
        } else if (auto name = lexer.name(quoted); name && !name->empty()) {
            if (std::ranges::find(list.names, *name) == list.names.end()) {
                list.names.push_back(std::move(*name));
            }
        } else {
            return refuse(fmt::format(
                "At character {} of the list, at {}: expected a name (letters, digits, _ . -; "
                "anything else in backquotes).",
                lexer.position(), lexer.here()));
        }
        lexer.skip_blanks();
    } while (lexer.take(","));
    if (!lexer.at_end()) {
        return refuse(
            fmt::format("At character {} of the list, at {}: expected a comma or the end.",
                        lexer.position(), lexer.here()));
    }
    return list;
}

}  // namespace atlas::query
