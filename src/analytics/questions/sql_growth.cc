// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/sql_growth.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analytics/questions/sql_guard.h"
#include "analytics/questions/sql_tree.h"

namespace atlas::analytics {
namespace {

namespace json = boost::json;
using Name = std::string_view;

constexpr double kWithoutBound = std::numeric_limits<double>::infinity();
// Copies that one step of a recursion may make: it is only stopped between two steps.
constexpr double kMaxRecursiveCopies = 2;
// Lambdas in each other: their bodies are looked at twice.
constexpr int kMaxLambdas = 4;
// Bytes of a list's item per character of the text that it was split from.
constexpr double kListItemBytes = 16;

// Their result holds each of their arguments.
constexpr auto kJoining =
    std::to_array<Name>({"||", "concat", "concat_ws", "list_concat", "list_zip"});
// The same, and quotes in them may be escaped when the result becomes text.
constexpr auto kNesting =
    std::to_array<Name>({"array_value", "json_array", "json_object", "list_pack", "list_value",
                         "map", "map_from_entries", "row", "struct_pack"});
// One of their arguments may come in at every character of the first.
constexpr auto kReplacing = std::to_array<Name>({"array_to_string", "regexp_replace", "replace"});
constexpr auto kEscaping = std::to_array<Name>({"hex", "json", "regexp_escape", "to_json"});
// Their further arguments are paths into the first, as those of arrows are.
constexpr auto kReading = std::to_array<Name>({"json_exists", "json_extract", "json_extract_path",
                                               "json_extract_path_text", "json_extract_string",
                                               "json_keys", "json_type", "json_value"});
constexpr auto kSplitting =
    std::to_array<Name>({"regexp_extract_all", "regexp_split_to_array", "split", "str_split",
                         "string_split", "string_to_array"});
constexpr auto kApplying = std::to_array<Name>({"list_apply", "list_transform"});
// Aggregates that keep every row's value.
constexpr auto kGathering = std::to_array<Name>(
    {"array_agg", "group_concat", "histogram", "list", "listagg", "string_agg"});
// Written out again, row by row.
constexpr auto kRewriting =
    std::to_array<Name>({"lcase", "lower", "reverse", "strip_accents", "ucase", "upper"});

template <std::size_t size>
bool holds(const std::array<Name, size>& names, Name name) {
    return std::ranges::find(names, name) != names.end();
}

bool builds(Name name) {
    return holds(kJoining, name) || holds(kNesting, name) || holds(kReplacing, name) ||
           holds(kEscaping, name) || holds(kSplitting, name) || holds(kApplying, name) ||
           holds(kRewriting, name);
}

// Bytes of the text literals in an expression.
double literal_bytes(const json::value& value) {
    double bytes = 0;
    if (value.is_array()) {
        for (const json::value& item : value.get_array()) bytes += literal_bytes(item);
    } else if (value.is_object()) {
        const json::object& object = value.get_object();
        if (text_of(object, "class") == "CONSTANT") {
            const json::value& constant = part(object, "value");
            if (!constant.is_object()) return 0;
            return static_cast<double>(text_of(constant.get_object(), "value").size());
        }
        for (const auto& field : object) bytes += literal_bytes(field.value());
    }
    return bytes;
}

// Calls visit(object) for an expression and everything in it.
template <class Visit>
void each_object(const json::value& value, const Visit& visit) {
    if (value.is_array()) {
        for (const json::value& item : value.get_array()) each_object(item, visit);
    } else if (value.is_object()) {
        visit(value.get_object());
        for (const auto& field : value.get_object()) each_object(field.value(), visit);
    }
}

// The paths that an argument names, all of them literals unless `columns`.
struct Paths {
    double count = 0;
    bool columns = false;
    bool calls = false;     // other than a list
    bool descends = false;  // "$..*": into everything below
    bool wild = false;      // "$[*]"
};
Paths paths_of(const json::value& argument) {
    Paths paths;
    each_object(argument, [&paths](const json::object& object) {
        const Name kind = text_of(object, "class");
        if (kind == "COLUMN_REF") paths.columns = true;
        if (kind == "FUNCTION" && lower(text_of(object, "function_name")) != "list_value") {
            paths.calls = true;
        }
        if (kind != "CONSTANT") return;
        ++paths.count;
        const json::value& constant = part(object, "value");
        if (!constant.is_object()) return;
        const Name text = text_of(constant.get_object(), "value");
        paths.descends = paths.descends || text.find("..") != Name::npos;
        paths.wild = paths.wild || text.find('*') != Name::npos;
    });
    return paths;
}

class Growth {
public:
    explicit Growth(Name param_texts) : param_texts_(param_texts) {}

    // The copies that values of a query, or of what it selects from, may hold.
    double of(const json::value& value) {
        if (value.is_array()) {
            double copies = 1;
            for (const json::value& item : value.get_array()) copies *= of(item);
            return copies;
        }
        if (!value.is_object()) return 1;
        const json::object& object = value.get_object();
        const Name kind = text_of(object, "type");
        if (kind == "SELECT_NODE") return select(object);
        double copies = ctes(object);
        if (kind == "SET_OPERATION_NODE") {
            copies *= std::max(of(part(object, "left")), of(part(object, "right")));
        } else if (kind == "RECURSIVE_CTE_NODE") {
            copies *= recursion(object);
        } else {
            for (const auto& field : object) {
                if (field.key() != "cte_map" && field.key() != "modifiers") {
                    copies *= of(field.value());
                }
            }
        }
        // What orders and limits the rows of several queries.
        Level level;
        expression(part(object, "modifiers"), level);
        return copies * level.copies * level.inner;
    }

    double literals() const { return literals_; }
    bool has_parameters() const { return parameters_; }

private:
    // One SELECT: what its expressions make of their inputs.
    struct Level {
        std::map<std::string, double, std::less<>> names;  // of its columns so far
        double copies = 1;                                 // the most that one of them holds
        double inner = 1;                                  // of its subqueries
        bool joined = false;                               // it joins relations
        bool builds = false;
        bool gathers = false;
    };

    double ctes(const json::object& node) {
        double copies = 1;
        const json::value& map = part(node, "cte_map");
        if (!map.is_object()) return copies;
        for (const json::value& entry : items(map.get_object(), "map")) {
            if (entry.is_object()) copies *= of(part(entry.get_object(), "value"));
        }
        return copies;
    }

    double recursion(const json::object& node) {
        const double first = of(part(node, "left"));
        const int built = built_;
        const double step = of(part(node, "right"));
        if (built_ > built) gathered_ = true;
        return step > kMaxRecursiveCopies ? kWithoutBound : first * step;
    }

    double select(const json::object& node) {
        Level level;
        level.inner = ctes(node);
        relations(part(node, "from_table"), level);
        const bool gathered = gathered_;
        spread_ = spread_ || (gathered && level.joined);
        for (const json::value& item : items(node, "select_list")) {
            const double copies = expression(item, level);
            const Name alias =
                item.is_object() ? text_of(item.get_object(), "alias") : std::string_view{};
            if (!alias.empty()) level.names[lower(alias)] = copies;
        }
        for (const auto& field : node) {
            if (field.key() == "cte_map" || field.key() == "from_table" ||
                field.key() == "select_list") {
                continue;
            }
            expression(field.value(), level);
        }
        spread_ = spread_ || (gathered && level.joined);
        if (spread_ && level.builds) return kWithoutBound;
        gathered_ = gathered_ || level.gathers;
        return level.copies * level.inner;
    }

    // What a SELECT reads: subqueries, joins with their conditions, calls of functions.
    void relations(const json::value& from, Level& level) {
        if (!from.is_object()) return;
        const json::object& object = from.get_object();
        const Name kind = text_of(object, "type");
        if (kind == "JOIN") {
            level.joined = true;
            relations(part(object, "left"), level);
            relations(part(object, "right"), level);
            expression(part(object, "condition"), level);
        } else if (kind == "SUBQUERY") {
            level.inner *= of(part(object, "subquery"));
        } else if (kind == "BASE_TABLE" || kind == "EMPTY") {
            return;
        } else {
            if (kind == "TABLE_FUNCTION") level.joined = true;
            for (const auto& field : object) {
                if (field.key() == "source") {
                    relations(field.value(), level);
                } else {
                    expression(field.value(), level);
                }
            }
        }
    }

    // The copies of its largest input that the value of an expression may hold; 0: it has none.
    double expression(const json::value& value, Level& level) {
        if (value.is_array()) return largest(value.get_array(), level);
        if (!value.is_object()) return 0;
        const json::object& object = value.get_object();
        const double copies = visit(object, level);
        level.copies = std::max(level.copies, copies);
        return copies;
    }

    double visit(const json::object& object, Level& level) {
        const Name kind = text_of(object, "class");
        if (kind == "CONSTANT") {
            literals_ += literal_bytes(object);
            return 0;
        }
        if (kind == "COLUMN_REF") return column(object, level);
        if (kind == "PARAMETER") parameters_ = true;
        if (kind == "PARAMETER" || kind == "LAMBDA_REF" || kind == "STAR") {
            return std::max(1.0, fields(object, level));
        }
        if (kind == "POSITIONAL_REFERENCE") return level.copies;
        if (kind == "SUBQUERY") {
            level.inner *= of(part(object, "subquery"));
            spread_ = spread_ || gathered_;
            expression(part(object, "child"), level);
            return 1;
        }
        if (kind == "COMPARISON" || kind == "BETWEEN" || kind == "CONJUNCTION") {
            return compare_fields(object, level);
        }
        if (kind == "OPERATOR" && text_of(object, "type").starts_with("COMPARE")) {
            return compare_fields(object, level);
        }
        if (kind == "WINDOW") {
            const std::string name = lower(text_of(object, "function_name"));
            const double copies = fields(object, level);
            return holds(kGathering, name) ? kWithoutBound : copies;
        }
        if (kind == "FUNCTION") return function(object, level);
        // The parser takes the arrow of JSON for that of a lambda.
        if (kind == "LAMBDA") {
            return read_json(json::array{part(object, "lhs"), part(object, "expr")}, level);
        }
        return fields(object, level);
    }

    double column(const json::object& object, const Level& level) const {
        const json::array& names = items(object, "column_names");
        if (names.size() != 1 || !names[0].is_string()) return 1;
        const std::string name = lower(text_of(names[0]));
        if (const auto lambda = lambdas_.find(name); lambda != lambdas_.end()) {
            return lambda->second;
        }
        if (captured_) return *captured_;
        const auto found = level.names.find(name);
        return found == level.names.end() ? 1 : std::max(1.0, found->second);
    }

    // Of a condition no text comes out, and the literals that it compares with go nowhere.
    void compare(const json::value& value, Level& level) {
        if (value.is_array()) {
            for (const json::value& item : value.get_array()) compare(item, level);
        } else if (value.is_object()) {
            const Name kind = text_of(value.get_object(), "class");
            if (kind != "CONSTANT" && kind != "PARAMETER") expression(value, level);
        }
    }
    double compare_fields(const json::object& object, Level& level) {
        for (const auto& field : object) compare(field.value(), level);
        return 0;
    }

    double fields(const json::object& object, Level& level) {
        double copies = 0;
        for (const auto& field : object) {
            copies = std::max(copies, expression(field.value(), level));
        }
        return copies;
    }

    double largest(const json::array& values, Level& level) {
        double copies = 0;
        for (const json::value& item : values) copies = std::max(copies, expression(item, level));
        return copies;
    }

    double sum(const json::array& values, Level& level) {
        double copies = 0;
        for (const json::value& item : values) copies += expression(item, level);
        return copies;
    }

    double function(const json::object& object, Level& level) {
        const std::string name = lower(text_of(object, "function_name"));
        const json::array& arguments = items(object, "children");
        if (builds(name)) {
            level.builds = true;
            ++built_;
        }
        level.gathers = level.gathers || holds(kGathering, name);
        level.joined = level.joined || name == "unnest";
        for (const auto& field : object) {
            if (field.key() != "children") expression(field.value(), level);
        }
        if (holds(kApplying, name) && arguments.size() == 2) return apply(arguments, level);
        if (name == "list_filter" && arguments.size() == 2 && arguments[1].is_object()) {
            fields(arguments[1].get_object(), level);
            return expression(arguments[0], level);
        }
        if (has_short_result(name)) {
            largest(arguments, level);
            return 0;
        }
        if (name == "concat_ws" && !arguments.empty()) {
            const double between = expression(arguments.front(), level);
            return sum(arguments, level) + between * static_cast<double>(arguments.size());
        }
        if (holds(kJoining, name)) return sum(arguments, level);
        if (holds(kNesting, name)) return 2 * sum(arguments, level);
        if (holds(kReplacing, name)) {
            return replace(arguments, name == "array_to_string" ? 1 : 2, level);
        }
        if (holds(kReading, name) || name.starts_with("->")) return read_json(arguments, level);
        if (holds(kEscaping, name)) return 2 * largest(arguments, level);
        if (holds(kSplitting, name)) {
            return kListItemBytes * std::max(1.0, largest(arguments, level));
        }
        return largest(arguments, level);
    }

    // What replaces, or goes between, is the second or third argument.
    double replace(const json::array& arguments, std::size_t place, Level& level) {
        double copies = 1;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const double argument = expression(arguments[i], level);
            if (i == 0) copies = std::max(1.0, argument);
            if (i == place && argument > 0) return kWithoutBound;
            if (i == place) copies *= std::max(1.0, literal_bytes(arguments[i]));
        }
        return copies;
    }

    // Several paths return several parts, which may overlap. Those that are no literals have no
    // wildcards: the store refuses them.
    double read_json(const json::array& arguments, Level& level) {
        double copies = 1;
        for (std::size_t i = 0; i < arguments.size(); ++i) {
            const double argument = expression(arguments[i], level);
            if (i == 0) {
                copies = std::max(1.0, argument);
                continue;
            }
            const Paths paths = paths_of(arguments[i]);
            const bool parameter = arguments[i].is_object() &&
                                   text_of(arguments[i].get_object(), "class") == "PARAMETER" &&
                                   param_texts_.find("..") != Name::npos;
            if (paths.descends || parameter || (paths.calls && !paths.columns)) {
                return kWithoutBound;
            }
            copies *= std::max(1.0, paths.count) * (paths.wild ? kListItemBytes / 2 : 1);
        }
        return copies;
    }

    // list_transform(list, x -> body): the body comes once per item.
    double apply(const json::array& arguments, Level& level) {
        const double list = std::max(1.0, expression(arguments[0], level));
        const json::object* lambda =
            arguments[1].is_object() ? &arguments[1].get_object() : nullptr;
        if (lambda == nullptr || lambda_depth_ == kMaxLambdas) return kWithoutBound;
        const json::value& body = part(*lambda, "expr");
        const auto outer = lambdas_;
        const auto outer_captured = captured_;
        // What the body takes of the item; and of everything else, of which each item has a copy.
        ++lambda_depth_;
        bind(part(*lambda, "lhs"), 1);
        captured_ = 0;
        const double of_item = expression(body, level);
        bind(part(*lambda, "lhs"), 0);
        captured_ = 1;
        const double of_others = expression(body, level);
        --lambda_depth_;
        lambdas_ = outer;
        captured_ = outer_captured;
        if (of_others > 0) return kWithoutBound;
        return list * std::max(1.0, of_item + literal_bytes(body));
    }

    void bind(const json::value& names, double copies) {
        if (names.is_array()) {
            for (const json::value& name : names.get_array()) bind(name, copies);
        }
        if (!names.is_object()) return;
        const json::object& object = names.get_object();
        for (const json::value& name : items(object, "column_names")) {
            if (name.is_string()) {
                lambdas_[lower(text_of(name))] = copies;
            }
        }
        // Several parameters come as a call of row().
        bind(items(object, "children"), copies);
    }
    void bind(const json::array& names, double copies) {
        for (const json::value& name : names) bind(name, copies);
    }

    const Name param_texts_;
    std::map<std::string, double, std::less<>> lambdas_;  // parameters of those that are open
    std::optional<double> captured_;  // in a lambda: of what is not its parameter
    double literals_ = 0;
    bool parameters_ = false;
    bool gathered_ = false;  // a query before this one gathers texts of many rows,
    bool spread_ = false;    // and one after it repeats them
    int built_ = 0;          // calls that join, replace or write texts
    int lambda_depth_ = 0;
};

}  // namespace

query::Answer<void> check_growth(const json::object& statement, std::string_view param_texts) {
    Growth growth(param_texts);
    const double copies = growth.of(part(statement, "node"));
    double bytes = growth.literals();
    if (growth.has_parameters()) bytes += static_cast<double>(param_texts.size());
    if (copies <= kMaxCopies && copies * bytes <= kMaxBuiltBytes) return {};
    return failure(query::Error{
        .code = query::ErrorCode::sql_not_allowed,
        .detail = fmt::format(
            "This statement can make values much larger than what it reads: joining, replacing and "
            "listing may hold {} copies of an input, and {} bytes of literals and parameters. Join "
            "fewer texts, in fewer nested queries; replace by literals; gather with string_agg() "
            "or list() without a window, and do not build on what was gathered after a join.",
            kMaxCopies, kMaxBuiltBytes)});
}

}  // namespace atlas::analytics
