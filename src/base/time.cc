// SPDX-License-Identifier: Apache-2.0
#include "base/time.h"

#include <array>
#include <charconv>

namespace atlas {
namespace {

// Reads the fields of a timestamp; after the first mismatch every further read fails.
class Reader {
public:
    explicit Reader(std::string_view text) : text_(text) {}

    int digits(std::size_t count) {
        if (text_.size() < count) return fail();
        int number = 0;
        for (const char c : text_.substr(0, count)) {
            if (c < '0' || c > '9') return fail();
            number = number * 10 + (c - '0');
        }
        text_.remove_prefix(count);
        return number;
    }

    char one_of(std::string_view allowed) {
        if (text_.empty() || allowed.find(text_.front()) == std::string_view::npos) {
            fail();
            return '\0';
        }
        const char c = text_.front();
        text_.remove_prefix(1);
        return c;
    }

    Micros fraction() {
        if (!good_ || text_.empty() || text_.front() != '.') return Micros{0};
        text_.remove_prefix(1);
        std::int64_t micros = 0;
        std::size_t count = 0;
        for (; count < text_.size() && text_[count] >= '0' && text_[count] <= '9'; ++count) {
            if (count < 6) micros = micros * 10 + (text_[count] - '0');
        }
        if (count == 0) fail();
        for (std::size_t i = count; i < 6; ++i) micros *= 10;
        text_.remove_prefix(count);
        return Micros{micros};
    }

    bool at_end() const { return good_ && text_.empty(); }
    bool good() const { return good_; }

private:
    int fail() {
        good_ = false;
        text_ = {};
        return 0;
    }

    std::string_view text_;
    bool good_ = true;
};

std::optional<std::chrono::minutes> read_zone(Reader& reader) {
    const char sign = reader.one_of("Zz+-");
    if (!reader.good()) return std::nullopt;
    if (sign == 'Z' || sign == 'z') return std::chrono::minutes{0};
    const int hours = reader.digits(2);
    reader.one_of(":");
    const int minutes = reader.digits(2);
    if (!reader.good() || hours > 23 || minutes > 59) return std::nullopt;
    const std::chrono::minutes offset{hours * 60 + minutes};
    return sign == '-' ? -offset : offset;
}

}  // namespace

std::optional<Time> parse_rfc3339(std::string_view text) {
    namespace chrono = std::chrono;
    Reader reader(text);
    const int year = reader.digits(4);
    reader.one_of("-");
    const int month = reader.digits(2);
    reader.one_of("-");
    const int day = reader.digits(2);
    reader.one_of("Tt ");
    const int hour = reader.digits(2);
    reader.one_of(":");
    const int minute = reader.digits(2);
    reader.one_of(":");
    const int second = reader.digits(2);
    const Micros fraction = reader.fraction();
    const auto zone = read_zone(reader);
    if (!zone || !reader.at_end()) return std::nullopt;

    const chrono::year_month_day date{chrono::year{year},
                                      chrono::month{static_cast<unsigned>(month)},
                                      chrono::day{static_cast<unsigned>(day)}};
    const bool leap_second = second == 60;
    if (year < 1 || !date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const auto seconds = chrono::seconds{leap_second ? 59 : second};
    const Micros within = leap_second ? Micros{999'999} : fraction;
    const Time time = Time{chrono::sys_days{date}} + chrono::hours{hour} + chrono::minutes{minute} +
                      seconds + within - *zone;
    // The zone may lead out of the calendar that can be written.
    constexpr Time kFirst{chrono::sys_days{chrono::year{1} / 1 / 1}};
    constexpr Time kEnd{chrono::sys_days{chrono::year{10000} / 1 / 1}};
    if (time < kFirst || time >= kEnd) return std::nullopt;
    return time;
}

void append_rfc3339(std::string& out, Time time) {
    namespace chrono = std::chrono;
    // Only SQL writes them.
    if (time == Time::max()) {
        out += "infinity";
        return;
    }
    if (time <= Time{-Time::max().time_since_epoch()}) {
        out += "-infinity";
        return;
    }
    const Day day = day_of(time);
    const chrono::year_month_day date{day};
    std::array<char, 27> text{};
    char* at = text.data();
    const auto put = [&at](std::int64_t number, int width, char after) {
        for (int i = width - 1; i >= 0; --i, number /= 10) {
            at[i] = static_cast<char>('0' + number % 10);
        }
        at += width;
        *at++ = after;
    };
    const std::int64_t micros = (time - day).count();
    put(static_cast<int>(date.year()), 4, '-');
    put(static_cast<unsigned>(date.month()), 2, '-');
    put(static_cast<unsigned>(date.day()), 2, 'T');
    put(micros / 3'600'000'000, 2, ':');
    put(micros / 60'000'000 % 60, 2, ':');
    put(micros / 1'000'000 % 60, 2, '.');
    put(micros % 1'000'000, 6, 'Z');
    out.append(text.data(), text.size());
}

std::string format_rfc3339(Time time) {
    std::string out;
    append_rfc3339(out, time);
    return out;
}

std::optional<Micros> parse_duration(std::string_view text) {
    std::int64_t count = 0;
    const char* end = text.data() + text.size();
    const auto [unit_begin, error] = std::from_chars(text.data(), end, count);
    if (error != std::errc{} || text.starts_with('-')) return std::nullopt;
    const std::string_view unit(unit_begin, static_cast<std::size_t>(end - unit_begin));
    std::int64_t scale = 0;
    if (unit == "ms") scale = 1'000;
    if (unit == "s") scale = 1'000'000;
    if (unit == "m") scale = 60'000'000;
    if (unit == "h") scale = 3'600'000'000;
    if (unit == "d") scale = 86'400'000'000;
    std::int64_t micros = 0;
    if (scale == 0 || __builtin_mul_overflow(count, scale, &micros)) return std::nullopt;
    return Micros{micros};
}

}  // namespace atlas
