// SPDX-License-Identifier: Apache-2.0
//
// Goal: the times of a column are what the file means, or rejects that say what to do: never a
// point in 1970, and never one at the time of the import.
#include "cli/ingest/time_column.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "cli/server.h"
#include "testing/rounds.h"

namespace atlas::cli {
namespace {

using testing::HasSubstr;
using Texts = std::vector<std::string>;

TimeOptions with_format(const std::string& format, const std::string& zone = {}) {
    TimeOptions options;
    options.format = format;
    options.zone = zone;
    return options;
}

// What a column holds, read as atlas does: its first rows decide, then each is read.
class Column {
public:
    explicit Column(const Texts& texts, const TimeOptions& options = {})
        : texts_(texts), column_({"entity", "time"}, "", options) {
        column_.tell_apart({0});
        for (const std::string& text : texts_) column_.look({"e", text});
        column_.settle();
    }

    // The instant, or the code and the reason why there is none.
    std::string operator[](std::size_t i) { return read(texts_[i]); }
    std::string read(std::string_view text, std::string_view entity = "e") {
        TimeColumn::Fault fault;
        const auto time = column_.read({entity, text}, Time{}, fault);
        return time ? format_rfc3339(*time) : fmt::format("{}: {}", fault.code, fault.detail);
    }
    TimeNotes notes() { return column_.take_notes(); }
    std::string describe() const { return column_.describe({"entity", "time"}); }

private:
    Texts texts_;
    TimeColumn column_;
};

std::string one(const std::string& text, const TimeOptions& options = {}) {
    return Column({text}, options)[0];
}

// Goal: a leap second is not moved into the second before without a word.
TEST(TimeColumn, RefusesTheSecond60) {
    for (const char* text : {"2025-11-28 10:00:60", "2016-12-31T23:59:60Z",
                             "2016-12-31T23:59:60.5Z", "2016-12-31 23:59:60+00:00"}) {
        EXPECT_THAT(one(text), HasSubstr("leap second")) << text;
    }
    EXPECT_THAT(one("2016-12-31T23:59:60Z", with_format("rfc3339")), HasSubstr("leap second"));
    EXPECT_THAT(one("31.12.2016 23:59:60", with_format("%d.%m.%Y %H:%M:%S")),
                HasSubstr("leap second"));
    EXPECT_THAT(one("20161231235960", with_format("%Y%m%d%H%M%S")), HasSubstr("no time of the"));
    EXPECT_THAT(one("2016-12-31T23:59:59.60Z"), HasSubstr("23:59:59.6"));
}

TEST(TimeColumn, NamesThePatternOfTwelveHours) {
    for (const char* text :
         {"2025-11-28 10:00:00 PM", "2025-11-28 10:00 am", "28.11.2025 1:00PM"}) {
        EXPECT_THAT(one(text), HasSubstr("%I:%M:%S %p")) << text;
    }
}

TEST(TimeColumn, IsFoundByItsNameWithoutCaseAndBlanks) {
    const auto found = [](const std::vector<std::string>& header, const std::string& asked = {}) {
        return time_columns(header, asked);
    };
    using Columns = std::vector<std::size_t>;
    EXPECT_EQ(found({"entity", "Timestamp"}), Columns{1});
    EXPECT_EQ(found({" TIME", "entity"}), Columns{0});
    EXPECT_EQ(found({"Observed_At ", "entity"}), Columns{0});
    EXPECT_EQ(found({"time", "at"}), Columns{1});
    EXPECT_EQ(found({"entity", "v"}), Columns{});
    EXPECT_EQ(found({"Measured at", "v"}, "measuredat"), Columns{0});
    EXPECT_EQ(found({"v", "Date", "Time"}, "date,time"), (Columns{1, 2}));
    EXPECT_EQ(found({"v", "date,time"}, "date,time"), Columns{1});
    EXPECT_THROW(found({"v", "date"}, "date,time"), CommandError);
    EXPECT_THROW(found({"v"}, "time"), CommandError);
}

TEST(TimeColumn, IsNeededUnlessNowIsAskedFor) {
    try {
        const TimeColumn column({"entity", "v"}, "", {});
        FAIL() << "a file without times must be refused";
    } catch (const CommandError& error) {
        EXPECT_THAT(error.what(), HasSubstr("--time"));
        EXPECT_THAT(error.what(), HasSubstr("--now"));
    }
    TimeOptions options;
    options.now = true;
    TimeColumn column({"entity", "v"}, "", options);
    TimeColumn::Fault fault;
    const Time absent = time_from_micros(1'764'320'400'000'000);
    EXPECT_EQ(column.read({"e", "1"}, absent, fault), absent);
}

TEST(TimeColumn, AnEmptyCellIsAReject) {
    Column column({"2025-11-28T10:00:00Z", "", "  "});
    EXPECT_THAT(column[1], HasSubstr("missing_time"));
    EXPECT_THAT(column[2], HasSubstr("missing_time"));
    EXPECT_EQ(column.read(" 2025-11-28 10:00 "), "2025-11-28T10:00:00.000000Z");
}

TEST(TimeColumn, TwoColumnsAreOneTime) {
    TimeColumn column({"date", "time", "v"}, "date,time",
                      with_format("%d.%m.%Y %H:%M", "Europe/Berlin"));
    TimeColumn::Fault fault;
    EXPECT_EQ(column.read({"28.11.2025", " 10:00", "1"}, {}, fault),
              parse_rfc3339("2025-11-28T09:00:00Z"));
    EXPECT_FALSE(column.read({"28.11.2025", "", "1"}, {}, fault));
    EXPECT_STREQ(fault.code, "missing_time");
    EXPECT_FALSE(column.read({"", "10:00", "1"}, {}, fault));
    EXPECT_STREQ(fault.code, "missing_time");
    EXPECT_EQ(column.describe({"date", "time", "v"}), "time from date and time in Europe/Berlin");
}

// The unit is that of the column: one odd value changes nothing for the others.
TEST(TimeColumn, NumbersHaveOneUnit) {
    Column millis({"1764320400123.456", "1764320401000", "1764320402", "1764320403000"});
    EXPECT_EQ(millis[0], "2025-11-28T09:00:00.123456Z");
    EXPECT_EQ(millis[1], "2025-11-28T09:00:01.000000Z");
    EXPECT_THAT(millis[2],
                HasSubstr("is a time in unix, but most of the first rows are in unix_ms"));
    EXPECT_EQ(millis.describe(), "time from time (unix_ms)");
    EXPECT_EQ(one("1.7643204E+09"), "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(one("1764320400.9999999"), "2025-11-28T09:00:00.999999Z");
    EXPECT_EQ(one("1764320400123456"), "2025-11-28T09:00:00.123456Z");
    EXPECT_EQ(one("1764320400123456789"), "2025-11-28T09:00:00.123456Z");
    EXPECT_EQ(one("946684800"), "2000-01-01T00:00:00.000000Z");
    Column texts(Texts{"2025-11-28T09:00:00Z"});
    EXPECT_THAT(texts.read("1764320400"), HasSubstr("the first rows have no numbers as times"));
}

TEST(TimeColumn, NumbersThatAreNoTimesAreRejectsWithAWayOut) {
    Column column({"1764320400", "45989.41667", "20251128", "202511280900", "20251128090000", "5",
                   "946684799", "99999999999", "2099112809"});
    EXPECT_THAT(column[1], HasSubstr("--time-format excel"));
    EXPECT_THAT(column[2], HasSubstr("--time-format %Y%m%d reads"));
    EXPECT_THAT(column[3], HasSubstr("--time-format %Y%m%d%H%M reads"));
    EXPECT_THAT(column[4], HasSubstr("--time-format %Y%m%d%H%M%S reads"));
    for (const std::size_t i : {5U, 6U, 7U}) {
        EXPECT_THAT(column[i], HasSubstr("--oldest")) << i;
        EXPECT_THAT(column[i], HasSubstr("--time-format")) << i;
    }
    EXPECT_THAT(column[8], HasSubstr("--time-format %Y%m%d%H reads"));
    EXPECT_EQ(one("45989.41667", with_format("excel")), "2025-11-28T10:00:00.288000Z");
    EXPECT_EQ(one("45989.5", with_format("excel", "Europe/Berlin")), "2025-11-28T11:00:00.000000Z");
    EXPECT_EQ(one("5", with_format("unix")), "1970-01-01T00:00:05.000000Z");
    EXPECT_THAT(one("2025-11-28", with_format("unix")), HasSubstr("not of the format unix"));
}

TEST(TimeColumn, AutoEndsTenMinutesAhead) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now());
    const auto text = [&](std::chrono::minutes ahead) {
        return std::to_string((seconds + ahead).time_since_epoch().count());
    };
    Column column({text(std::chrono::minutes{0}), text(kMaxAhead - std::chrono::minutes{1}),
                   text(kMaxAhead + std::chrono::minutes{5})});
    EXPECT_EQ(column[0], format_rfc3339(seconds));
    EXPECT_EQ(column[1], format_rfc3339(seconds + kMaxAhead - std::chrono::minutes{1}));
    EXPECT_THAT(column[2], HasSubstr("is no time between"));
}

TEST(TimeColumn, OldestMovesTheBeginning) {
    TimeOptions options;
    options.oldest = parse_rfc3339("1990-01-01T00:00:00Z");
    EXPECT_EQ(one("700000000", options), "1992-03-07T20:26:40.000000Z");
    EXPECT_THAT(one("600000000", options), HasSubstr("no time between 1990-01-01"));
    EXPECT_THAT(one("1989-12-31", options), HasSubstr("time_out_of_range"));
    EXPECT_EQ(one("1985-01-01"), "1985-01-01T00:00:00.000000Z") << "a text says its unit itself";
    // Milliseconds of the seventies are seconds of today: the column tells.
    options.oldest = Time{};
    Column column({"1764320400000", "1700000000"}, options);
    EXPECT_EQ(column[0], "2025-11-28T09:00:00.000000Z");
    EXPECT_EQ(column[1], "1970-01-20T16:13:20.000000Z");
}

TEST(TimeColumn, LocalTimesAreOfTheZone) {
    const auto berlin = with_format("auto", "Europe/Berlin");
    EXPECT_EQ(one("2026-07-01 10:00", berlin), "2026-07-01T08:00:00.000000Z");
    EXPECT_EQ(one("2025-11-28", berlin), "2025-11-27T23:00:00.000000Z");
    EXPECT_EQ(one("2026-07-01T10:00:00Z", berlin), "2026-07-01T10:00:00.000000Z");
    EXPECT_EQ(one("2026-07-01 10:00 UTC", berlin), "2026-07-01T10:00:00.000000Z");
    EXPECT_EQ(one("2026-10-25 02:30:00 CEST", berlin), "2026-10-25T00:30:00.000000Z");
    EXPECT_EQ(one("2026-10-25 02:30:00 CET", berlin), "2026-10-25T01:30:00.000000Z");
    EXPECT_THAT(one("2026-07-01 10:00 CET", berlin), HasSubstr("show CEST then"));
    EXPECT_THAT(one("2026-07-01 10:00 CEST"), HasSubstr("--timezone"));
    const auto pattern = with_format("%F %T %Z");
    EXPECT_EQ(one("2026-07-01 10:00:00 Asia/Kolkata", pattern), "2026-07-01T04:30:00.000000Z");
    EXPECT_THAT(one("2026-07-01 10:00:00 Mars/Olympus", pattern), HasSubstr("no time zone"));
    EXPECT_EQ(one("2026-07-01 10:00:00 gmt", pattern), "2026-07-01T10:00:00.000000Z");
}

TEST(TimeColumn, TheRepeatedHourFollowsTheRuleAndTellsItsLoss) {
    auto options = with_format("%d.%m.%Y %H:%M", "Europe/Berlin");
    Column rejecting({}, options);
    EXPECT_THAT(rejecting.read("25.10.2026 02:30"), HasSubstr("ambiguous_time"));
    EXPECT_EQ(rejecting.read("25.10.2026 01:59"), "2026-10-24T23:59:00.000000Z");
    EXPECT_EQ(rejecting.read("25.10.2026 03:00"), "2026-10-25T02:00:00.000000Z");
    EXPECT_EQ(rejecting.notes().repeated, 1U);
    options.repeated = Repeated::earlier;
    Column earlier({}, options);
    EXPECT_EQ(earlier.read("25.10.2026 02:30"), "2026-10-25T00:30:00.000000Z");
    EXPECT_EQ(earlier.read("25.10.2026 02:30", "other"), "2026-10-25T00:30:00.000000Z");
    EXPECT_EQ(earlier.read("25.10.2026 02:30"), "2026-10-25T00:30:00.000000Z");
    const TimeNotes notes = earlier.notes();
    EXPECT_EQ(notes.repeated, 3U);
    EXPECT_EQ(notes.collided, 1U);
    EXPECT_THAT(summary(notes, options, "a.csv"), HasSubstr("a.csv: 3 times lie in an hour"));
    EXPECT_EQ(earlier.notes().repeated, 0U);
    options.repeated = Repeated::later;
    EXPECT_EQ(one("25.10.2026 02:30", options), "2026-10-25T01:30:00.000000Z");
}

TEST(TimeColumn, TheMissingHourFollowsTheRule) {
    auto options = with_format("auto", "Europe/Berlin");
    EXPECT_THAT(one("2026-03-29 02:30", options), HasSubstr("nonexistent_time"));
    options.missing = Missing::shift;
    Column shifting({}, options);
    EXPECT_EQ(shifting.read("2026-03-29 02:30"), "2026-03-29T01:30:00.000000Z");
    EXPECT_EQ(shifting.notes().missing, 1U);
}

TEST(TimeColumn, TextsThatAreNoTimesAreRejects) {
    EXPECT_THAT(one("28.11.2025 10:00"), HasSubstr("--time-format"));
    EXPECT_THAT(one("10:00"), HasSubstr("--time date,time"));
    EXPECT_THAT(one("soon"), HasSubstr("invalid_time"));
    EXPECT_THAT(one("2026-07-01 10:00", with_format("rfc3339")), HasSubstr("not of the format"));
    EXPECT_EQ(one("2026-07-01T10:00:00+02:00", with_format("rfc3339")),
              "2026-07-01T08:00:00.000000Z");
}

// One way to write times, at its resolution.
struct Dialect {
    const char* name;
    Micros resolution;
    TimeOptions options;
    std::function<std::string(Time, Micros local)> write;  // local: what clocks of the zone show
};

struct Clock {
    int year;
    unsigned month, day;
    std::int64_t hour, minute, second, micros;

    explicit Clock(Micros local) {
        const Day date{std::chrono::floor<std::chrono::days>(local)};
        const std::chrono::year_month_day ymd{date};
        const std::int64_t rest = (local - date.time_since_epoch()).count();
        year = static_cast<int>(ymd.year());
        month = static_cast<unsigned>(ymd.month());
        day = static_cast<unsigned>(ymd.day());
        hour = rest / 3'600'000'000;
        minute = rest / 60'000'000 % 60;
        second = rest / 1'000'000 % 60;
        micros = rest % 1'000'000;
    }
    std::string iso(const char* between) const {
        return fmt::format("{:04}-{:02}-{:02}{}{:02}:{:02}:{:02}", year, month, day, between, hour,
                           minute, second);
    }
};

std::string offset_of(Time time, Micros local, bool colon) {
    const auto minutes = (local - time.time_since_epoch()) / std::chrono::minutes{1};
    return fmt::format("{}{:02}{}{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                       colon ? ":" : "", std::abs(minutes) % 60);
}

std::vector<Dialect> dialects(const std::string& zone) {
    constexpr Micros kMicro{1};
    constexpr Micros kMilli{1000};
    constexpr Micros kSecond{1'000'000};
    const auto count = [](Time time) { return to_micros(time); };
    return {
        {"pandas", kMicro, with_format("auto"),
         [](Time time, Micros local) {
             const Clock clock(local);
             return fmt::format("{}.{:06}{}", clock.iso(" "), clock.micros,
                                offset_of(time, local, true));
         }},
        {"R", kSecond, with_format("auto", zone),
         [](Time, Micros local) { return Clock(local).iso(" "); }},
        {"PostgreSQL", kMicro, with_format("auto"),
         [](Time time, Micros) {
             const Clock clock(time.time_since_epoch());
             return fmt::format("{}.{:06}+00", clock.iso(" "), clock.micros);
         }},
        {"Go", kMicro, with_format("auto"),
         [](Time time, Micros local) {
             const Clock clock(local);
             return fmt::format("{}.{:06} {} XYZ", clock.iso(" "), clock.micros,
                                offset_of(time, local, false));
         }},
        {"Excel de", kSecond, with_format("%d.%m.%Y %H:%M:%S", zone),
         [](Time, Micros local) {
             const Clock c(local);
             return fmt::format("{:02}.{:02}.{} {:02}:{:02}:{:02}", c.day, c.month, c.year, c.hour,
                                c.minute, c.second);
         }},
        {"Excel en", kSecond, with_format("%m/%d/%Y %I:%M:%S %p", zone),
         [](Time, Micros local) {
             const Clock c(local);
             return fmt::format("{}/{}/{} {}:{:02}:{:02} {}", c.month, c.day, c.year,
                                c.hour % 12 == 0 ? 12 : c.hour % 12, c.minute, c.second,
                                c.hour < 12 ? "AM" : "PM");
         }},
        {"Excel number", kMilli, with_format("excel", zone),
         [](Time, Micros local) {
             const auto days = static_cast<double>(local.count()) / 86'400e6 + 25'569;
             return fmt::format("{:.15g}", days);
         }},
        {"seconds", kMicro, with_format("auto"),
         [count](Time t, Micros) {
             return fmt::format("{}.{:06}", count(t) / 1'000'000, count(t) % 1'000'000);
         }},
        {"scientific", kMicro, with_format("auto"),
         [count](Time t, Micros) {
             const std::string digits = std::to_string(count(t));
             return fmt::format("{}.{}E+{}", digits[0], digits.substr(1), digits.size() - 7);
         }},
        {"milliseconds", kMicro, with_format("auto"),
         [count](Time t, Micros) {
             return fmt::format("{}.{:03}", count(t) / 1000, count(t) % 1000);
         }},
        {"nanoseconds", kMicro, with_format("auto"),
         [count](Time t, Micros) { return fmt::format("{}000", count(t)); }},
        {"compact", kMicro, with_format("%Y%m%d%H%M%S%f%z"),
         [](Time time, Micros local) {
             const Clock c(local);
             return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}{:06}{}", c.year, c.month, c.day,
                                c.hour, c.minute, c.second, c.micros,
                                offset_of(time, local, false));
         }},
    };
}

// Goal: an instant written in any dialect and zone is read as the same instant.
TEST(TimeColumnProperty, EveryDialectReadsBack) {
    const std::uint64_t seed = test::seed_or(20261129);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    std::mt19937_64 random(seed);
    const auto first = to_micros(*parse_rfc3339("2000-01-02T00:00:00Z"));
    std::uniform_int_distribution<std::int64_t> any(first, to_micros(now()) - 1);
    std::uint64_t read = 0;
    for (std::uint64_t round = 0; round < test::rounds_or(20); ++round) {
        for (const char* name : {"Europe/Berlin", "America/St_Johns", "Asia/Kolkata", "Etc/UTC"}) {
            const auto zone = *TimeZone::find(name);
            for (Dialect& dialect : dialects(name)) {
                const Time drawn = time_from_micros(any(random));
                const Time time = drawn - drawn.time_since_epoch() % dialect.resolution;
                const Micros local = time.time_since_epoch() + zone.offset(time);
                const bool second = zone.instants(local).first != time;
                dialect.options.repeated = second ? Repeated::later : Repeated::earlier;
                const std::string text = dialect.write(time, local);
                EXPECT_EQ(one(text, dialect.options), format_rfc3339(time))
                    << dialect.name << " in " << name << ": " << text;
                ++read;
            }
        }
    }
    EXPECT_GE(read, 48U);
}

}  // namespace
}  // namespace atlas::cli
