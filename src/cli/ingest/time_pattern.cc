// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/time_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/server.h"

namespace atlas::cli {
namespace {

namespace chrono = std::chrono;

constexpr char kLiteral = '%';
constexpr char kBlanks = ' ';
constexpr std::string_view kConversions = "YymdejbBhaAHkIlpMSfzZs";

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
bool is_letter(char c) {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

[[noreturn]] void refuse(const std::string& pattern, std::string_view what) {
    throw CommandError(fmt::format("--time-format \"{}\": {}", pattern, what), 2);
}

// Conversions that mean the same part, in the letter that seen_ holds.
char part_of(char conversion) {
    switch (conversion) {
        case 'y': return 'Y';
        case 'e': return 'd';
        case 'b':
        case 'B':
        case 'h': return 'm';
        case 'A': return 'a';
        case 'k': return 'H';
        case 'l': return 'I';
        default: return conversion;
    }
}

struct Parts {
    CalendarTime time;
    int yearday = 0;
    std::optional<unsigned> weekday;
    std::optional<bool> afternoon;
    std::optional<std::int64_t> epoch;
    bool before_epoch = false;
    WrittenTime written;
};

// Takes the parts off the beginning of a text, one conversion after the other.
class Matcher {
public:
    Matcher(std::string_view text, Parts& parts) : text_(text), parts_(parts) {}

    bool literal(char c) {
        if (c == kBlanks) return blanks();
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    bool at_end() const { return text_.empty(); }

    bool conversion(char c) {
        CalendarTime& time = parts_.time;
        switch (c) {
            case 'Y': return number(4, 4, time.year);
            case 'y': return short_year();
            case 'm': return number(1, 2, time.month);
            case 'e': return padded(time.day);
            case 'd': return number(1, 2, time.day);
            case 'j': return number(1, 3, parts_.yearday);
            case 'k':
            case 'l': return padded(time.hour);
            case 'H':
            case 'I': return number(1, 2, time.hour);
            case 'M': return number(1, 2, time.minute);
            case 'S': return number(1, 2, time.second);
            default: return other(c);
        }
    }

private:
    bool other(char c) {
        switch (c) {
            case 'b':
            case 'B':
            case 'h': return month();
            case 'a':
            case 'A': return weekday();
            case 'p': return half_of_day();
            case 'f': return fraction();
            case 'z': return (parts_.written.offset = take_offset(text_)).has_value();
            case 'Z': return zone();
            case 's': return epoch();
            default: return false;
        }
    }

    bool blanks() {
        const std::size_t count = std::min(text_.find_first_not_of(" \t\n"), text_.size());
        text_.remove_prefix(count);
        return count > 0;
    }

    std::string_view digits(std::size_t most) {
        std::size_t count = 0;
        while (count < std::min(most, text_.size()) && is_digit(text_[count])) ++count;
        const std::string_view found = text_.substr(0, count);
        text_.remove_prefix(count);
        return found;
    }

    bool number(std::size_t least, std::size_t most, int& out) {
        const std::string_view found = digits(most);
        out = 0;
        for (const char c : found) out = out * 10 + (c - '0');
        return found.size() >= least;
    }

    bool padded(int& out) {
        while (text_.starts_with(' ')) text_.remove_prefix(1);
        return number(1, 2, out);
    }

    // As POSIX reads it: 69 to 99 are of the last century.
    bool short_year() {
        if (!number(2, 2, parts_.time.year)) return false;
        parts_.time.year += parts_.time.year < 69 ? 2000 : 1900;
        return true;
    }

    // The index of the name, in full or by its first three letters.
    template <std::size_t N>
    std::optional<std::size_t> name(const std::array<std::string_view, N>& names) {
        std::string word;
        for (const char c : text_) {
            if (!is_letter(c)) break;
            word += lower(c);
        }
        for (std::size_t i = 0; i < N; ++i) {
            if (word != names[i] && word != names[i].substr(0, 3)) continue;
            text_.remove_prefix(word.size());
            return i;
        }
        return std::nullopt;
    }

    bool month() {
        const auto found = name(kMonths);
        parts_.time.month = found ? static_cast<int>(*found) + 1 : 0;
        return found.has_value();
    }
    bool weekday() {
        const auto found = name(kWeekdays);
        if (found) parts_.weekday = static_cast<unsigned>(*found);
        return found.has_value();
    }

    // "AM", "p.m."
    bool half_of_day() {
        if (text_.empty() || (lower(text_[0]) != 'a' && lower(text_[0]) != 'p')) return false;
        parts_.afternoon = lower(text_[0]) == 'p';
        const bool dotted = text_.size() > 3 && text_[1] == '.' && text_[3] == '.';
        const std::size_t m = dotted ? 2 : 1;
        if (text_.size() <= m || lower(text_[m]) != 'm') return false;
        text_.remove_prefix(dotted ? 4 : 2);
        return true;
    }

    bool fraction() {
        const std::string_view found = digits(9);
        parts_.time.fraction = read_fraction(found);
        return !found.empty();
    }

    // Letters; from a slash on also what names like America/Port-au-Prince and Etc/GMT+5 hold.
    bool zone() {
        std::size_t count = 0;
        bool slash = false;
        for (; count < text_.size(); ++count) {
            const char c = text_[count];
            slash = slash || c == '/';
            if (is_letter(c) || c == '/' || c == '_') continue;
            const bool inside = c == '-' || c == '+' || is_digit(c);
            if (!slash || !inside) break;
        }
        parts_.written.zone = text_.substr(0, count);
        text_.remove_prefix(count);
        return count > 0;
    }

    bool epoch() {
        parts_.before_epoch = text_.starts_with('-');
        if (parts_.before_epoch) text_.remove_prefix(1);
        const std::string_view found = digits(12);
        std::int64_t seconds = 0;
        for (const char c : found) seconds = seconds * 10 + (c - '0');
        parts_.epoch = parts_.before_epoch ? -seconds : seconds;
        return !found.empty();
    }

    std::string_view text_;
    Parts& parts_;
};

// The date of a day of the year, or false when it has no such day.
bool set_yearday(CalendarTime& time, int yearday) {
    const chrono::year year{time.year};
    if (yearday < 1 || yearday > (year.is_leap() ? 366 : 365)) return false;
    const chrono::year_month_day date{chrono::sys_days{year / 1 / 1} + chrono::days{yearday - 1}};
    time.month = static_cast<int>(static_cast<unsigned>(date.month()));
    time.day = static_cast<int>(static_cast<unsigned>(date.day()));
    return true;
}

}  // namespace

TimePattern::TimePattern(std::string pattern) : pattern_(std::move(pattern)) {
    const std::size_t begin = std::min(pattern_.find_first_not_of(' '), pattern_.size());
    compile(std::string_view(pattern_).substr(begin, pattern_.find_last_not_of(' ') + 1 - begin));
    check_complete();
}

void TimePattern::compile(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        char c = pattern[i];
        const bool conversion = c == '%';
        if (conversion) {
            ++i;
            // "%-d" is how some print a day without a zero in front, which %d reads as well.
            if (i < pattern.size() && pattern[i] == '-') ++i;
            if (i >= pattern.size()) refuse(pattern_, "it ends with a %");
            c = pattern[i];
        }
        if (conversion && c == 'F') {
            compile("%Y-%m-%d");
        } else if (conversion && c == 'T') {
            compile("%H:%M:%S");
        } else if (conversion && c == 'R') {
            compile("%H:%M");
        } else if (conversion && c == 'D') {
            compile("%m/%d/%y");
        } else if (conversion && c != '%' && c != 'n' && c != 't') {
            add(c);
        } else {
            const bool blank = c == ' ' || c == '\t' || (conversion && c != '%');
            if (blank && steps_.ends_with(kLiteral) && literals_.ends_with(kBlanks)) continue;
            steps_ += kLiteral;
            literals_ += blank ? kBlanks : c;
        }
    }
}

void TimePattern::add(char conversion) {
    if (kConversions.find(conversion) == std::string_view::npos) {
        refuse(pattern_, fmt::format("%{} is not supported; the conversions are %Y %y %m %d %e %j "
                                     "%b %B %a %A %H %k %I %l %p %M %S %f %z %Z %s %F %T %R %D %%",
                                     conversion));
    }
    const char part = part_of(conversion);
    if (has(part)) refuse(pattern_, fmt::format("%{} repeats what is said already", conversion));
    seen_ += part;
    steps_ += conversion;
}

void TimePattern::check_complete() const {
    const auto need = [this](bool good, std::string_view missing) {
        if (!good) refuse(pattern_, fmt::format("it lacks {}", missing));
    };
    if (has('s')) {
        if (seen_.find_first_not_of("sfzZ") != std::string::npos) {
            refuse(pattern_, "%s is date and time already");
        }
        return;
    }
    need(has('Y'), "the year (%Y or %y)");
    need(has('m') || has('j'), "the month (%m or %b)");
    need(has('d') || has('j'), "the day (%d)");
    need(has('m') == has('d'), has('m') ? "the day (%d)" : "the month (%m or %b)");
    if (has('H') && has('I')) refuse(pattern_, "%H and %I say the same");
    const bool hour = has('H') || has('I');
    need(hour || !has('M'), "the hour (%H)");
    need(!has('I') || has('p'), "%p, without which %I is not an hour");
    need(!has('p') || has('I'), "%I; %p belongs to it");
    need(has('M') || !has('S'), "the minute (%M)");
    need(has('S') || !has('f'), "the second (%S)");
}

std::optional<WrittenTime> TimePattern::read(std::string_view text, std::string& why) const {
    Parts parts;
    Matcher matcher(text, parts);
    auto next_literal = literals_.begin();
    const bool matches = std::ranges::all_of(steps_,
                                             [&](char step) {
                                                 return step == kLiteral
                                                            ? matcher.literal(*next_literal++)
                                                            : matcher.conversion(step);
                                             }) &&
                         matcher.at_end();
    if (!matches) {
        why = fmt::format("the time \"{}\" is not of the form {}", text, pattern_);
        return std::nullopt;
    }
    if (parts.epoch) {
        const Micros fraction = parts.time.fraction;
        parts.written.local =
            chrono::seconds{*parts.epoch} + (parts.before_epoch ? -fraction : fraction);
        parts.written.offset = Micros{0};
        return parts.written;
    }
    CalendarTime& time = parts.time;
    bool good = true;
    if (parts.afternoon) {
        good = time.hour >= 1 && time.hour <= 12;
        time.hour = time.hour % 12 + (*parts.afternoon ? 12 : 0);
    }
    if (has('j')) {
        const CalendarTime said = time;
        good = good && set_yearday(time, parts.yearday);
        if (has('m')) good = good && said.month == time.month && said.day == time.day;
    }
    const auto local = local_time(time);
    if (!good || !local) {
        why = fmt::format("\"{}\" is no time of the calendar", text);
        return std::nullopt;
    }
    const Day day{chrono::floor<chrono::days>(*local)};
    if (parts.weekday && chrono::weekday{day}.c_encoding() != *parts.weekday) {
        why = fmt::format("\"{}\" is not on that day of the week", text);
        return std::nullopt;
    }
    parts.written.local = *local;
    return parts.written;
}

}  // namespace atlas::cli
