// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/sql_size.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analytics/questions/sql_tree.h"

namespace atlas::analytics {
namespace {

namespace json = boost::json;
using Name = std::string_view;

// Columns of a relation of the contract, at most.
constexpr double kRelationColumns = 32;
// The store's own macros name a parameter so often, at most.
constexpr double kMacroCopies = 3;
// Terms of an AND or OR are compared with each other.
constexpr double kCheapTerms = 500;
constexpr auto kMacros = std::to_array<Name>(
    {"array_to_string", "fmod", "histogram", "nullif", "round_even", "split_part"});

query::Answer<void> too_large(std::string detail) {
    return failure(
        query::Error{.code = query::ErrorCode::sql_not_allowed, .detail = std::move(detail)});
}

// Parts and sources once everything is what it says.
struct Cost {
    double parts = 0;
    double sources = 0;

    Cost& operator+=(Cost other) {
        parts += other.parts;
        sources += other.sources;
        return *this;
    }
    Cost operator*(double times) const { return {parts * times, sources * times}; }
};

class Size {
public:
    explicit Size(const json::value& statement) { fields_ = struct_fields(statement); }

    // A query, or anything that holds some; `width` becomes the number of its columns.
    Cost query(const json::value& value, double& width) {
        width = 1;
        if (!value.is_object()) return {};
        const json::object& object = value.get_object();
        const Name kind = text_of(object, "type");
        if (kind.empty()) return query(part(object, "node"), width);
        const std::size_t outer = tables_.size();
        Cost cost = ctes(object);
        cost.parts += 1;
        if (kind == "SELECT_NODE") {
            cost += select(object, width);
        } else {
            Aliases none;
            double right = 0;
            cost += query(part(object, "left"), width);
            if (kind == "RECURSIVE_CTE_NODE") {
                tables_.emplace_back(lower(text_of(object, "cte_name")), width);
            }
            cost += query(part(object, "right"), right);
            width = std::max(width, right);
            cost += expression(part(object, "modifiers"), none);
        }
        tables_.resize(outer);
        return cost;
    }

    int nested() const { return most_nested_; }

private:
    using Aliases = std::map<std::string, Cost, std::less<>>;

    // The most columns that a star of a struct can become.
    static double struct_fields(const json::value& value) {
        double most = 0;
        if (value.is_array()) {
            most = static_cast<double>(value.get_array().size());
            for (const json::value& item : value.get_array()) {
                most = std::max(most, struct_fields(item));
            }
        } else if (value.is_object()) {
            for (const auto& field : value.get_object()) {
                most = std::max(most, struct_fields(field.value()));
            }
        }
        return most;
    }

    Cost ctes(const json::object& node) {
        Cost cost;
        const json::value& map = part(node, "cte_map");
        if (!map.is_object()) return cost;
        for (const json::value& entry : items(map.get_object(), "map")) {
            if (!entry.is_object()) continue;
            const json::value& value = part(entry.get_object(), "value");
            double width = 0;
            if (value.is_object()) cost += query(part(value.get_object(), "query"), width);
            tables_.emplace_back(lower(text_of(entry.get_object(), "key")), width);
        }
        return cost;
    }

    Cost select(const json::object& node, double& width) {
        double columns = 0;
        Cost cost = from(part(node, "from_table"), columns);
        Aliases aliases;
        width = 0;
        for (const json::value& item : items(node, "select_list")) {
            const int stars = std::exchange(stars_, 0);
            Cost of_item = expression(item, aliases);
            double count = 1;
            if (stars_ > 0) count = std::max({1.0, columns, fields_});
            if (holds_star(item)) count = std::max(1.0, columns);
            stars_ = stars;
            of_item = of_item * count;
            width += count;
            cost += of_item;
            const Name alias = item.is_object() ? text_of(item.get_object(), "alias") : Name{};
            if (!alias.empty()) aliases[lower(alias)] = of_item;
        }
        for (const auto& field : node) {
            if (field.key() == "cte_map" || field.key() == "from_table" ||
                field.key() == "select_list") {
                continue;
            }
            if (field.key() == "group_sets") {
                for (const json::value& set : items(node, "group_sets")) {
                    if (set.is_array())
                        cost.parts += 8 + static_cast<double>(set.get_array().size());
                }
                continue;
            }
            const int stars = std::exchange(stars_, 0);
            Cost of_field = expression(field.value(), aliases);
            if (stars_ > 0) of_field = of_field * std::max({1.0, columns, fields_});
            stars_ = stars;
            cost += of_field;
        }
        return cost;
    }

    // A plain "*" of all that is selected from: it has no fields of a struct.
    static bool holds_star(const json::value& item) {
        return item.is_object() && text_of(item.get_object(), "class") == "STAR" &&
               text_of(item.get_object(), "relation_name").empty() &&
               part(item.get_object(), "expr").is_null();
    }

    Cost from(const json::value& value, double& width) {
        width = 0;
        if (!value.is_object()) return {};
        const json::object& object = value.get_object();
        const Name kind = text_of(object, "type");
        Aliases none;
        if (kind == "EMPTY") return {};
        if (kind == "JOIN") {
            double right = 0;
            Cost cost = from(part(object, "left"), width);
            cost += from(part(object, "right"), right);
            width += right;
            cost += expression(part(object, "condition"), none);
            cost.parts += 1 + static_cast<double>(items(object, "using_columns").size());
            return cost;
        }
        if (kind == "SUBQUERY") {
            Cost cost = query(part(object, "subquery"), width);
            cost.sources = std::max(1.0, cost.sources);
            return cost;
        }
        if (kind == "BASE_TABLE") {
            const std::string name = lower(text_of(object, "table_name"));
            const auto table =
                std::find_if(tables_.rbegin(), tables_.rend(),
                             [&name](const auto& known) { return known.first == name; });
            width = table == tables_.rend() ? kRelationColumns : table->second;
            return {.parts = 1, .sources = 1};
        }
        if (kind == "PIVOT") return pivot(object, width);
        Cost cost{.parts = 1, .sources = 1};
        width = std::max(2.0, fields_);
        for (const auto& field : object) cost += expression(field.value(), none);
        return cost;
    }

    // A column for each choice of one entry of every list, and each aggregate.
    Cost pivot(const json::object& object, double& width) {
        Aliases none;
        Cost cost = from(part(object, "source"), width);
        double columns = std::max(1.0, static_cast<double>(items(object, "aggregates").size()));
        for (const json::value& list : items(object, "pivots")) {
            if (!list.is_object()) continue;
            const json::array& entries = items(list.get_object(), "entries");
            columns *= std::max(1.0, static_cast<double>(entries.size()));
            cost += expression(list, none);
            cost.parts += width + static_cast<double>(entries.size());
        }
        const Cost aggregates = expression(part(object, "aggregates"), none);
        width += columns;
        cost += (aggregates * columns);
        cost.parts += columns;
        return cost;
    }

    Cost expression(const json::value& value, const Aliases& aliases) {
        Cost cost;
        if (value.is_array()) {
            for (const json::value& item : value.get_array()) cost += expression(item, aliases);
            return cost;
        }
        if (!value.is_object()) return cost;
        const json::object& object = value.get_object();
        const Name kind = text_of(object, "class");
        if (object.contains("node") || object.contains("cte_map")) {
            double width = 0;
            return query(value, width);
        }
        if (!kind.empty()) cost.parts = 1;
        if (kind == "CONSTANT") return cost;
        if (kind == "COLUMN_REF") return column(object, aliases);
        if (kind == "STAR") ++stars_;
        if (kind == "CONJUNCTION") {
            const auto terms = static_cast<double>(items(object, "children").size());
            cost.parts += terms * terms / kCheapTerms;
        }
        if (kind == "SUBQUERY") most_nested_ = std::max(most_nested_, ++nested_);
        for (const auto& field : object) cost += expression(field.value(), aliases);
        if (kind == "SUBQUERY") --nested_;
        const bool macro =
            kind == "FUNCTION" &&
            std::ranges::find(kMacros, lower(text_of(object, "function_name"))) != kMacros.end();
        return macro ? cost * kMacroCopies : cost;
    }

    // The store writes what an alias says in its place.
    static Cost column(const json::object& object, const Aliases& aliases) {
        const json::array& names = items(object, "column_names");
        if (names.empty()) return {.parts = 1};
        const auto found = aliases.find(lower(text_of(names[names.size() - 1])));
        return found == aliases.end() || names.size() > 2 ? Cost{.parts = 1} : found->second;
    }

    std::vector<std::pair<std::string, double>> tables_;  // common table expressions: columns
    double fields_ = 0;
    int stars_ = 0;  // in the expression at hand
    int nested_ = 0;
    int most_nested_ = 0;
};

}  // namespace

query::Answer<void> check_size(const json::object& statement) {
    const json::value& node = part(statement, "node");
    Size size(node);
    double width = 0;
    const Cost cost = size.query(node, width);
    if (cost.sources > kMaxSources) {
        return too_large(fmt::format(
            "The FROM clauses of this statement name more than {} relations, common table "
            "expressions, lists of values and functions. Name each relation once, in a WITH "
            "clause that keeps what you need, or send several statements.",
            kMaxSources));
    }
    if (size.nested() > kMaxNested) {
        return too_large(fmt::format(
            "This statement has more than {} queries in expressions of each other. Write them as "
            "joins, or in a WITH clause.",
            kMaxNested));
    }
    if (cost.parts > kMaxParts || cost.parts * cost.sources > kMaxPartsOfSources) {
        return too_large(fmt::format(
            "This statement is too long to be compiled: it may have {} columns, literals, "
            "functions and operators, and {} times the number of relations that it reads; a star "
            "counts its columns, an alias what it names, a pivot its columns. Select the columns "
            "that "
            "you need, write long lists as VALUES, or send several statements.",
            kMaxParts, kMaxPartsOfSources));
    }
    return {};
}

}  // namespace atlas::analytics
