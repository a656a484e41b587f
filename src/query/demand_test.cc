// SPDX-License-Identifier: Apache-2.0
#include "query/demand.h"

#include <gtest/gtest.h>

#include "query/snapshot.h"

namespace atlas::query {
namespace {

using namespace std::chrono_literals;

Demand tightened(Demand demand, Purpose purpose) {
    tighten(demand, purpose, 15min);
    return demand;
}

TEST(Demand, APurposeOnlyTightens) {
    for (const Level level : {Level::strong, Level::session, Level::eventual, Level::analytics}) {
        EXPECT_EQ(tightened({.level = level}, Purpose::alert).level, Level::strong);
        EXPECT_EQ(tightened({.level = level}, Purpose::exporting).level, level);
        EXPECT_EQ(tightened({.level = level}, Purpose::dashboard).level, level);
    }
    EXPECT_EQ(tightened({}, Purpose::alert).max_lag, 0s);
    EXPECT_EQ(tightened({.max_lag = 1h}, Purpose::alert).max_lag, 0s);
    EXPECT_EQ(tightened({}, Purpose::exporting).max_lag, 15min);
    EXPECT_EQ(tightened({.max_lag = 1h}, Purpose::exporting).max_lag, 15min);
    EXPECT_EQ(tightened({.max_lag = 1s}, Purpose::exporting).max_lag, 1s);
    EXPECT_EQ(tightened({}, Purpose::dashboard).max_lag, std::nullopt);
    EXPECT_EQ(tightened({.max_lag = 1h}, Purpose::dashboard).max_lag, 1h);
}

TEST(Demand, PurposesHaveTheWordsOfTheApi) {
    EXPECT_EQ(parse_purpose("alert"), Purpose::alert);
    EXPECT_EQ(parse_purpose("dashboard"), Purpose::dashboard);
    EXPECT_EQ(parse_purpose("export"), Purpose::exporting);
    EXPECT_EQ(parse_purpose(""), std::nullopt);
    EXPECT_EQ(parse_purpose("exporting"), std::nullopt);
}

Snapshot read(std::string source, std::optional<Micros> lag, std::int64_t as_of,
              std::uint64_t lsn) {
    return {.as_of = time_from_micros(as_of),
            .position = {.timeline = 1, .lsn = {lsn}},
            .holds = {.timeline = 1, .lsn = {lsn}},
            .source = std::move(source),
            .lag = lag};
}

TEST(Snapshot, OfSeveralSourcesTheStalestCounts) {
    const Snapshot primary = read("primary", Micros{0}, 100, 9);
    const Snapshot analytics = read("analytics", Micros{30}, 70, 5);
    const Snapshot unknown = read("replica-1", std::nullopt, 80, 7);
    for (const auto& [first, second] : {std::pair(primary, analytics), {analytics, primary}}) {
        Snapshot both = first;
        both.extend(second);
        EXPECT_EQ(both.source, "analytics");
        EXPECT_EQ(both.lag, Micros{30});
        EXPECT_EQ(both.as_of, time_from_micros(70));
        EXPECT_EQ(both.position.lsn.value, 9U);
        EXPECT_EQ(both.holds.lsn.value, 5U);
    }
    for (const auto& [first, second] : {std::pair(unknown, analytics), {analytics, unknown}}) {
        Snapshot both = first;
        both.extend(second);
        EXPECT_EQ(both.source, "replica-1");
        EXPECT_EQ(both.lag, std::nullopt);
    }
    Snapshot empty;
    empty.extend(unknown);
    EXPECT_EQ(empty.source, "replica-1");
    EXPECT_EQ(empty.as_of, time_from_micros(80));
}

}  // namespace
}  // namespace atlas::query
