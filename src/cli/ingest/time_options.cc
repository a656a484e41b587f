// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/time_options.h"

#include "base/time_zone.h"
#include "cli/ingest/time_number.h"
#include "cli/ingest/written_time.h"

namespace atlas::cli {
namespace {

// The validators of CLI11: the text is empty when the value is good.
std::string check_format(const std::string& format) {
    const bool good = format == "auto" || format == "rfc3339" || format == "excel" ||
                      parse_time_unit(format) || format.find('%') != std::string::npos;
    if (good) return {};
    return "\"" + format + "\" is neither a format nor a pattern with %";
}

std::string check_zone(const std::string& name) {
    if (TimeZone::find(name)) return {};
    return "no time zone is named \"" + name + "\"; names are like Europe/Berlin";
}

std::optional<Time> read_oldest(const std::string& text) {
    const auto written = read_time_text(text);
    if (!written || !written->zone.empty()) return std::nullopt;
    return Time{written->local - written->offset.value_or(Micros{0})};
}

std::string check_oldest(const std::string& text) {
    if (read_oldest(text)) return {};
    return "\"" + text + "\" is neither a date such as 1995-01-01 nor an RFC 3339 time";
}

void add_daylight_options(CLI::App& command, TimeOptions& options) {
    constexpr const char* kGroup = "Times";
    command
        .add_option_function<std::string>(
            "--ambiguous",
            [&options](const std::string& word) {
                options.repeated = word == "earlier" ? Repeated::earlier
                                   : word == "later" ? Repeated::later
                                                     : Repeated::reject;
            },
            "CSV: local times that the clocks show twice, in autumn; default: reject")
        ->check(CLI::IsMember({"earlier", "later", "reject"}))
        ->group(kGroup);
    command
        .add_option_function<std::string>(
            "--nonexistent",
            [&options](const std::string& word) {
                options.missing = word == "shift" ? Missing::shift : Missing::reject;
            },
            "CSV: local times that the clocks leave out, in spring: shift forward by what is left "
            "out, or reject; default: reject")
        ->check(CLI::IsMember({"shift", "reject"}))
        ->group(kGroup);
}

}  // namespace

void add_time_options(CLI::App& command, TimeOptions& options) {
    constexpr const char* kGroup = "Times";
    command
        .add_option("--time-format", options.format,
                    "CSV: auto, rfc3339, unix, unix_ms, unix_us, unix_ns, excel, or like "
                    "%d.%m.%Y %H:%M:%S")
        ->capture_default_str()
        ->check(CLI::Validator(check_format, "", "format"))
        ->group(kGroup);
    command
        .add_option("--timezone", options.zone,
                    "CSV: zone of times that do not say theirs, such as Europe/Berlin; default: "
                    "UTC")
        ->check(CLI::Validator(check_zone, "", "zone"))
        ->group(kGroup);
    add_daylight_options(command, options);
    command
        .add_option_function<std::string>(
            "--oldest", [&options](const std::string& text) { options.oldest = read_oldest(text); },
            "CSV: reject times before this; default: none, for numbers in auto 2000-01-01")
        ->check(CLI::Validator(check_oldest, "", "time"))
        ->group(kGroup);
    command
        .add_flag("--now", options.now,
                  "Give records without a time that of the import; else they are rejected, and a "
                  "file that has no times is refused")
        ->group(kGroup);
}

}  // namespace atlas::cli
