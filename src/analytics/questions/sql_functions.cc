// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <string_view>

#include "analytics/questions/sql_guard.h"

namespace atlas::analytics {
namespace {

using Name = std::string_view;

constexpr auto kRelations = std::to_array<Name>({
    "agg_daily_entity_stats",
    "dim_attributes",
    "dim_entities",
    "dim_tenants",
    "fact_current_state",
    "fact_telemetry",
});

constexpr auto kTableFunctions = std::to_array<Name>({"generate_series", "range", "unnest"});

constexpr auto kOperators = std::to_array<Name>({
    "!~~", "!~~*", "%",  "&",  "&&", "**", "+",   "-",   "->>", "/",   "//", "<<", "<@",
    ">>",  "@>",   "^",  "^@", "|",  "||", "~",   "~~",  "~~*", "~~~", "->", "*",
});

constexpr auto kAggregates = std::to_array<Name>({
    "any_value",      "approx_count_distinct",
    "approx_quantile", "arbitrary",
    "arg_max",        "arg_min",
    "argmax",         "argmin",
    "array_agg",      "avg",
    "bit_and",        "bit_or",
    "bit_xor",        "bool_and",
    "bool_or",        "corr",
    "count",          "count_if",
    "count_star",     "countif",
    "covar_pop",      "covar_samp",
    "cume_dist",      "dense_rank",
    "entropy",        "favg",
    "first",          "first_value",
    "fsum",           "group_concat",
    "histogram",      "kahan_sum",
    "kurtosis",       "kurtosis_pop",
    "lag",            "last",
    "last_value",     "lead",
    "list",           "listagg",
    "mad",            "max",
    "max_by",         "mean",
    "median",         "min",
    "min_by",         "mode",
    "nth_value",      "ntile",
    "percent_rank",   "product",
    "quantile",       "quantile_cont",
    "quantile_disc",  "rank",
    "rank_dense",     "regr_avgx",
    "regr_avgy",      "regr_count",
    "regr_intercept", "regr_r2",
    "regr_slope",     "regr_sxx",
    "regr_sxy",       "regr_syy",
    "row_number",     "sem",
    "skewness",       "stddev",
    "stddev_pop",     "stddev_samp",
    "string_agg",     "sum",
    "sumkahan",       "var_pop",
    "var_samp",       "variance",
});

constexpr auto kNumeric = std::to_array<Name>({
    "abs",     "acos",    "add",   "asin",     "atan",     "atan2",  "bit_count", "cbrt",
    "ceil",    "ceiling", "cos",   "cot",      "degrees",  "divide", "even",      "exp",
    "factorial", "fdiv",  "floor", "fmod",     "gcd",      "greatest", "isfinite", "isinf",
    "isnan",   "lcm",     "least", "ln",       "log",      "log10",  "log2",      "mod",
    "multiply", "pi",     "pow",   "power",    "radians",  "round",  "round_even", "sign",
    "signbit", "sin",     "sqrt",  "subtract", "tan",      "trunc",  "width_bucket", "xor",
});

constexpr auto kText = std::to_array<Name>({
    "ascii",         "bit_length",    "char_length",  "character_length",
    "chr",           "concat",        "concat_ws",    "contains",
    "editdist3",     "ends_with",     "format",       "hamming",
    "hash",          "hex",           "ilike_escape", "instr",
    "jaccard",       "lcase",         "left",         "len",
    "length",        "levenshtein",   "like_escape",  "lower",
    "lpad",          "ltrim",         "md5",          "not_ilike_escape",
    "not_like_escape", "octet_length", "ord",         "position",
    "prefix",        "printf",        "regexp_escape", "regexp_extract",
    "regexp_extract_all", "regexp_full_match", "regexp_matches", "regexp_replace",
    "regexp_split_to_array", "repeat", "replace",     "reverse",
    "right",         "rpad",          "rtrim",        "sha256",
    "split",         "split_part",    "starts_with",  "str_split",
    "string_split",  "string_to_array", "strip_accents", "strlen",
    "strpos",        "substr",        "substring",    "suffix",
    "translate",     "trim",          "ucase",        "unhex",
    "unicode",       "upper",
});

constexpr auto kTimes = std::to_array<Name>({
    "age",           "century",       "current_date", "date_add",
    "date_diff",     "date_part",     "date_sub",     "date_trunc",
    "datediff",      "datepart",      "datesub",      "datetrunc",
    "day",           "dayname",       "dayofmonth",   "dayofweek",
    "dayofyear",     "days_in_month", "decade",       "epoch",
    "epoch_ms",      "epoch_ns",      "epoch_us",     "era",
    "get_current_timestamp", "hour",  "isodow",       "isoyear",
    "julian",        "last_day",      "make_date",    "make_time",
    "make_timestamp", "make_timestamp_ms", "make_timestamptz", "microsecond",
    "millennium",    "millisecond",   "minute",       "month",
    "monthname",     "nanosecond",    "now",          "quarter",
    "second",        "strftime",      "strptime",     "time_bucket",
    "timezone",      "timezone_hour", "timezone_minute", "to_centuries",
    "to_days",       "to_decades",    "to_hours",     "to_microseconds",
    "to_millennia",  "to_milliseconds", "to_minutes", "to_months",
    "to_quarters",   "to_seconds",    "to_timestamp", "to_weeks",
    "to_years",      "today",         "try_strptime", "week",
    "weekday",       "weekofyear",    "year",         "yearweek",
});

constexpr auto kNested = std::to_array<Name>({
    "array_contains", "array_distinct", "array_extract", "array_length",
    "array_slice",    "array_sort",     "array_to_string", "array_value",
    "cardinality",    "coalesce",       "constant_or_null", "element_at",
    "flatten",        "generate_series", "if",           "ifnull",
    "json",           "json_array",     "json_array_length", "json_contains",
    "json_exists",    "json_extract",   "json_extract_path", "json_extract_path_text",
    "json_extract_string", "json_keys", "json_object",   "json_structure",
    "json_type",      "json_valid",     "json_value",    "list_apply",
    "list_avg",       "list_concat",    "list_contains", "list_count",
    "list_distinct",  "list_element",   "list_extract",  "list_filter",
    "list_has",       "list_has_all",   "list_has_any",  "list_indexof",
    "list_max",       "list_median",    "list_min",      "list_pack",
    "list_position",  "list_reduce",    "list_reverse",  "list_reverse_sort",
    "list_slice",     "list_sort",      "list_sum",      "list_transform",
    "list_unique",    "list_value",     "list_zip",      "map",
    "map_contains",   "map_entries",    "map_extract",   "map_from_entries",
    "map_keys",       "map_values",     "nullif",        "range",
    "row",            "struct_extract", "struct_extract_at", "struct_pack",
    "to_json",        "typeof",         "unnest",
});

template <std::size_t size>
bool holds(const std::array<Name, size>& names, Name name) {
    return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::span<const std::string_view> public_relations() {
    return kRelations;
}

bool is_public_relation(std::string_view name) {
    return holds(kRelations, name);
}

bool is_allowed_table_function(std::string_view name) {
    return holds(kTableFunctions, name);
}

// A statement has tens of calls, so a walk along the lists costs less than a microsecond each.
bool is_allowed_function(std::string_view name) {
    return holds(kOperators, name) || holds(kAggregates, name) || holds(kNumeric, name) ||
           holds(kText, name) || holds(kTimes, name) || holds(kNested, name);
}

}  // namespace atlas::analytics
