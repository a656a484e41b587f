// SPDX-License-Identifier: Apache-2.0
//
// Goal: a page of a series is the same, to the byte, whether it is read from aggregates of hours or
// from the values, and says which of the two it was.
// Method: random batches with late points, corrections, nulls and removals, and upkeep between
// them; then random requests, each page compared with a fold of the values, which is what every
// reader makes of them.
#include <gmock/gmock.h>

#include <random>
#include <set>

#include "analytics/questions/test_questions.h"
#include "query/series_fold.h"
#include "query/series_range.h"
#include "testing/rounds.h"

namespace atlas::analytics {
namespace {

using duckdb::test::Digits;
using duckdb::test::TestPoint;
using duckdb::test::TestValue;
using query::Aggregate;
using query::SeriesRequest;
using testing::HasSubstr;

constexpr std::int64_t kHours = 60;  // of history

model::Value value_of(const TestValue& value) {
    model::Value out;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
        out.integer = *number;
    } else if (const auto* real = std::get_if<double>(&value)) {
        out.group = model::Group::doubles;
        out.number = *real + 0.0;  // the store keeps no sign of zero
    } else if (const auto* digits = std::get_if<Digits>(&value)) {
        out.group = model::Group::decimals;
        out.text = digits->text;
    } else if (const auto* text = std::get_if<std::string>(&value)) {
        out.group = model::Group::texts;
        out.text = *text;
    } else {
        out.null = true;
    }
    return out;
}

class SeriesHoursTest : public QuestionsTest {
protected:
    using Observation = std::map<std::int32_t, TestValue>;  // by attribute

    // Writes an observation as the loader does: one that exists is removed and comes whole.
    void observe(Batch& batch, std::int64_t entity, Time at, const Observation& values) {
        auto& known = model_[entity];
        if (known.erase(at) > 0) batch.removed.push_back({kOurs.value, entity, to_micros(at)});
        if (values.empty()) return;
        for (const auto& [attribute, value] : values) {
            duckdb::test::add(batch.points, {kOurs.value, entity, attribute, to_micros(at), value});
        }
        known.emplace(at, values);
    }
    void write(const Batch& batch) {
        const auto done = store_->apply(batch);
        ASSERT_TRUE(done) << done.error().message;
    }
    Batch batch() { return duckdb::test::batch_of({}, ++lsn_); }

    static SeriesRequest request(const char* names, std::vector<Aggregate> aggregates,
                                 const char* step) {
        SeriesRequest request;
        request.tenant = kOurs;
        request.names = query::parse_names(names, "attributes").value();
        request.from = kDay;
        request.to = kDay + std::chrono::hours{kHours};
        request.raw = false;
        request.aggregates = std::move(aggregates);
        if (step != nullptr) request.step = query::BucketStep::parse(step, {});
        request.explain = true;
        request.question = "test";
        return request;
    }

    // The page that the values themselves give.
    query::SeriesPage expected(SeriesRequest request) const {
        EXPECT_TRUE(query::bind(request, *test_catalog(kOurs)));
        const auto resume = query::read_series_place(request).value();
        const query::SeriesRange range(request, resume);
        query::SeriesOutput output(request);
        const auto fold = query::make_fold(request, output, resume);
        std::optional<query::SeriesPlace> place;
        const std::map<std::int64_t, std::string> names{
            {20, "pump-1"}, {21, "pump-2"}, {22, "valve-1"}};
        for (const auto& [id, name] : names) {
            if (request.entity && name != *request.entity) continue;
            const EntityId entity{request.entity ? 0 : id};
            const bool before =
                !request.merged && !request.entity && resume && entity.value < resume->entity.value;
            if (before || place) continue;
            const query::TimeRange read = request.merged ? range.all() : range.of(entity);
            if (!fold_entity(request, read, id, entity, name, *fold)) place = fold->rest();
        }
        if (!place && !fold->end()) place = fold->rest();
        if (!place) place = range.next();
        query::SeriesPage page{.series = output.finish(),
                               .next_page_token = {},
                               .from = request.from,
                               .to = request.to,
                               .plan = {},
                               .snapshot = {}};
        if (place) page.next_page_token = query::series_page_token(request, *place);
        return page;
    }
    bool fold_entity(const SeriesRequest& request, const query::TimeRange& read, std::int64_t id,
                     EntityId entity, const std::string& name, query::SeriesFold& fold) const {
        const auto history = model_.find(id);
        if (history == model_.end()) return true;
        if (!fold.begin_entity(entity, name)) return false;
        std::vector<std::pair<Time, query::RowValues>> rows;
        for (const auto& [at, observation] : history->second) {
            if (at < read.from || at >= read.to) continue;
            query::RowValues values;
            for (std::size_t i = 0; i < request.attributes.size(); ++i) {
                const auto found = observation.find(request.attributes[i].id.value);
                if (found != observation.end()) values.emplace_back(i, value_of(found->second));
            }
            rows.emplace_back(at, std::move(values));
        }
        if (request.descending) std::ranges::reverse(rows);
        return std::ranges::all_of(
            rows, [&fold](const auto& row) { return fold.add(row.first, row.second); });
    }

    // All pages; the source that the last one was read from.
    std::string compare(SeriesRequest request) {
        std::string source;
        for (int pages = 0; pages < 1000; ++pages) {
            const auto wanted = expected(request);
            const auto page = reader_->series(request);
            EXPECT_TRUE(page) << page.error().detail;
            if (!page) return "";
            EXPECT_EQ(page->series, wanted.series) << "page " << pages;
            EXPECT_EQ(page->next_page_token, wanted.next_page_token) << "page " << pages;
            source = page->plan.value_or("").find("rollup") == std::string::npos ? "raw" : "rollup";
            if (wanted.next_page_token.empty() || HasFailure()) return source;
            request.page_token = wanted.next_page_token;
        }
        ADD_FAILURE() << "more than 1000 pages";
        return source;
    }

    std::map<std::int64_t, std::map<Time, Observation>> model_;  // by entity
};

// Goal: what rollups can give is read from them, all else from points, and `plan` says so.
TEST_F(SeriesHoursTest, RollupsWhereTheyTell) {
    Batch first = batch();
    for (int i = 0; i < 300; ++i) {
        observe(first, 20 + i % 3, kDay + std::chrono::minutes{i * 2},
                {{2, i * 0.1}, {3, std::int64_t{i}}, {4, Digits{"0.10"}}, {1, std::string("on")}});
    }
    write(first);
    ASSERT_TRUE(store_->compact());
    ASSERT_NE(duckdb::test::all(*store_, "SELECT count(*) FROM store.hourly"), "0\n");
    const std::vector<Aggregate> simple{Aggregate::avg, Aggregate::sum,   Aggregate::min,
                                        Aggregate::max, Aggregate::count, Aggregate::first,
                                        Aggregate::last};
    EXPECT_EQ(compare(request("pressure,cycles", simple, "1h")), "rollup");
    EXPECT_EQ(compare(request("pressure", {}, "6h")), "rollup");
    EXPECT_EQ(compare(request("pressure", {Aggregate::sum}, nullptr)), "rollup");
    EXPECT_EQ(compare(request("price,status", {Aggregate::count}, "1d")), "rollup");
    EXPECT_EQ(compare(request("pressure", {}, "90m")), "raw");
    EXPECT_EQ(compare(request("pressure", {Aggregate::p95}, "1h")), "raw");
    EXPECT_EQ(compare(request("price", {Aggregate::sum}, "1h")), "raw");
    EXPECT_EQ(compare(request("status", {}, "1h")), "raw");
    SeriesRequest zone = request("pressure", {}, nullptr);
    for (const auto& [name, source] :
         {std::pair{"Europe/Berlin", "rollup"}, std::pair{"Asia/Kolkata", "raw"}}) {
        zone.step = query::BucketStep::parse("1d", TimeZone::find(name));
        EXPECT_EQ(compare(zone), source) << name;
    }
    SeriesRequest brief = request("pressure", {}, "1h");
    brief.from = kDay + std::chrono::minutes{10};
    brief.to = kDay + std::chrono::minutes{80};
    EXPECT_EQ(compare(brief), "raw");
    brief.to = kDay + std::chrono::minutes{130};
    EXPECT_EQ(compare(brief), "rollup");
    const auto page = reader_->series(brief);
    ASSERT_TRUE(page);
    EXPECT_EQ(page->plan.value_or(""), R"({"units":[{"source":"rollup","attributes":1,)"
                                       R"("rollup_from":"2026-11-20T01:00:00.000000Z",)"
                                       R"("rollup_to":"2026-11-20T02:00:00.000000Z"}]})");
    brief.explain = false;
    EXPECT_FALSE(reader_->series(brief)->plan);
}

// Goal: aggregates that do not tell give way to the values: an int that had a fraction, and sums
// with bits too far apart to keep.
TEST_F(SeriesHoursTest, ValuesWhereRollupsDoNotTell) {
    Batch first = batch();
    for (int i = 0; i < 20; ++i) {
        observe(first, 20, kDay + std::chrono::minutes{i},
                {{2, i % 3 == 0   ? 1e200
                     : i % 3 == 1 ? 1.0
                                  : 1e-200},
                 {3, std::int64_t{i}}});
    }
    observe(first, 20, kDay + std::chrono::minutes{90}, {{3, 0.5}, {2, 7.0}});
    write(first);
    ASSERT_TRUE(store_->compact());
    EXPECT_EQ(compare(request("pressure", {Aggregate::avg}, "1h")), "raw");
    EXPECT_EQ(compare(request("pressure", {Aggregate::max, Aggregate::count}, "1h")), "rollup");
    EXPECT_EQ(compare(request("cycles", {Aggregate::max}, "1h")), "raw");
}

class SeriesHoursProperty : public SeriesHoursTest {
protected:
    std::int64_t below(std::int64_t n) {
        return std::uniform_int_distribution<std::int64_t>(0, n - 1)(random_);
    }
    bool chance(int percent) { return below(100) < percent; }

    double real() {
        if (chance(10)) return chance(50) ? 0.0 : -0.0;
        const double number = static_cast<double>(below(2'000'001) - 1'000'000);
        return chance(80) ? number / 1000
                          : std::ldexp(number / 3, static_cast<int>(below(80)) - 40);
    }
    Observation observation() {
        Observation values;
        const auto add = [&](std::int32_t attribute, TestValue value) {
            if (chance(70)) values[attribute] = chance(10) ? TestValue{} : std::move(value);
        };
        add(1, std::string(chance(50) ? "on" : "off"));
        add(2, real());
        add(3, chance(90) ? below(1000) - 500 : INT64_MAX - below(3));
        add(4, Digits{fmt::format("{}.{:02}", below(100), below(100))});
        add(5, below(2));
        add(8, to_micros(kDay) + below(1'000'000'000));
        return values;
    }
    void step() {
        Batch next = batch();
        std::set<std::pair<std::int64_t, Time>> seen;
        for (std::int64_t n = below(150); n > 0; --n) {
            const std::int64_t entity = 20 + below(3);
            const Time at = kDay + Micros{below(kHours * 240) * 15'000'000};
            if (seen.emplace(entity, at).second) {
                observe(next, entity, at, chance(8) ? Observation{} : observation());
            }
        }
        write(next);
        if (chance(40)) ASSERT_TRUE(store_->aggregate_hours());
        if (chance(20)) ASSERT_TRUE(store_->settle_days());
    }
    Time instant() {
        const std::int64_t minutes = below(kHours * 60);
        return kDay + std::chrono::minutes{chance(50) ? minutes : minutes / 60 * 60};
    }
    SeriesRequest any_request() {
        constexpr std::array<const char*, 5> kNames{"pressure", "cycles,pressure", "enabled",
                                                    "since,pressure,price", "*"};
        constexpr std::array<const char*, 7> kSteps{nullptr, "1h", "2h", "7h", "1d", "1w", "30m"};
        std::vector<Aggregate> aggregates;
        for (const Aggregate aggregate :
             {Aggregate::avg, Aggregate::sum, Aggregate::min, Aggregate::max, Aggregate::count,
              Aggregate::first, Aggregate::last}) {
            if (chance(40)) aggregates.push_back(aggregate);
        }
        const std::size_t names = static_cast<std::size_t>(below(kNames.size()));
        if (names >= 2) aggregates = {Aggregate::count};
        if (names == 2) aggregates = {Aggregate::count, Aggregate::first, Aggregate::last};
        SeriesRequest request = this->request(kNames[names], std::move(aggregates),
                                              kSteps[static_cast<std::size_t>(below(7))]);
        if (request.aggregates.empty() && !request.step) request.aggregates = {Aggregate::avg};
        if (chance(20)) {
            request.step = query::BucketStep::parse("1d", TimeZone::find("Europe/Berlin"));
        }
        request.from = instant();
        request.to = request.from + std::chrono::minutes{1 + below(kHours * 60)};
        if (chance(30)) request.entity = "pump-2";
        request.merged = !request.entity && chance(50);
        request.descending = chance(50);
        request.page_size = chance(50) ? 100'000 : static_cast<int>(1 + below(9));
        return request;
    }

    std::mt19937_64 random_{test::seed_or(5)};
};

TEST_F(SeriesHoursProperty, PagesAreThoseOfTheValues) {
    SCOPED_TRACE("ATLAS_SEED=" + std::to_string(test::seed_or(5)));
    std::map<std::string, int> sources;
    for (std::uint64_t round = 0; round < test::rounds_or(12) && !HasFailure(); ++round) {
        for (int i = 0; i < 3; ++i) step();
        for (int i = 0; i < 12 && !HasFailure(); ++i) ++sources[compare(any_request())];
    }
    EXPECT_GT(sources["rollup"], sources["raw"]);
    EXPECT_GT(sources["raw"], 0);
}

}  // namespace
}  // namespace atlas::analytics
