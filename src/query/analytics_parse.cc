// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <charconv>

#include "query/analytics_request.h"
#include "query/body_fields.h"

namespace atlas::query {
namespace {

namespace json = boost::json;

constexpr auto kDefaultRange = std::chrono::days{7};

void check_name(BodyFields& fields, const std::string& name) {
    const bool control = std::ranges::any_of(name, [](unsigned char c) { return c < 32; });
    if (name.empty() || name.size() > kMaxColumnNameBytes || control) {
        fields.refuse("name", fmt::format("must have 1 to {} bytes, without control characters",
                                          kMaxColumnNameBytes));
    }
}

Measure read_measure(const json::value& value, std::string path, std::optional<Error>& fault) {
    BodyFields fields(value, std::move(path), {"name", "agg", "attribute"}, fault);
    Measure measure;
    measure.attribute_name = fields.text("attribute");
    const std::string word = fields.text("agg").value_or("");
    if (const auto parsed = parse_measure(word)) {
        measure.kind = parsed->kind;
        measure.percent = parsed->percent;
    } else {
        fields.refuse("agg",
                      "must be one of avg, min, max, sum, count, first, last, median, p1 to p99, "
                      "approx_p1 to approx_p99, count_distinct, count_entities");
    }
    const auto name = fields.text("name");
    if (name) check_name(fields, *name);
    measure.name = name                     ? *name
                   : measure.attribute_name ? word + "_" + *measure.attribute_name
                                            : word;
    return measure;
}

void read_bucket(BodyFields& fields, GroupKey& key) {
    std::optional<TimeZone> zone;
    if (!key.timezone.empty()) {
        zone = TimeZone::find(key.timezone);
        if (!zone) {
            fields.refuse("timezone", "must be a name of the tz database, such as Europe/Berlin");
        }
    }
    key.bucket = BucketStep::parse(key.bucket_text, zone);
    if (!key.bucket) {
        fields.refuse("bucket",
                      "must be a duration above zero such as 10s, 5m or 1h, or days, weeks, months "
                      "or years such as 1d, 1w, 1mo or 1y");
    }
}

void read_field(BodyFields& fields, GroupKey& key, std::string_view field) {
    if (field == "type") {
        key.kind = GroupKey::Kind::entity_type;
    } else if (field == "entity") {
        key.kind = GroupKey::Kind::entity;
    } else if (field == "attribute") {
        key.kind = GroupKey::Kind::attribute_name;
    } else {
        fields.refuse("field", "must be type, entity or attribute");
    }
}

GroupKey read_group(const json::value& value, std::string path, std::optional<Error>& fault) {
    BodyFields fields(value, std::move(path),
                      {"name", "attribute", "as_of", "field", "bucket", "timezone"}, fault);
    GroupKey key;
    const auto attribute = fields.text("attribute");
    const auto field = fields.text("field");
    const auto bucket = fields.text("bucket");
    const auto as_of = fields.text("as_of");
    key.timezone = fields.text("timezone").value_or("");
    if (int{attribute.has_value()} + int{field.has_value()} + int{bucket.has_value()} != 1) {
        fields.refuse("attribute", "or field or bucket must be there, one of the three");
        return key;
    }
    if (as_of && (!attribute || (*as_of != "window" && *as_of != "sample"))) {
        fields.refuse("as_of", "must be window or sample, and goes with attribute only");
    }
    if (!key.timezone.empty() && !bucket) fields.refuse("timezone", "goes with bucket only");
    key.name = attribute ? *attribute : field ? *field : "time";
    if (attribute) {
        key.kind = GroupKey::Kind::attribute;
        key.attribute_name = *attribute;
        key.at_sample = as_of == "sample";
    } else if (field) {
        read_field(fields, key, *field);
    } else {
        key.bucket_text = *bucket;
        read_bucket(fields, key);
    }
    if (const auto name = fields.text("name")) {
        check_name(fields, *name);
        key.name = *name;
    }
    return key;
}

void read_range(BodyFields& fields, AnalyticsRequest& request, Time now) {
    request.to = fields.time("to").value_or(now);
    request.from = fields.time("from").value_or(request.to - kDefaultRange);
    if (request.from >= request.to) fields.refuse("from", "must be before to");
}

template <class Item, class Read>
std::vector<Item> read_items(BodyFields& fields, std::string_view name, std::size_t most, Read read,
                             std::optional<Error>& fault) {
    std::vector<Item> items;
    const auto* array = fields.array(name, most);
    if (array == nullptr) return items;
    for (const json::value& value : *array) {
        items.push_back(read(value, fmt::format("{}[{}]", name, items.size()), fault));
    }
    return items;
}

}  // namespace

std::optional<MeasureWord> parse_measure(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, MeasureKind>, 9> kWords{{
        {"avg", MeasureKind::avg},
        {"min", MeasureKind::min},
        {"max", MeasureKind::max},
        {"sum", MeasureKind::sum},
        {"count", MeasureKind::count},
        {"first", MeasureKind::first},
        {"last", MeasureKind::last},
        {"count_distinct", MeasureKind::count_distinct},
        {"count_entities", MeasureKind::count_entities},
    }};
    for (const auto& [text, kind] : kWords) {
        if (word == text) return MeasureWord{.kind = kind};
    }
    if (word == "median") return MeasureWord{.kind = MeasureKind::percentile, .percent = 50};
    MeasureWord percentile{.kind = MeasureKind::percentile};
    if (word.starts_with("approx_")) {
        percentile.kind = MeasureKind::approx_percentile;
        word.remove_prefix(7);
    }
    if (!word.starts_with('p') || word.size() > 3 || word.starts_with("p0")) return std::nullopt;
    const auto read =
        std::from_chars(word.data() + 1, word.data() + word.size(), percentile.percent);
    if (read.ec != std::errc{} || read.ptr != word.data() + word.size()) return std::nullopt;
    if (percentile.percent < 1) return std::nullopt;
    return percentile;
}

Answer<AnalyticsRequest> parse_analytics(std::string_view text, Time now) {
    const auto body = parse_body(text);
    if (!body) return failure(body.error());
    std::optional<Error> fault;
    BodyFields fields(
        *body, "", {"from", "to", "filter", "measures", "group_by", "having", "order_by", "limit"},
        fault);
    AnalyticsRequest request;
    read_range(fields, request, now);
    request.filter = fields.parsed(parse_filter, "filter");
    request.measures = read_items<Measure>(fields, "measures", kMaxMeasures, read_measure, fault);
    request.groups = read_items<GroupKey>(fields, "group_by", kMaxGroupKeys, read_group, fault);
    request.having = fields.parsed(parse_filter, "having");
    request.order = fields.parsed(parse_order, "order_by");
    request.limit = fields.integer("limit", kDefaultAnalyticsRows, kMaxAnalyticsRows);
    if (request.measures.empty()) fields.refuse("measures", "must name at least one measure");
    if (fault) return failure(std::move(*fault));
    return request;
}

}  // namespace atlas::query
