// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/time_column.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>

#include "cli/server.h"

namespace atlas::cli {
namespace {

namespace chrono = std::chrono;

constexpr std::size_t kMaxRepeated = 1'000'000;
constexpr Time kFirst{chrono::sys_days{chrono::year{1} / 1 / 1}};
constexpr Time kEnd{chrono::sys_days{chrono::year{10000} / 1 / 1}};
// Before this, a number without a unit is more likely something else than a time.
constexpr Time kUsualOldest{chrono::sys_days{chrono::year{2000} / 1 / 1}};

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
    text.remove_prefix(begin);
    return text.substr(0, text.find_last_not_of(" \t") + 1);
}

bool same_word(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, [](char x, char y) { return (x | 0x20) == (y | 0x20); });
}

bool is_utc(std::string_view zone) {
    return same_word(zone, "UTC") || same_word(zone, "GMT") || same_word(zone, "Z") ||
           same_word(zone, "UT");
}

std::string folded(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == ' ' || c == '\t') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    }
    return out;
}

std::optional<std::size_t> column_of(const std::vector<std::string>& header,
                                     std::string_view name) {
    auto found = std::ranges::find(header, name);
    if (found == header.end()) {
        found = std::ranges::find(header, folded(name), &folded);
    }
    if (found == header.end()) return std::nullopt;
    return static_cast<std::size_t>(found - header.begin());
}

// "10:00:60": clocks show it in a leap second, and Unix time does not count those.
bool has_second_60(std::string_view text) {
    const auto digit = [&](std::size_t at) {
        return at < text.size() && text[at] >= '0' && text[at] <= '9';
    };
    for (std::size_t at = text.find(":60"); at != std::string_view::npos;
         at = text.find(":60", at + 1)) {
        const bool minutes = at >= 4 && digit(at - 1) && digit(at - 2) && text[at - 3] == ':';
        if (minutes && digit(at - 4) && !digit(at + 3)) return true;
    }
    return false;
}

bool is_half_of_day(std::string_view zone) {
    return same_word(zone, "AM") || same_word(zone, "PM");
}

std::string not_in_auto(std::string_view text) {
    const bool only_time = text.size() > 2 && text.find(':') < 3;
    if (only_time) {
        return fmt::format("the time \"{}\" has no date; --time date,time joins two columns", text);
    }
    if (text.size() > 2 && is_half_of_day(text.substr(text.size() - 2))) {
        return fmt::format(
            "the time \"{}\" is of twelve hours; --time-format says how it is written, for example "
            "\"%Y-%m-%d %I:%M:%S %p\"",
            text);
    }
    return fmt::format(
        "the time \"{}\" does not parse; --time-format says how it is written, for "
        "example \"%d.%m.%Y %H:%M:%S\"",
        text);
}

}  // namespace

std::vector<std::size_t> time_columns(const std::vector<std::string>& header,
                                      const std::string& asked) {
    if (asked.empty()) {
        for (const char* name : {"at", "time", "timestamp", "observed_at"}) {
            if (const auto found = column_of(header, name)) return {*found};
        }
        return {};
    }
    if (const auto found = column_of(header, asked)) return {*found};
    std::vector<std::size_t> columns;
    for (std::string_view rest = asked; !rest.empty();) {
        const std::string_view name = rest.substr(0, rest.find(','));
        const auto found = column_of(header, name);
        if (!found) throw CommandError(fmt::format("the file has no column \"{}\"", name));
        columns.push_back(*found);
        rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
    return columns;
}

TimeColumn::TimeColumn(const std::vector<std::string>& header, const std::string& asked,
                       const TimeOptions& options)
    : options_(options), columns_(time_columns(header, asked)), width_(header.size()) {
    if (columns_.empty() && !options.now) {
        throw CommandError(
            "no column is named at, time, timestamp or observed_at; choose one with --time, or "
            "give every record the time of the import with --now");
    }
    if (!options.zone.empty()) {
        zone_ = TimeZone::find(options.zone);
        if (!zone_) {
            throw CommandError(fmt::format("no time zone is named \"{}\"", options.zone), 2);
        }
    }
    automatic_ = options.format == "auto";
    excel_ = options.format == "excel";
    unit_ = parse_time_unit(options.format);
    if (options.format.find('%') != std::string::npos) pattern_.emplace(options.format);
}

std::string_view TimeColumn::text_of(const Cells& cells) {
    if (columns_.size() == 1) return trimmed(cells[columns_.front()]);
    joined_.clear();
    for (const std::size_t column : columns_) {
        const std::string_view part = trimmed(cells[column]);
        if (part.empty()) return {};
        if (!joined_.empty()) joined_ += ' ';
        joined_ += part;
    }
    return joined_;
}

bool TimeColumn::plausible(Time time) {
    if (time < options_.oldest.value_or(kUsualOldest)) return false;
    if (time > latest_) latest_ = now() + kMaxAhead;
    return time <= latest_;
}

bool TimeColumn::fits(const Decimal& number, TimeUnit unit) {
    const auto time = time_of(number, unit);
    return time && plausible(*time);
}

void TimeColumn::look(const Cells& cells) {
    if (!automatic_ || columns_.empty() || cells.size() != width_) return;
    const auto number = read_decimal(text_of(cells));
    if (!number || compact_pattern(*number) != nullptr || looks_like_spreadsheet(*number)) return;
    for (const TimeUnit unit : kTimeUnits) {
        if (fits(*number, unit)) ++fitting_[static_cast<std::size_t>(unit)];
    }
}

void TimeColumn::settle() {
    const auto most = std::ranges::max_element(fitting_);
    if (automatic_ && *most > 0) {
        unit_ = kTimeUnits[static_cast<std::size_t>(most - fitting_.begin())];
    }
}

std::optional<Time> TimeColumn::read(const Cells& cells, Time absent, Fault& fault) {
    // Of a record with too few or too many cells the mapping says so.
    if (columns_.empty() || cells.size() != width_) return absent;
    const std::string_view text = text_of(cells);
    if (text.empty()) {
        fault = {.code = "missing_time", .detail = "the record has no time: its cell is empty"};
        return std::nullopt;
    }
    cells_ = &cells;
    const auto time = read_text(text, fault);
    if (time && options_.oldest && *time < *options_.oldest) {
        fault = {.code = "time_out_of_range",
                 .detail = fmt::format("the time \"{}\" is before {}, the value of --oldest", text,
                                       format_rfc3339(*options_.oldest))};
        return std::nullopt;
    }
    return time;
}

std::optional<Time> TimeColumn::read_text(std::string_view text, Fault& fault) {
    fault.code = "invalid_time";
    if (has_second_60(text)) {
        fault.detail = fmt::format(
            "the time \"{}\" has the second 60: a leap second cannot be stored; write the second "
            "59, "
            "or 0 of the next minute",
            text);
        return std::nullopt;
    }
    if (automatic_) return read_auto(text, fault);
    if (pattern_) {
        const auto written = pattern_->read(text, fault.detail);
        return written ? instant(*written, text, fault) : std::nullopt;
    }
    std::optional<Time> time;
    const auto number = read_decimal(text);
    if (excel_ && number) {
        if (const auto local = spreadsheet_time(*number)) {
            return instant({.local = *local, .offset = {}, .zone = {}}, text, fault);
        }
    } else if (unit_ && number) {
        time = time_of(*number, *unit_);
    } else if (!excel_ && !unit_) {
        time = parse_rfc3339(text);
    }
    if (!time) {
        fault.detail =
            fmt::format("the time \"{}\" is not of the format {}", text, options_.format);
    }
    return time;
}

std::optional<Time> TimeColumn::read_auto(std::string_view text, Fault& fault) {
    const bool is_text = text.size() > 4 && (text[4] == '-' || text[4] == '/');
    if (!is_text) {
        if (const auto number = read_decimal(text)) return read_auto_number(*number, text, fault);
    }
    const auto written = read_time_text(text);
    if (written && !is_half_of_day(written->zone)) return instant(*written, text, fault);
    fault.detail = not_in_auto(text);
    return std::nullopt;
}

std::optional<Time> TimeColumn::read_auto_number(const Decimal& number, std::string_view text,
                                                 Fault& fault) {
    constexpr std::size_t kHourDigits = 10;  // 2025112809 may as well be seconds
    const char* pattern = compact_pattern(number);
    const bool date = pattern != nullptr && number.whole.size() != kHourDigits;
    if (unit_ && !date && !looks_like_spreadsheet(number)) {
        if (const auto time = time_of(number, *unit_); time && plausible(*time)) return time;
    }
    if (looks_like_spreadsheet(number)) {
        fault.detail = fmt::format(
            "{} looks like a spreadsheet's number of a day: --time-format "
            "excel reads it as one, unix as seconds",
            text);
        return std::nullopt;
    }
    const auto other = std::ranges::find_if(kTimeUnits, [&](auto u) { return fits(number, u); });
    if (other != kTimeUnits.end() && !date) {
        fault.detail =
            fmt::format("{} is a time in {}, but {}; --time-format {} reads all of them so", text,
                        to_string(*other),
                        unit_ ? fmt::format("most of the first rows are in {}", to_string(*unit_))
                              : std::string("the first rows have no numbers as times"),
                        to_string(*other));
    } else if (pattern != nullptr) {
        fault.detail = fmt::format(
            "{0} looks like a date: --time-format {1} reads it as one, unix, "
            "unix_ms, unix_us or unix_ns as a count",
            text, pattern);
    } else {
        fault.detail = fmt::format(
            "{} is no time between {} and now in seconds, milli-, micro- or nanoseconds: --oldest "
            "moves the beginning, --time-format unix, unix_ms, … or a pattern says what it is",
            text, format_rfc3339(options_.oldest.value_or(kUsualOldest)).substr(0, 10));
    }
    return std::nullopt;
}

std::optional<Time> TimeColumn::instant(const WrittenTime& written, std::string_view text,
                                        Fault& fault) {
    const std::string_view zone = written.zone;
    std::optional<Time> time;
    if (written.offset || is_utc(zone)) {
        time = Time{written.local - written.offset.value_or(Micros{0})};
    } else if (zone.find('/') != std::string_view::npos) {
        const auto named = TimeZone::find(zone);
        if (named) return resolve(written, *named, text, fault);
        fault.detail = fmt::format("\"{}\": no time zone is named {}", text, zone);
        return std::nullopt;
    } else if (zone_) {
        return resolve(written, *zone_, text, fault);
    } else if (zone.empty()) {
        time = Time{written.local};
    } else {
        fault.detail = fmt::format(
            "\"{}\": {} does not name one zone; --timezone says which, for example Europe/Berlin",
            text, zone);
        return std::nullopt;
    }
    if (*time >= kFirst && *time < kEnd) return time;
    fault.detail = fmt::format("\"{}\" is outside the years 1 to 9999", text);
    return std::nullopt;
}

std::optional<Time> TimeColumn::resolve(const WrittenTime& written, const TimeZone& zone,
                                        std::string_view text, Fault& fault) {
    using Count = TimeZone::Instants::Count;
    const TimeZone::Instants found = zone.instants(written.local);
    const bool abbreviated = !written.zone.empty() && written.zone.find('/') == std::string::npos;
    if (found.count == Count::never) {
        ++notes_.missing;
        if (options_.missing == Missing::shift) return found.first;
        fault = {.code = "nonexistent_time",
                 .detail = fmt::format("\"{}\" does not exist in {}, whose clocks left that hour "
                                       "out; --nonexistent shift takes it as if they had not",
                                       text, zone.name())};
        return std::nullopt;
    }
    if (abbreviated) {
        if (same_word(written.zone, found.first_name)) return found.first;
        if (found.count == Count::twice && same_word(written.zone, found.second_name)) {
            return found.second;
        }
        fault.detail =
            fmt::format("\"{}\": clocks of {} show {} then", text, zone.name(), found.first_name);
        return std::nullopt;
    }
    if (found.count == Count::once) return found.first;
    ++notes_.repeated;
    if (options_.repeated == Repeated::reject) {
        fault = {.code = "ambiguous_time",
                 .detail = fmt::format("\"{}\" is twice in {}, whose clocks repeated that hour; "
                                       "--ambiguous earlier or later chooses one",
                                       text, zone.name())};
        return std::nullopt;
    }
    note_repeated(written.local);
    return options_.repeated == Repeated::earlier ? found.first : found.second;
}

void TimeColumn::note_repeated(Micros local) {
    auto key = static_cast<std::uint64_t>(local.count());
    for (const std::size_t column : owners_) {
        const std::string_view cell = (*cells_)[column];
        key = XXH3_64bits_withSeed(cell.data(), cell.size(), key);
    }
    if (repeated_.contains(key)) {
        ++notes_.collided;
    } else if (repeated_.size() < kMaxRepeated) {
        repeated_.insert(key);
    }
}

std::string TimeColumn::describe(const std::vector<std::string>& header) const {
    if (columns_.empty()) return "time of the import";
    std::string out = "time from ";
    for (std::size_t i = 0; i < columns_.size(); ++i) {
        out += (i == 0 ? "" : " and ") + header[columns_[i]];
    }
    if (automatic_ && unit_) out += fmt::format(" ({})", to_string(*unit_));
    if (zone_) out += fmt::format(" in {}", zone_->name());
    return out;
}

TimeNotes TimeColumn::take_notes() {
    return std::exchange(notes_, {});
}

}  // namespace atlas::cli
