// SPDX-License-Identifier: Apache-2.0
//
// Random entities with every type of attribute, as plain values, and what the index is told of
// them: for tests that compare it with code that shares nothing but the meaning.
//
// Lifetime   one test's.
// Threading  the test's thread.
#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "index/index_reader.h"
#include "query/test_filter.h"
#include "testing/manual_clock.h"

namespace atlas::index {

inline Time fleet_time(std::int64_t number) {
    return time_from_micros(1'795'255'200'000'000 + number * std::int64_t{1'234'567});
}

inline const std::vector<std::string> kFleetTexts{
    "",     "online", "on",   "standby", "a*b",        "q\"t", "b\\ack", "tab\tnew\nline",
    "Über", "über",   "zoë!", "%_",      "Zebra'; --", "\x01"};

// Numbers in thousandths, with the digits that the current state has.
struct Milli {
    __int128 value;
    std::string digits;
    bool operator==(const Milli&) const = default;
};

struct FleetEntity {
    std::int64_t id = 0;
    std::string name;
    std::string type;
    Time created{};
    Time updated{};
    bool retired = false;
    std::optional<std::string> status = {};
    std::optional<std::string> odd = {};  // "odd name"
    std::optional<std::int64_t> priority = {};
    std::optional<std::int64_t> size = {};  // "größe"
    std::optional<Milli> ratio = {};
    std::optional<Milli> price = {};
    std::optional<bool> enabled = {};
    std::optional<Time> since = {};
    std::optional<std::string> extra = {};  // JSON

    // By name, in the order of jsonb.
    std::vector<std::pair<std::string, std::string>> members() const {
        std::vector<std::pair<std::string, std::string>> all;
        const auto text = [](const std::string& value) {
            std::string json;
            append_json_string(json, value);
            return json;
        };
        if (extra) all.emplace_back("extra", *extra);
        if (price) all.emplace_back("price", price->digits);
        if (ratio) all.emplace_back("ratio", ratio->digits);
        if (since) all.emplace_back("since", text(format_rfc3339(*since)));
        if (status) all.emplace_back("status", text(*status));
        if (enabled) all.emplace_back("enabled", *enabled ? "true" : "false");
        if (size) all.emplace_back("größe", std::to_string(*size));
        if (priority) all.emplace_back("priority", std::to_string(*priority));
        if (odd) all.emplace_back("odd name", text(*odd));
        std::ranges::sort(all, [](const auto& a, const auto& b) {
            return a.first.size() != b.first.size() ? a.first.size() < b.first.size()
                                                    : a.first < b.first;
        });
        return all;
    }
    std::optional<std::string> text_of(std::string_view attribute) const {
        return attribute == "status" ? status : odd;
    }
};

// Hands out random values; some of them often, some hardly twice.
class FleetRandom {
public:
    explicit FleetRandom(std::uint64_t seed) : random_(seed) {}

    std::int64_t pick(std::int64_t size) {
        return std::uniform_int_distribution<std::int64_t>(0, size - 1)(random_);
    }
    const std::string& text() {
        return kFleetTexts[static_cast<std::size_t>(pick(std::ssize(kFleetTexts)))];
    }
    std::int64_t integer() {
        static const std::int64_t kInts[] = {7,
                                             8,
                                             0,
                                             -3,
                                             9007199254740993,
                                             9007199254740992,
                                             9223372036854775807,
                                             -9223372036854775807};
        return pick(3) == 0 ? kInts[pick(8)] : pick(12) - 4;
    }
    Milli milli() {
        static const Milli kNumbers[] = {{7500, "7.50"},   {7500, "7.5"},     {8000, "8"},
                                         {8000, "8.000"},  {-3250, "-3.250"}, {100, "0.1"},
                                         {12500, "12.5"},  {0, "0"},          {0, "0.00"},
                                         {-125, "-0.125"}, {1, "0.001"}};
        return kNumbers[pick(11)];
    }
    // Of a double attribute: the shortest digits.
    Milli double_milli(bool distinct) {
        if (distinct) {
            const std::int64_t thousandths = pick(2'000'000) - 1'000'000;
            return {thousandths, fmt::format("{}", static_cast<double>(thousandths) / 1000)};
        }
        static const Milli kNumbers[] = {{7500, "7.5"},
                                         {8000, "8"},
                                         {-3250, "-3.25"},
                                         {100, "0.1"},
                                         {__int128{9007199254740993} * 1000, "9007199254740993"},
                                         {__int128{9007199254740992} * 1000, "9007199254740992"},
                                         {__int128{9007199254740996} * 1000, "9007199254740996"}};
        return kNumbers[pick(7)];
    }

    FleetEntity entity(std::int64_t id, bool distinct) {
        FleetEntity e{.id = id,
                      .name = text() + "#" + std::to_string(id),
                      .type = pick(2) == 0 ? "on" : "über",
                      .created = fleet_time(pick(50))};
        change(e, distinct);
        return e;
    }
    // New values for all attributes.
    void change(FleetEntity& e, bool distinct) {
        const auto there = [this] { return pick(4) != 0; };
        e.updated = fleet_time(pick(distinct ? 100'000 : 40));
        e.retired = pick(12) == 0;
        e.status = there() ? std::optional(text()) : std::nullopt;
        e.odd = there()
                    ? std::optional(distinct ? text() + std::to_string(pick(1'000'000)) : text())
                    : std::nullopt;
        e.priority = there() ? std::optional(integer()) : std::nullopt;
        e.size = there() ? std::optional(distinct ? pick(1'000'000) - 500'000 : integer())
                         : std::nullopt;
        e.ratio = there() ? std::optional(double_milli(distinct)) : std::nullopt;
        e.price = there() ? std::optional(milli()) : std::nullopt;
        e.enabled = there() ? std::optional(pick(2) == 0) : std::nullopt;
        e.since =
            there() ? std::optional(fleet_time(pick(distinct ? 1'000'000 : 40))) : std::nullopt;
        e.extra = pick(9) == 0 ? std::optional<std::string>("{\"a\": [1, null]}") : std::nullopt;
    }

private:
    std::mt19937_64 random_;
};

// Tells the index of an entity: both rows, as the stream does.
inline void put(LiveIndex& index, const FleetEntity& e, TenantId tenant = kDefaultTenant) {
    index.put(EntityRow{.tenant = tenant,
                        .entity = EntityId{e.id},
                        .external_id = e.name,
                        .type = e.type,
                        .created_at = e.created,
                        .deleted = e.retired});
    std::vector<HotValue> values;
    std::vector<HotInstant> instants;
    const auto members = e.members();
    const auto texts = [&](const std::string& name) {
        if (name == "since") return format_rfc3339(*e.since);
        return name == "status" || name == "odd name" ? *e.text_of(name) : std::string();
    };
    std::vector<std::string> unescaped;
    unescaped.reserve(members.size());
    for (const auto& [name, json] : members) {
        unescaped.push_back(json.front() == '"' ? texts(name) : json);
        values.push_back({.name = name, .json = json, .text = unescaped.back()});
        instants.push_back({.name = name, .at = e.updated});
    }
    index.put(StateRow{.tenant = tenant,
                       .entity = EntityId{e.id},
                       .updated_at = e.updated,
                       .deleted = e.retired,
                       .values = values,
                       .instants = instants});
}

inline Applied end_of(std::uint64_t lsn) {
    return {.position = {.timeline = 1, .lsn = {lsn}}, .as_of = fleet_time(0)};
}

class FleetCatalogs final : public Catalogs {
public:
    model::TenantCatalogPtr find(TenantId) override { return catalog; }
    model::TenantCatalogPtr catalog{new model::TenantCatalog(query::filter_catalog())};
};

// What the database knows of newest observations.
class FleetObservations final : public Observations {
public:
    query::Answer<void> find(TenantId, std::span<Wanted> wanted) override {
        ++asked;
        for (Wanted& one : wanted) {
            if (const auto at = newest.find(one.entity.value); at != newest.end()) {
                one.newest = at->second;
            }
        }
        return {};
    }
    std::map<std::int64_t, Time> newest;
    int asked = 0;
};

// An index, its reader and what that needs.
struct Fleet {
    test::ManualClock clock;
    LiveIndex index{clock};
    FleetCatalogs catalogs;
    FleetObservations observations;
    IndexReader reader{index, catalogs, observations};
};

}  // namespace atlas::index
