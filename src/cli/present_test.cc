// SPDX-License-Identifier: Apache-2.0
#include "cli/present.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "cli/server.h"

namespace atlas::cli {
namespace {

TEST(Present, NumbersAndUnits) {
    EXPECT_EQ(with_thousands("1234567"), "1,234,567");
    EXPECT_EQ(with_thousands("-1000.12345"), "-1,000.12345");
    EXPECT_EQ(with_thousands("999"), "999");
    EXPECT_EQ(with_unit(1536, "bytes"), "1.50 KiB");
    EXPECT_EQ(with_unit(512, "bytes"), "512 B");
    EXPECT_EQ(with_unit(12'345'678, "bytes/s"), "12.3 MB/s");
    EXPECT_EQ(with_unit(42.04, "percent"), "42.0 %");
    EXPECT_EQ(with_unit(7300, "seconds"), "2.0 h");
    EXPECT_EQ(with_unit(4.2, "bar"), "4.2 bar");
}

TEST(Present, TimesAreRelativeInATerminalOnly) {
    const Time at = *parse_rfc3339("2026-11-21T10:00:00Z");
    EXPECT_EQ(relative_time(at - std::chrono::seconds{2}, at), "2 s ago");
    EXPECT_EQ(relative_time(at + std::chrono::minutes{5}, at), "in 5 min");
    EXPECT_EQ(relative_time(at - std::chrono::hours{72}, at), "3 d ago");
    Terminal terminal;
    EXPECT_EQ(show_time("2026-11-21T09:59:00Z", terminal, at), "2026-11-21T09:59:00Z");
    terminal.is_terminal = true;
    EXPECT_EQ(show_time("2026-11-21T09:59:00Z", terminal, at), "60 s ago");
}

TEST(Present, TablesLineUpAndLeaveOutWhatDoesNotFit) {
    Table table({{"entity"}, {"load", true}, {"note"}});
    table.add({"pümp", "1", "x"});
    table.add({"b", "1,000", "long note"});
    EXPECT_EQ(table.text({}),
              "entity   load  note\n"
              "pümp        1  x\n"
              "b       1,000  long note\n");
    Terminal narrow{true, false, 15};
    std::size_t left_out = 0;
    EXPECT_EQ(table.text(narrow, &left_out),
              "entity   load\n"
              "pümp        1\n"
              "b       1,000\n");
    EXPECT_EQ(left_out, 1U);
}

TEST(Present, NothingSteersTheTerminal) {
    EXPECT_EQ(harmless("a\x1b[31mb\n"), "a\xEF\xBF\xBD[31mb\xEF\xBF\xBD");
}

TEST(Present, FractionsHaveNoExponentInsideJsonEither) {
    EXPECT_EQ(show_value(boost::json::parse(R"({"a":[4.5,-1,null],"b":{"c":"x\ny"}})")),
              R"({"a":[4.5,-1,null],"b":{"c":"x\ny"}})");
    EXPECT_EQ(show_value(boost::json::parse("4.5")), "4.5");
}

TEST(Present, SparklinesSpanTheirRange) {
    EXPECT_EQ(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 8), "▁▂▃▄▅▆▇█");
    EXPECT_EQ(sparkline({5, 5, 5}, 8), "▁▁▁");
    EXPECT_EQ(sparkline({0, 0, 8, 8}, 2), "▁█");
    EXPECT_EQ(sparkline({}, 8), "");
}

TEST(Server, NamesAreQuotedWhereTheyNeedIt) {
    EXPECT_EQ(quote_name("cpu_usage.percent-1"), "cpu_usage.percent-1");
    EXPECT_EQ(quote_name("größe"), "größe");
    EXPECT_EQ(quote_name("Host Power"), "`Host Power`");
    EXPECT_EQ(quote_name("a`b"), "`a``b`");
}

TEST(Server, ItemsKeepEveryDigit) {
    const auto items =
        raw_items(R"({"entities":[{"v":0.12345678901234567890},{"v":18446744073709551616}],"x":1})",
                  "entities");
    ASSERT_EQ(items.size(), 2U);
    EXPECT_EQ(items[0], R"({"v":0.12345678901234567890})");
    EXPECT_EQ(items[1], R"({"v":18446744073709551616})");
}

}  // namespace
}  // namespace atlas::cli
