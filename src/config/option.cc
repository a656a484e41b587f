// SPDX-License-Identifier: Apache-2.0
#include "config/option.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ranges>

#include "base/time.h"

namespace atlas::config {

Option* OptionTable::find(std::string_view name) const {
    const auto found = std::ranges::find_if(
        options_, [name](const Option* option) { return option->name() == name; });
    return found == options_.end() ? nullptr : *found;
}

std::string_view to_string(Source source) {
    switch (source) {
        case Source::built_in: return "default";
        case Source::file: return "file";
        case Source::environment: return "environment";
        case Source::flag: break;
    }
    return "flag";
}

Option::Option(OptionTable& table, Kind kind, std::string name, std::string doc)
    : name_(std::move(name)), doc_(std::move(doc)), kind_(kind) {
    table.options_.push_back(this);
}

std::string Option::env_name() const {
    std::string name = "ATLAS_";
    for (const char c : name_) {
        const bool lower = c >= 'a' && c <= 'z';
        name += lower ? static_cast<char>(c - 'a' + 'A') : c == '.' ? '_' : c;
    }
    return name;
}

Result<void, std::string> Option::set(std::string_view text, Source source) {
    if (auto parsed = parse(text); !parsed) {
        return failure(
            fmt::format("{} = \"{}\": {}; it takes {}", name_, text, parsed.error(), type_text()));
    }
    source_ = source;
    return {};
}

Result<void, std::string> TextOption::parse(std::string_view text) {
    value_ = text;
    return {};
}

Result<void, std::string> IntOption::parse(std::string_view text) {
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stop != end) return failure(std::string("not an integer"));
    if (number < least_ || number > most_) return failure(std::string("out of range"));
    value_ = number;
    return {};
}

std::string IntOption::value_text() const {
    return fmt::format("{}", value_);
}
std::string IntOption::default_text() const {
    return fmt::format("{}", default_);
}
std::string IntOption::type_text() const {
    return fmt::format("an integer, {} to {}", least_, most_);
}

Result<void, std::string> BoolOption::parse(std::string_view text) {
    if (text != "true" && text != "false") return failure(std::string("neither true nor false"));
    value_ = text == "true";
    return {};
}

Result<void, std::string> DurationOption::parse(std::string_view text) {
    const auto parsed = parse_duration(text);
    if (!parsed) return failure(std::string("not a duration"));
    const auto duration = std::chrono::floor<Millis>(*parsed);
    if (duration < least_ || duration > most_) return failure(std::string("out of range"));
    value_ = duration;
    return {};
}

std::string DurationOption::value_text() const {
    return format_duration(value_);
}
std::string DurationOption::default_text() const {
    return format_duration(default_);
}
std::string DurationOption::type_text() const {
    return fmt::format("a duration such as 250ms, 5s, 10m, 2h or 7d, {} to {}",
                       format_duration(least_), format_duration(most_));
}

Result<void, std::string> ChoiceOption::parse(std::string_view text) {
    if (std::ranges::find(choices_, text) == choices_.end()) {
        return failure(std::string("unknown value"));
    }
    value_ = text;
    return {};
}

std::string ChoiceOption::type_text() const {
    return fmt::format("one of {}", fmt::join(choices_, ", "));
}

Result<void, std::string> ListOption::parse(std::string_view text) {
    Words words;
    for (const auto part : std::views::split(text, ',')) {
        std::string word(part.begin(), part.end());
        word.erase(0, word.find_first_not_of(' '));
        word.erase(word.find_last_not_of(' ') + 1);
        if (std::ranges::find(choices_, word) == choices_.end()) {
            return failure(fmt::format("\"{}\" is unknown", word));
        }
        if (std::ranges::find(words, word) == words.end()) words.push_back(std::move(word));
    }
    if (words.empty()) return failure(std::string("empty"));
    value_ = std::move(words);
    return {};
}

std::string ListOption::value_text() const {
    return fmt::format("{}", fmt::join(value_, ","));
}
std::string ListOption::default_text() const {
    return fmt::format("{}", fmt::join(default_, ","));
}
std::string ListOption::type_text() const {
    return fmt::format("one or more of {}, separated by commas", fmt::join(choices_, ", "));
}

std::string format_duration(std::chrono::milliseconds duration) {
    struct Unit {
        std::int64_t millis;
        std::string_view word;
    };
    constexpr std::array<Unit, 4> kUnits{
        {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}}};
    const std::int64_t millis = duration.count();
    if (millis == 0) return "0s";
    for (const Unit& unit : kUnits) {
        if (millis % unit.millis == 0) return fmt::format("{}{}", millis / unit.millis, unit.word);
    }
    return fmt::format("{}ms", millis);
}

}  // namespace atlas::config
