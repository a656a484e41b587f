// SPDX-License-Identifier: Apache-2.0
//
// Goal: history is ten minutes at first, nothing is given twice, and a feed that continues after an
// earlier one leaves neither a gap nor a double.
#include "demo/feed.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>
#include <set>
#include <sstream>

namespace atlas::demo {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kSeed = 7;
const Time kNow = *parse_rfc3339("2026-11-21T10:00:00.25Z");

struct Observation {
    Time at;
    boost::json::object attributes;
};
using Observations = std::map<std::string, std::vector<Observation>>;

// Everything that is due, by entity; `declared` counts the reports with declarations.
Observations read(Feed& feed, Time now, int* declared = nullptr) {
    Observations found;
    for (auto report = feed.next(now); !report.ndjson.empty(); report = feed.next(now)) {
        if (declared != nullptr && !report.first_seen.empty()) ++*declared;
        std::size_t points = 0;
        std::size_t lines = 0;
        std::istringstream text(report.ndjson);
        for (std::string line; std::getline(text, line); ++lines) {
            const auto item = boost::json::parse(line).as_object();
            const auto& attributes = item.at("attributes").as_object();
            points += attributes.size();
            found[std::string(item.at("entity").as_string())].push_back(
                {*parse_rfc3339(item.at("at").as_string()), attributes});
        }
        EXPECT_EQ(report.points, points);
        EXPECT_EQ(report.observations, lines);
    }
    return found;
}

TEST(Feed, BeginsWithTenMinutesOfHistory) {
    Feed feed(kSeed);
    int declared = 0;
    const auto found = read(feed, kNow, &declared);
    EXPECT_EQ(declared, 1);
    const Fleet fleet(kSeed);
    ASSERT_EQ(found.size(), fleet.devices().size());
    for (const Device& device : fleet.devices()) {
        const auto& observations = found.at(device.name);
        const auto& first = observations.front();
        EXPECT_GE(first.at, kNow - 601s) << device.name;
        EXPECT_LE(first.at, kNow - 600s + 11s) << device.name;
        EXPECT_TRUE(first.attributes.contains("status")) << device.name;
        EXPECT_TRUE(first.attributes.contains("site")) << device.name;
        EXPECT_LE(observations.back().at, kNow) << device.name;
    }
    const auto& pump = found.at("ham-site");
    EXPECT_EQ(pump.size(), 60U);
}

TEST(Feed, GivesEachSecondOnceAsItComes) {
    Feed feed(kSeed);
    read(feed, kNow);
    EXPECT_TRUE(feed.next(kNow).ndjson.empty());
    EXPECT_TRUE(feed.next(kNow + 500ms).ndjson.empty());
    std::set<Time> times;
    for (int second = 1; second <= 10; ++second) {
        const auto found = read(feed, kNow + std::chrono::seconds(second));
        EXPECT_GT(found.size(), 5U);
        for (const auto& [entity, observations] : found) {
            for (const auto& observation : observations) times.insert(observation.at);
        }
    }
    EXPECT_EQ(times.size(), 10U);
}

void join(Observations& found, const Observations& more) {
    for (const auto& [entity, observations] : more) {
        auto& known = found[entity];
        known.insert(known.end(), observations.begin(), observations.end());
    }
}

// Method: a feed that ran without a pause is what the two together must equal.
TEST(Feed, GoesOnWhereAnEarlierOneStopped) {
    Feed unbroken(kSeed);
    auto expected = read(unbroken, kNow);
    join(expected, read(unbroken, kNow + 200s));
    Feed before(kSeed);
    auto found = read(before, kNow);
    Feed after(kSeed);
    for (const auto& [entity, observations] : found) after.adopt(entity, observations.back().at);
    after.adopt("another-clients-entity", kNow);
    join(found, read(after, kNow + 200s));
    ASSERT_EQ(found.size(), expected.size());
    for (const auto& [entity, observations] : expected) {
        const auto& same = found.at(entity);
        ASSERT_EQ(same.size(), observations.size()) << entity;
        for (std::size_t i = 0; i < same.size(); ++i) {
            EXPECT_EQ(same[i].at, observations[i].at) << entity;
            EXPECT_EQ(same[i].attributes, observations[i].attributes) << entity;
        }
    }
}

TEST(Feed, FillsTenMinutesAtMostAfterALongPause) {
    Feed feed(kSeed);
    feed.adopt("ham-pump-1", kNow - 24h);
    const auto found = read(feed, kNow);
    EXPECT_GE(found.at("ham-pump-1").front().at, kNow - 601s);
    EXPECT_TRUE(found.at("ham-pump-1").front().attributes.contains("site"));
    const auto later = read(feed, kNow + 2h);
    EXPECT_GE(later.at("ham-pump-1").front().at, kNow + 2h - 601s);
    EXPECT_TRUE(later.at("ham-pump-1").front().attributes.contains("site"));
}

}  // namespace
}  // namespace atlas::demo
