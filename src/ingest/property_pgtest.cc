// SPDX-License-Identifier: Apache-2.0
//
// Any order, duplication and batching of observations, by any mix of writers, gives the history and
// the current state that a simple oracle gives: per (entity, instant, attribute) the last arrival,
// and per hot attribute the value of the latest instant that has it. Some attributes are new to the
// tenant, some also to the dictionary, and their first value decides their type.
//
// ATLAS_SEED=n repeats a round; ATLAS_ROUNDS=n runs that many instead of some seconds' worth.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "base/json_writer.h"
#include "ingest/test_gateway.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::ingest {
namespace {

using std::chrono::steady_clock;

constexpr auto kTime = std::chrono::seconds{8};
constexpr int kSteps = 40;
constexpr int kEntities = 6;
constexpr std::int64_t kStart = 1'767'225'600'000'000;  // 2026-01-01, microseconds
constexpr std::int64_t kDay = 86'400'000'000;
constexpr std::array<std::int64_t, 9> kInstants = {
    0, 1000, 2000, kDay - 1000, kDay, kDay + 3'000'000, kDay + 4'000'000, 40 * kDay, 41 * kDay};

// A value as JSON sends it and as the view shows it; no text: null.
struct Value {
    std::string json = "null";
    std::optional<std::string> text;
};

struct AttributeCase {
    std::string name;
    std::string type;
    bool declared;
    std::vector<Value> values;
    bool fresh = false;  // the tenant meets it with its first value
};

Value same(std::string text) {
    return {text, text};
}
Value quoted(std::string text) {
    std::string json;
    append_json_string(json, text);
    return {json, text};
}

const std::vector<AttributeCase>& cases() {
    static const std::vector<AttributeCase> all = {
        {"int", "int", true, {same("0"), same("-5"), {"7.0", "7"}, same("9223372036854775807")}},
        {"double",
         "double",
         true,
         {same("0.5"), {"2.0", "2"}, {"1e300", "1e+300"}, same("3"), same("9007199254740993")}},
        {"decimal",
         "decimal",
         true,
         {{"1.50", "1.50"}, quoted("123456789012345678901.25"), {"1e3", "1000"}, same("-0.001")}},
        {"bool", "bool", true, {same("true"), same("false")}},
        {"string", "string", true, {quoted("on"), quoted("off"), quoted(""), quoted("ü \"x\"\\")}},
        {"cold", "string", true, {quoted("a"), quoted("b")}},
        {"time",
         "timestamp",
         true,
         {{"\"2026-01-01T01:00:00+01:00\"", "2026-01-01T00:00:00.000000Z"},
          quoted("1969-12-31T23:59:59.999999Z")}},
        {"json", "json", true, {same("{\"a\": 1}"), same("[1, \"x\"]")}},
        {"widening",
         "int",
         false,
         {same("1"), same("2"), same("0.5"), same("9223372036854775807")}},
        {"text", "string", false, {quoted("x"), quoted("y"), quoted("z")}},
        {"new_text", "string", false, {quoted("u"), quoted("v \\ \"w\"")}, true},
        {"new_flag", "bool", false, {same("true"), same("false")}, true},
        {"new_number", "int", false, {same("1"), same("2"), same("0.5")}, true},
        {"new_json", "json", false, {same("{\"b\": [2]}"), same("[3, null]")}, true},
    };
    return all;
}
std::size_t index_of(std::string_view name) {
    return static_cast<std::size_t>(std::ranges::find(cases(), name, &AttributeCase::name) -
                                    cases().begin());
}
// What is hot without being declared so.
bool starts_hot(const AttributeCase& one) {
    return one.type == "string" || one.type == "bool";
}

struct Arrival {
    int entity = 0;
    std::int64_t at = 0;  // microseconds
    std::size_t attribute = 0;
    Value value;
};
using Arrivals = std::vector<Arrival>;

class Oracle {
public:
    void arrive(const Arrivals& arrivals) {
        for (const Arrival& a : arrivals) {
            values_[{a.entity, a.at, cases()[a.attribute].name}] = a.value;
        }
    }
    std::string history() const {
        std::string out;
        for (const auto& [key, value] : values_) {
            const auto& [entity, at, name] = key;
            out += fmt::format("e{}|{}|{}|{}\n", entity, at, name, value.text.value_or("∅"));
        }
        return out;
    }
    // Per entity a JSON object, its members by name.
    std::vector<std::string> hot(const std::vector<bool>& is_hot) const {
        std::array<std::map<std::string, const Value*>, kEntities> latest;
        for (const auto& [key, value] : values_) {  // ascending by instant
            latest[static_cast<std::size_t>(std::get<0>(key))][std::get<2>(key)] = &value;
        }
        std::vector<std::string> out;
        for (const auto& of_entity : latest) {
            std::string json = "{";
            for (std::size_t i = 0; i < cases().size(); ++i) {
                const auto found = of_entity.find(cases()[i].name);
                if (!is_hot[i] || found == of_entity.end() || !found->second->text) continue;
                if (json.size() > 1) json += ',';
                json +=
                    fmt::format("\"{}\":{}", found->first, hot_json(cases()[i], *found->second));
            }
            out.push_back(json + "}");
        }
        return out;
    }

private:
    static std::string hot_json(const AttributeCase& of, const Value& value) {
        if (of.type == "timestamp") return '"' + *value.text + '"';
        return of.type == "decimal" ? *value.text : value.json;
    }
    std::map<std::tuple<int, std::int64_t, std::string>, Value> values_;
};

// One database, two gateways, and SQL clients.
class World {
public:
    explicit World(std::uint64_t seed) : random_(seed) {
        conninfo_ = test::TestCluster::shared().make_database();
        connection_.emplace(pg::Connection::open(conninfo_, {}).value());
        gateways_[0].emplace(conninfo_);
        gateways_[1].emplace(conninfo_, 1);  // caches eight entities per writer
        for (const AttributeCase& one : cases()) declare(one);
        // Two shards, so that entities meet in them.
        exec(
            "INSERT INTO entities (entity_id, tenant_id, external_id) "
            "SELECT 64 * (n + 1) + n % 2, 2, 'e' || n FROM generate_series(0, 5) n");
    }

    void step() {
        switch (pick(17)) {
            case 0: gateways_.at(static_cast<std::size_t>(pick(2))).emplace(conninfo_, 1); return;
            case 1:
            case 2: return stage();
            case 3: return insert();
            case 4: return upsert();
            case 5:
            case 6: return write_at_once();
            case 7: return retire_and_revive();
            case 8: return pick(4) == 0 ? demote() : reconcile();
            case 9:
            case 10: return write_lines();
            default: return write(pick(2), arrivals(any_entity(), 1 + pick(12)));
        }
    }

    void compare() {
        EXPECT_EQ(text("SELECT entity_id FROM atlas_check_hot_state(0, 0, 100) WHERE diverged"),
                  "");
        EXPECT_EQ(
            text("SELECT e.external_id, (extract(epoch FROM v.observed_at) * 1000000)::bigint,"
                 " a.attribute_name, coalesce(v.value, '∅') FROM entity_values_ts v "
                 "JOIN entities e USING (entity_id) JOIN attributes a USING (attribute_id) "
                 "ORDER BY 1, 2, 3"),
            oracle_.history());
        const pg::Rows flags = exec(
            "SELECT a.attribute_name, coalesce(t.is_hot, a.is_hot) FROM tenant_attributes t "
            "JOIN attributes a USING (attribute_id)");
        for (int row = 0; row < flags.size(); ++row) {
            EXPECT_EQ(flags.boolean(row, 1), is_hot_[index_of(flags.text(row, 0))])
                << flags.text(row, 0);
        }
        const auto hot = oracle_.hot(is_hot_);
        for (std::size_t i = 0; i < hot.size(); ++i) {
            const auto rows = exec(
                "SELECT j.hot_attrs = $2::jsonb, j.hot_attrs, j.hot_at "
                "FROM entity_jsonb j JOIN entities e USING (entity_id) "
                "WHERE e.external_id = $1",
                pg::Params{}.add(fmt::format("e{}", i)).add(hot[i]));
            EXPECT_TRUE(rows.boolean(0, 0)) << "e" << i << " is " << rows.text(0, 1) << " at "
                                            << rows.text(0, 2) << "\nshould be " << hot[i];
        }
        EXPECT_EQ(text("SELECT j.entity_id FROM entity_jsonb j WHERE j.last_day IS DISTINCT FROM "
                       "(SELECT max((o.observed_at AT TIME ZONE 'UTC')::date) FROM observations o "
                       "WHERE o.entity_id = j.entity_id)"),
                  "");
        EXPECT_EQ(text("SELECT o.entity_id, o.observed_at FROM observations o "
                       "LEFT JOIN shapes s USING (shape_id) "
                       "WHERE num_nonnulls(o.shape_id, o.attrs) <> 1 "
                       "OR cardinality(coalesce(o.attrs, s.attrs)) <> "
                       "   coalesce(cardinality(int_values), 0) "
                       " + coalesce(cardinality(double_values), 0) "
                       " + coalesce(cardinality(decimal_values), 0) "
                       " + coalesce(cardinality(text_values), 0)"),
                  "");
    }

private:
    int pick(int below) { return std::uniform_int_distribution<int>(0, below - 1)(random_); }
    int any_entity() { return pick(3) == 0 ? -1 : pick(kEntities); }

    pg::Rows exec(std::string_view sql, const pg::Params& params = {}) {
        auto rows = connection_->exec(sql, params);
        if (!rows) throw std::runtime_error(fmt::format("{}: {}", rows.error().message, sql));
        return std::move(*rows);
    }
    std::string text(std::string_view sql) {
        const pg::Rows rows = exec(sql);
        std::string out;
        for (int row = 0; row < rows.size(); ++row) {
            for (int column = 0; column < rows.columns(); ++column) {
                if (column > 0) out += '|';
                out += rows.text(row, column);
            }
            out += '\n';
        }
        return out;
    }

    void declare(const AttributeCase& one) {
        known_.push_back(!one.fresh);
        const bool dictionary = !one.fresh || pick(2) == 0;
        const bool hot = dictionary ? one.name != "cold" && pick(4) > 0 : starts_hot(one);
        is_hot_.push_back(hot);
        if (dictionary) add_to_dictionary(one, one.fresh && hot);
        if (one.fresh) return;
        exec(
            "INSERT INTO tenant_attributes (tenant_id, attribute_id, type, is_hot, declared) "
            "SELECT 2, attribute_id, $2, $3, $4 FROM attributes WHERE attribute_name = $1",
            pg::Params{}.add(one.name).add(one.type).add(hot).add(one.declared));
    }

    // One that is there stays as it is.
    void add_to_dictionary(const AttributeCase& one, bool hot) {
        exec(
            "INSERT INTO attributes (attribute_name, type, is_hot) VALUES ($1, $2, $3) "
            "ON CONFLICT DO NOTHING",
            pg::Params{}.add(one.name).add(one.type).add(hot));
    }

    // Points about one entity, or, below zero, about any.
    Arrivals arrivals(int entity, int count) {
        Arrivals all;
        for (int i = 0; i < count; ++i) {
            Arrival a;
            a.entity = entity < 0 ? pick(kEntities) : entity;
            a.at = kStart + kInstants[static_cast<std::size_t>(pick(kInstants.size()))];
            a.attribute = static_cast<std::size_t>(pick(static_cast<int>(cases().size())));
            const auto& values = cases()[a.attribute].values;
            // Nothing is stored of a null that comes before the first value.
            const int nulls = known_[a.attribute] ? 1 : 0;
            const auto value =
                static_cast<std::size_t>(pick(static_cast<int>(values.size()) + nulls));
            if (value < values.size()) a.value = values[value];
            all.push_back(a);
            // Some more of the same observation, some repeated.
            if (pick(3) == 0) all.push_back(all[static_cast<std::size_t>(pick(i + 1))]);
        }
        return all;
    }

    // Items of neighbours that share entity and instant, or of one point each.
    std::string body(const Arrivals& all, bool ndjson) {
        std::string out;
        for (std::size_t i = 0; i < all.size();) {
            if (i > 0) out += ndjson ? "\n" : ",";
            std::string attributes;
            const std::size_t first = i;
            do {
                if (i > first) attributes += ", ";
                attributes +=
                    fmt::format("\"{}\": {}", cases()[all[i].attribute].name, all[i].value.json);
                ++i;
            } while (i < all.size() && all[i].entity == all[first].entity &&
                     all[i].at == all[first].at && pick(4) > 0);
            out += fmt::format(R"({{"entity": "e{}", "at": {}, "attributes": {{{}}}}})",
                               all[first].entity, all[first].at / 1000, attributes);
        }
        return ndjson ? out : "[" + out + "]";
    }

    std::future<WriteOutcome> begin_write(int gateway, const Arrivals& all) {
        const bool ndjson = pick(2) == 0;
        return gateways_[static_cast<std::size_t>(gateway)]->begin_write(
            body(all, ndjson), ndjson ? Format::ndjson : Format::json, pick(4) == 0);
    }
    static void check(const WriteOutcome& outcome, const Arrivals& all) {
        std::map<std::tuple<int, std::int64_t, std::size_t>, int> seen;
        for (const Arrival& a : all) ++seen[{a.entity, a.at, a.attribute}];
        EXPECT_EQ(outcome.status, WriteStatus::done) << outcome.detail;
        EXPECT_EQ(outcome.accepted, all.size());
        EXPECT_EQ(outcome.rejected, 0U);
        EXPECT_EQ(outcome.overwritten, all.size() - seen.size());
    }
    void arrived(const Arrivals& all) {
        oracle_.arrive(all);
        for (const Arrival& a : all) {
            if (a.value.text) known_[a.attribute] = true;
        }
    }
    void write(int gateway, const Arrivals& all) {
        check(begin_write(gateway, all).get(), all);
        arrived(all);
    }
    // A line per point, `attribute,entity=… value=…`; it knows no nulls and no JSON.
    void write_lines() {
        Arrivals all = arrivals(any_entity(), 1 + pick(12));
        std::erase_if(all, [](const Arrival& a) {
            return !a.value.text || cases()[a.attribute].type == "json";
        });
        if (all.empty()) return;
        std::string lines;
        for (const Arrival& a : all) {
            const AttributeCase& one = cases()[a.attribute];
            const bool integer = (one.type == "int" || one.type == "double") &&
                                 a.value.json.find_first_of(".e") == std::string::npos;
            lines += fmt::format("{},entity=e{} value={}{} {}\n", one.name, a.entity, a.value.json,
                                 integer ? "i" : "", a.at * 1000);
        }
        const auto gateway = static_cast<std::size_t>(pick(2));
        check(gateways_[gateway]->write(lines, Format::line, pick(4) == 0), all);
        arrived(all);
    }
    // In flight together, each about an entity of its own, so that their order means nothing.
    void write_at_once() {
        std::vector<std::pair<Arrivals, std::future<WriteOutcome>>> flying;
        for (int entity = 0; entity < kEntities; ++entity) {
            Arrivals all = arrivals(entity, 1 + pick(6));
            auto answer = begin_write(pick(2), all);
            flying.emplace_back(std::move(all), std::move(answer));
        }
        for (auto& [all, answer] : flying) {
            check(answer.get(), all);
            arrived(all);
        }
    }

    // The arrivals as rows of EAV, in their order.
    void insert_into(std::string_view relation, const Arrivals& all) {
        std::vector<std::int64_t> entities;
        std::vector<std::string_view> names;
        std::vector<std::optional<std::string_view>> values;
        std::vector<Time> times;
        for (const Arrival& a : all) {
            const AttributeCase& one = cases()[a.attribute];
            if (one.fresh) add_to_dictionary(one, starts_hot(one));
            entities.push_back(64 * (a.entity + 1) + a.entity % 2);
            names.push_back(cases()[a.attribute].name);
            values.push_back(a.value.text);
            times.push_back(time_from_micros(a.at));
        }
        exec(fmt::format("INSERT INTO {} (entity_id, tenant_id, attribute_id, value, ingested_at) "
                         "SELECT v.entity, 2, a.attribute_id, v.value, v.at "
                         "FROM unnest($1::bigint[], $2::text[], $3::text[], $4::timestamptz[]) "
                         "WITH ORDINALITY v (entity, name, value, at, place) "
                         "JOIN attributes a ON a.attribute_name = v.name ORDER BY v.place",
                         relation),
             pg::Params{}.add_int8s(entities).add_texts(names).add_texts(values).add_times(times));
        arrived(all);
    }
    void stage() {
        for (int i = pick(3); i >= 0; --i) {
            insert_into("entity_values_ingest", arrivals(any_entity(), 1 + pick(10)));
        }
        const int limit = 1 + pick(20);
        while (text(fmt::format("SELECT stage_flush({})", limit)) != "0\n") {
        }
        EXPECT_EQ(text("SELECT reason FROM entity_values_rejected"), "");
    }
    void insert() { insert_into("entity_values_ts", arrivals(any_entity(), 1 + pick(10))); }
    // An observation of now, which history tells afterwards.
    void upsert() {
        const std::string value = pick(2) == 0 ? "x" : "y";
        exec("SELECT upsert_hot_attrs(2, 64, jsonb_build_object('text', $1::text))",
             pg::Params{}.add(value));
        const pg::Rows at = exec(
            "SELECT (extract(epoch FROM max(observed_at)) * 1000000)::bigint "
            "FROM observations WHERE entity_id = 64");
        oracle_.arrive({{0, at.int8(0, 0), index_of("text"), quoted(value)}});
    }

    // What a retired entity is sent leaves no trace; its state comes back with it.
    void retire_and_revive() {
        const int entity = pick(kEntities);
        const auto set_deleted = [&](bool deleted) {
            exec("SELECT atlas_set_entity_deleted(2, $1, $2)",
                 pg::Params{}.add(64 * (entity + 1) + entity % 2).add(deleted));
        };
        set_deleted(true);
        const WriteOutcome outcome = begin_write(pick(2), arrivals(entity, 1 + pick(4))).get();
        EXPECT_EQ(outcome.status, WriteStatus::refused);
        EXPECT_EQ(outcome.errors.at(0).code, ItemCode::entity_deleted);
        set_deleted(false);
    }
    // Out of the current state, without telling the gateways: for the tenant, or for all that
    // follow the dictionary, as attributes do that were not declared.
    void demote() {
        const auto i = static_cast<std::size_t>(pick(static_cast<int>(cases().size())));
        const pg::Params name = pg::Params{}.add(cases()[i].name);
        if (cases()[i].fresh) {
            const pg::Rows flipped = exec(
                "UPDATE attributes SET is_hot = false WHERE attribute_name = $1 RETURNING 1", name);
            if (!flipped.empty()) is_hot_[i] = false;
        } else {
            exec("SELECT atlas_set_hot(2, $1, false)", name);
            is_hot_[i] = false;
        }
    }
    // Reconciliation has nothing to do.
    void reconcile() {
        EXPECT_EQ(text("SELECT atlas_mend_hot_state(array_agg(tenant_id), array_agg(entity_id)) "
                       "FROM entities"),
                  "0\n");
    }

    std::mt19937_64 random_;
    std::string conninfo_;
    std::optional<pg::Connection> connection_;
    std::array<std::optional<TestGateway>, 2> gateways_;
    std::vector<bool> is_hot_;
    std::vector<bool> known_;  // to the tenant, with a value
    Oracle oracle_;
};

TEST(IngestProperty, HistoryAndCurrentStateAreThoseOfTheOracle) {
    std::uint64_t seed = test::seed_or(std::random_device{}());
    const std::uint64_t wanted = test::rounds_or(0);
    const auto until = steady_clock::now() + kTime * test::times_longer();
    for (std::uint64_t round = 0; round < wanted || (wanted == 0 && steady_clock::now() < until);
         ++round) {
        SCOPED_TRACE(fmt::format("ATLAS_SEED={} ATLAS_ROUNDS=1", seed));
        World world(seed++);
        for (int i = 0; i < kSteps && !::testing::Test::HasFailure(); ++i) {
            world.step();
            world.compare();
            if (::testing::Test::HasFailure()) std::cerr << "at step " << i << '\n';
        }
        if (::testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace atlas::ingest
