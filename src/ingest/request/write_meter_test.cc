// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/write_meter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atlas::ingest {
namespace {

using ::testing::HasSubstr;

// Goal: each outcome counts once, under the protocol of its request and under no other.
TEST(WriteMeter, CountsByProtocol) {
    observe::Registry registry;
    WriteMeter meter(registry);
    meter.record(Format::json, {.accepted = 5, .rejected = 1, .overwritten = 2});
    meter.record(Format::ndjson, {.accepted = 3});
    meter.record(Format::line, {.accepted = 7});
    meter.record(Format::line, {.status = WriteStatus::refused, .rejected = 4});
    meter.record(Format::line, {.status = WriteStatus::busy});
    meter.record(Format::json, {.status = WriteStatus::unavailable});
    EXPECT_EQ(meter.accepted_points(), 15U);
    const std::string rendered = registry.render();
    for (const char* line :
         {"accepted_points_total{protocol=\"json\"} 8\n",
          "accepted_points_total{protocol=\"line\"} 7\n",
          "rejected_points_total{protocol=\"json\"} 1\n",
          "rejected_points_total{protocol=\"line\"} 4\n",
          "overwritten_points_total{protocol=\"json\"} 2\n",
          "overwritten_points_total{protocol=\"line\"} 0\n", "busy_total{protocol=\"json\"} 0\n",
          "busy_total{protocol=\"line\"} 1\n", "unavailable_total{protocol=\"json\"} 1\n",
          "unavailable_total{protocol=\"line\"} 0\n"}) {
        EXPECT_THAT(rendered, HasSubstr(std::string("atlas_write_") + line));
    }
}

}  // namespace
}  // namespace atlas::ingest
