// SPDX-License-Identifier: Apache-2.0
//
// Random filters and orders over test_fleet.h, each with what it means in a few lines of C++ that
// share nothing with the index.
//
// Lifetime   one test's.
// Threading  the test's thread.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <vector>

#include "index/test_fleet.h"

namespace atlas::index {

struct FleetFilter {
    std::string text;
    std::function<bool(const FleetEntity&)> truth;
};

class FleetFilters {
public:
    explicit FleetFilters(std::uint64_t seed) : random_(seed) {}

    FleetFilter filter(int depth) {
        switch (depth == 0 ? 0 : random_.pick(5)) {
            case 1: return negation(filter(depth - 1));
            case 2: return join(depth, true);
            case 3: return join(depth, false);
            default: return leaf();
        }
    }

private:
    using Entity = const FleetEntity&;

    static bool holds(std::strong_ordering order, std::int64_t op) {
        switch (op) {
            case 0: return order == 0;
            case 1: return order != 0;
            case 2: return order < 0;
            case 3: return order <= 0;
            case 4: return order > 0;
            default: return order >= 0;
        }
    }
    static constexpr const char* kOps[] = {"=", "!=", "<", "<=", ">", ">="};

    FleetFilter negation(const FleetFilter& inner) {
        return {(random_.pick(2) == 0 ? "NOT (" : "-(") + inner.text + ")",
                [truth = inner.truth](Entity e) { return !truth(e); }};
    }

    FleetFilter join(int depth, bool all) {
        std::vector<std::function<bool(Entity)>> truths;
        std::string text;
        const auto count = 2 + random_.pick(3);
        for (std::int64_t i = 0; i < count; ++i) {
            FleetFilter inner = filter(depth - 1);
            if (i > 0) text += all ? " AND " : " OR ";
            text += "(" + inner.text + ")";
            truths.push_back(std::move(inner.truth));
        }
        return {text, [truths, all](Entity e) {
                    for (const auto& truth : truths) {
                        if (truth(e) != all) return !all;
                    }
                    return all;
                }};
    }

    // Numbers in thousandths.
    FleetFilter number(const std::string& name,
                       const std::function<std::optional<__int128>(Entity)>& get) {
        static const std::pair<const char*, __int128> kNumbers[] = {
            {"7", 7000},
            {"7.5", 7500},
            {"-3.25", -3250},
            {"8.00", 8000},
            {"8e0", 8000},
            {"0.1", 100},
            {"0", 0},
            {"-0", 0},
            {"12.5", 12500},
            {"-999999.5", -999'999'500},
            {"250000", 250'000'000},
            {"1e30", __int128{1000} * 1'000'000'000'000'000 * 1'000'000'000'000'000},
            {"9223372036854775807", __int128{9223372036854775807} * 1000},
            {"-9223372036854775808.5", -__int128{9223372036854775807} * 1000 - 1500},
            {"9007199254740993", __int128{9007199254740993} * 1000},
            {"9007199254740992", __int128{9007199254740992} * 1000}};
        const auto& [digits, scaled] = kNumbers[random_.pick(16)];
        // Beyond the ints that doubles hold, those of a double attribute compare as doubles.
        const auto nearest = [name](__int128 value) {
            const bool wide = name == "ratio" && (value > __int128{1} << 60U);
            if (!wide) return value;
            return static_cast<__int128>(static_cast<double>(value / 1000)) * 1000;
        };
        const std::int64_t op = random_.pick(6);
        return {fmt::format("{} {} {}", name, kOps[op], digits),
                [get, op, nearest, wanted = nearest(scaled)](Entity e) {
                    const auto value = get(e);
                    return value && holds(nearest(*value) <=> wanted, op);
                }};
    }

    static std::string quoted(std::string_view text, bool prefix) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\' || c == '*') out += '\\';
            if (c == '\n') {
                out += "\\n";
            } else if (c == '\t') {
                out += "\\t";
            } else if (c == '\x01') {
                out += "\\u0001";
            } else {
                out += c;
            }
        }
        return out + (prefix ? "*\"" : "\"");
    }

    FleetFilter text(const std::string& name,
                     const std::function<std::optional<std::string>(Entity)>& get,
                     const std::string& wanted) {
        const bool prefix = random_.pick(3) == 0;
        const std::int64_t op = random_.pick(prefix ? 2 : 6);
        return {fmt::format("{} {} {}", name, kOps[op], quoted(wanted, prefix)),
                [get, op, wanted, prefix](Entity e) {
                    const auto value = get(e);
                    if (!value) return false;
                    if (prefix) return value->starts_with(wanted) == (op == 0);
                    return holds(std::string_view(*value) <=> wanted, op);
                }};
    }

    FleetFilter list() {
        std::vector<std::string> wanted;
        std::string text = "status : (";
        const auto count = 2 + random_.pick(6);
        for (std::int64_t i = 0; i < count; ++i) {
            wanted.push_back(random_.text());
            text += (i > 0 ? " OR " : "") + quoted(wanted.back(), false);
        }
        const std::string prefix = random_.text();
        const bool with_prefix = random_.pick(2) == 0;
        if (with_prefix) text += " OR " + quoted(prefix, true);
        return {text + ")", [wanted, prefix, with_prefix](Entity e) {
                    if (!e.status) return false;
                    return std::ranges::find(wanted, *e.status) != wanted.end() ||
                           (with_prefix && e.status->starts_with(prefix));
                }};
    }

    FleetFilter numbers() {
        std::vector<std::int64_t> wanted;
        std::string text = "priority = (";
        for (int i = 0; i < 3; ++i) {
            wanted.push_back(random_.integer());
            text += (i > 0 ? " OR " : "") + std::to_string(wanted.back());
        }
        return {text + ")", [wanted](Entity e) {
                    return e.priority && std::ranges::find(wanted, *e.priority) != wanted.end();
                }};
    }

    FleetFilter time(const std::string& name, const std::function<std::optional<Time>(Entity)>& get,
                     std::int64_t range) {
        const Time wanted = fleet_time(random_.pick(range));
        const std::int64_t op = random_.pick(6);
        return {fmt::format("{} {} \"{}\"", name, kOps[op], format_rfc3339(wanted)),
                [get, op, wanted](Entity e) {
                    const auto value = get(e);
                    return value && holds(*value <=> wanted, op);
                }};
    }

    FleetFilter present() {
        switch (random_.pick(4)) {
            case 0: return {"extra:*", [](Entity e) { return e.extra.has_value(); }};
            case 1: return {"`odd name` : *", [](Entity e) { return e.odd.has_value(); }};
            case 2: return {"ratio:*", [](Entity e) { return e.ratio.has_value(); }};
            default: return {"`type` : *", [](Entity) { return false; }};
        }
    }

    FleetFilter boolean() {
        const bool wanted = random_.pick(2) == 0;
        const bool equal = random_.pick(2) == 0;
        return {fmt::format("enabled {} {}", equal ? "=" : "!=", wanted),
                [wanted, equal](Entity e) { return e.enabled && (*e.enabled == wanted) == equal; }};
    }

    std::string some_name() { return random_.text() + "#" + std::to_string(random_.pick(300)); }

    static std::optional<__int128> milli(const std::optional<std::int64_t>& value) {
        return value ? std::optional(__int128{*value} * 1000) : std::nullopt;
    }
    static std::optional<__int128> milli(const std::optional<Milli>& value) {
        return value ? std::optional(value->value) : std::nullopt;
    }

    FleetFilter leaf() {
        switch (random_.pick(14)) {
            case 0: return text("status", [](Entity e) { return e.status; }, random_.text());
            case 1: return list();
            case 2: return number("priority", [](Entity e) { return milli(e.priority); });
            case 3: return number("price", [](Entity e) { return milli(e.price); });
            case 4: return number("ratio", [](Entity e) { return milli(e.ratio); });
            case 5: return number("größe", [](Entity e) { return milli(e.size); });
            case 6: return boolean();
            case 7: return time("since", [](Entity e) { return e.since; }, 1'000'000);
            case 8: return present();
            case 9:
                return text("entity", [](Entity e) { return std::optional(e.name); }, some_name());
            case 10:
                return text(
                    "type", [](Entity e) { return std::optional(e.type); },
                    random_.pick(2) == 0 ? "on" : "über");
            case 11: return numbers();
            case 12:
                return text(
                    "`odd name`", [](Entity e) { return e.odd; },
                    random_.text() + (random_.pick(2) == 0 ? "" : "5"));
            default: break;
        }
        if (random_.pick(2) == 0) {
            return time("created_at", [](Entity e) { return std::optional(e.created); }, 50);
        }
        return time("updated_at", [](Entity e) { return std::optional(e.updated); }, 100'000);
    }

    FleetRandom random_;
};

// By a key: negative, zero, positive.
using FleetKey = std::function<int(const FleetEntity&, const FleetEntity&)>;

struct FleetOrder {
    std::string text;
    std::vector<FleetKey> keys;
    bool ids_descend = false;

    bool operator()(const FleetEntity& a, const FleetEntity& b) const {
        for (const FleetKey& key : keys) {
            if (const int order = key(a, b); order != 0) return order < 0;
        }
        return ids_descend ? a.id > b.id : a.id < b.id;
    }
};

class FleetOrders {
public:
    explicit FleetOrders(std::uint64_t seed) : random_(seed) {}

    FleetOrder order() {
        const std::int64_t count = random_.pick(6) == 0 ? 0 : 1 + random_.pick(3);
        if (count == 0) return {"", {key("updated_at", true)}};
        FleetOrder order;
        for (std::int64_t i = 0; i < count; ++i) {
            static const char* const kNames[] = {"updated_at", "created_at", "entity",   "type",
                                                 "status",     "`odd name`", "priority", "größe",
                                                 "price",      "ratio",      "enabled",  "since"};
            const std::string name = kNames[random_.pick(12)];
            const bool down = random_.pick(2) == 0;
            order.text += (i > 0 ? ", " : "") + name + (down ? " desc" : "");
            order.keys.push_back(key(name, down));
            order.ids_descend = count == 1 && name == "updated_at" && !down;
        }
        return order;
    }

private:
    // Absent values come last in either direction.
    template <class Get>
    static FleetKey by(Get get, bool down) {
        return [get, down](const FleetEntity& a, const FleetEntity& b) {
            const auto x = get(a);
            const auto y = get(b);
            if (!x || !y) return (y ? 1 : 0) - (x ? 1 : 0);
            const int order = *x < *y ? -1 : *y < *x ? 1 : 0;
            return down ? -order : order;
        };
    }

    static double nearest(const Milli& milli) {
        const bool whole = milli.value % 1000 == 0;
        return whole ? static_cast<double>(milli.value / 1000)
                     : static_cast<double>(milli.value) / 1000;
    }

    static FleetKey key(const std::string& name, bool down) {
        using Entity = const FleetEntity&;
        const auto milli = [](const std::optional<Milli>& value) {
            return value ? std::optional(value->value) : std::nullopt;
        };
        if (name == "updated_at")
            return by([](Entity e) { return std::optional(e.updated); }, down);
        if (name == "created_at")
            return by([](Entity e) { return std::optional(e.created); }, down);
        if (name == "entity") return by([](Entity e) { return std::optional(e.name); }, down);
        if (name == "type") return by([](Entity e) { return std::optional(e.type); }, down);
        if (name == "status") return by([](Entity e) { return e.status; }, down);
        if (name == "`odd name`") return by([](Entity e) { return e.odd; }, down);
        if (name == "priority") return by([](Entity e) { return e.priority; }, down);
        if (name == "größe") return by([](Entity e) { return e.size; }, down);
        if (name == "price") return by([=](Entity e) { return milli(e.price); }, down);
        if (name == "ratio") {
            return by(
                [](Entity e) { return e.ratio ? std::optional(nearest(*e.ratio)) : std::nullopt; },
                down);
        }
        if (name == "enabled") return by([](Entity e) { return e.enabled; }, down);
        return by([](Entity e) { return e.since; }, down);
    }

    FleetRandom random_;
};

}  // namespace atlas::index
