// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <thread>

#include "observe/log.h"
#include "observe/process.h"
#include "observe/rate.h"

namespace atlas::observe {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

TEST(Registry, RendersTheTextFormat) {
    Registry registry;
    Counter points(registry, "atlas_test_points_total", "Points.", {{"protocol", "a\"b\\c\n"}});
    Gauge depth(registry, "atlas_test_queue_length", "Queue.");
    points.add(3);
    depth.set(1.5);
    EXPECT_EQ(registry.render(),
              "# HELP atlas_test_points_total Points.\n"
              "# TYPE atlas_test_points_total counter\n"
              "atlas_test_points_total{protocol=\"a\\\"b\\\\c\\n\"} 3\n"
              "# HELP atlas_test_queue_length Queue.\n"
              "# TYPE atlas_test_queue_length gauge\n"
              "atlas_test_queue_length 1.5\n");
}

TEST(Registry, HistogramBucketsAreCumulativeAndInclusive) {
    Registry registry;
    Histogram latency(registry, "atlas_test_latency_seconds", "Latency.", {{"op", "x"}}, {0.1, 1});
    latency.observe(0.1);
    latency.observe(milliseconds{500});
    latency.observe(7.0);
    const std::string text = registry.render();
    EXPECT_THAT(text, HasSubstr("atlas_test_latency_seconds_bucket{op=\"x\",le=\"0.1\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("atlas_test_latency_seconds_bucket{op=\"x\",le=\"1\"} 2\n"));
    EXPECT_THAT(text, HasSubstr("atlas_test_latency_seconds_bucket{op=\"x\",le=\"+Inf\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("atlas_test_latency_seconds_sum{op=\"x\"} 7.6\n"));
    EXPECT_THAT(text, HasSubstr("atlas_test_latency_seconds_count{op=\"x\"} 3\n"));
    EXPECT_EQ(latency.count(), 3U);
}

TEST(Registry, ListsAMetricAsLongAsItLives) {
    Registry registry;
    {
        const Counter counter(registry, "atlas_test_gone_total", "Gone.");
        EXPECT_THAT(registry.render(), HasSubstr("atlas_test_gone_total 0"));
    }
    EXPECT_EQ(registry.render(), "");
}

TEST(Registry, RefusesNamesThatBreakTheRules) {
    Registry registry;
    const Counter first(registry, "atlas_test_twice_total", "Once.");
    EXPECT_THROW(Counter(registry, "atlas_test_twice_total", "Twice."), std::logic_error);
    EXPECT_THROW(Counter(registry, "atlas_test_points", "No suffix."), std::logic_error);
    EXPECT_THROW(Gauge(registry, "atlas_test_points_total", "A gauge."), std::logic_error);
    EXPECT_THROW(Gauge(registry, "queue_length", "No prefix."), std::logic_error);
    EXPECT_THROW(Gauge(registry, "atlas_test_Queue", "Capitals."), std::logic_error);
}

TEST(Throttle, PassesTheFirstAndThenOnePerInterval) {
    Throttle throttle(seconds{10});
    const auto start = std::chrono::steady_clock::now();
    EXPECT_TRUE(throttle.ask(start).pass);
    EXPECT_FALSE(throttle.ask(start + seconds{1}).pass);
    EXPECT_FALSE(throttle.ask(start + seconds{9}).pass);
    const auto later = throttle.ask(start + seconds{10});
    EXPECT_TRUE(later.pass);
    EXPECT_EQ(later.held_back, 2U);
    EXPECT_EQ(throttle.ask(start + seconds{20}).held_back, 0U);
}

// Goal: what an event counts does not depend on what the log lets through, and no input breaks out
// of its line.
TEST(Event, CountsEveryReportAndWritesOneLine) {
    Registry registry;
    Event event(registry, "atlas_test_failures_total", "Failures.", Level::warning);
    testing::internal::CaptureStderr();
    for (int i = 0; i < 5; ++i) event.report("failed: {}", "a\nb");
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_EQ(event.count(), 5U);
    EXPECT_EQ(std::ranges::count(log, '\n'), 1);
    EXPECT_THAT(log, HasSubstr("warning failed: a\\x0ab"));
}

TEST(Log, DropsLinesBelowItsLevel) {
    testing::internal::CaptureStderr();
    set_log_level(Level::error);
    log_warning("quiet");
    set_log_level(Level::info);
    log_info("loud");
    const std::string log = testing::internal::GetCapturedStderr();
    EXPECT_THAT(log, Not(HasSubstr("quiet")));
    EXPECT_THAT(log, HasSubstr("Z info    loud\n"));
}

TEST(RateMeter, AveragesOverWholeSecondsAndForgets) {
    RateMeter meter;
    const RateMeter::Clock::time_point start{seconds{1000}};
    meter.add(100, start);
    EXPECT_EQ(meter.per_second(start), 0);
    EXPECT_EQ(meter.per_second(start + seconds{1}), 20);
    meter.add(50, start + seconds{8});  // takes the slot of the first
    EXPECT_EQ(meter.per_second(start + seconds{9}), 10);
    EXPECT_EQ(meter.per_second(start + seconds{60}), 0);
}

TEST(ProcessMetrics, ReadsThisProcess) {
    const ProcessUse use = process_use();
    EXPECT_GT(use.resident_bytes, 1U << 20U);
    EXPECT_GT(use.open_fds, 2U);
    EXPECT_GE(use.threads, 1U);
    Registry registry;
    const ProcessMetrics metrics(registry);
    EXPECT_THAT(registry.render(), HasSubstr("atlas_process_cpu_seconds_total "));
}

}  // namespace
}  // namespace atlas::observe
