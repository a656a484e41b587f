// SPDX-License-Identifier: Apache-2.0
#include "collect/system_source.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include "collect/text.h"

namespace atlas::collect {
namespace {

const Attribute kHost{"host", "string", "", true, true};
const Attribute kOs{"os", "string", "", true, true};
const Attribute kKernel{"kernel", "string", "", true, true};
const Attribute kArchitecture{"architecture", "string", "", true, true};
const Attribute kCpuModel{"cpu_model", "string", "", true, true};
const Attribute kCpuCount{"cpu_count", "int", "", true, true};
const Attribute kLoad1{"load_1m", "double", "", true};
const Attribute kLoad5{"load_5m"};
const Attribute kLoad15{"load_15m"};
const Attribute kThreads{"threads_total", "int"};
const Attribute kUptime{"uptime_seconds", "double", "seconds"};
const Attribute kOpenFiles{"open_files", "int"};

// The value of KEY="…" in a file of assignments.
std::string assignment(std::string_view text, std::string_view key) {
    std::string_view line;
    while (next_line(text, line)) {
        if (!line.starts_with(key) || line.size() <= key.size() || line[key.size()] != '=') {
            continue;
        }
        std::string_view value = line.substr(key.size() + 1);
        if (value.starts_with('"') && value.ends_with('"') && value.size() >= 2) {
            value = value.substr(1, value.size() - 2);
        }
        return std::string(value);
    }
    return {};
}

std::string after_colon(std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    line.remove_prefix(colon + 1);
    while (line.starts_with(' ')) line.remove_prefix(1);
    return std::string(line);
}

std::string architecture() {
    utsname name{};
    return ::uname(&name) == 0 ? name.machine : "";
}

}  // namespace

SystemSource::SystemSource(std::string host, Roots roots)
    : host_(std::move(host)), roots_(std::move(roots)) {
    if (read_file(roots_.etc / "os-release", text_)) os_ = assignment(text_, "PRETTY_NAME");
    kernel_ = read_word(roots_.proc / "sys/kernel/osrelease");
    read_file(roots_.proc / "cpuinfo", text_);
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        if (line.starts_with("processor")) ++cpu_count_;
        if (line.starts_with("model name")) cpu_model_ = after_colon(line);
    }
}

void SystemSource::add_main(Recorder& recorder, const Moment&) {
    add_identity(recorder);
    add_load(recorder);
    add_pressure(recorder, false);
}

void SystemSource::add_identity(Recorder& recorder) {
    recorder.add(kHost, host_);
    if (!os_.empty()) recorder.add(kOs, os_);
    if (!kernel_.empty()) recorder.add(kKernel, kernel_);
    recorder.add(kArchitecture, architecture());
    if (!cpu_model_.empty()) recorder.add(kCpuModel, cpu_model_);
    if (cpu_count_ > 0) recorder.add(kCpuCount, cpu_count_);
}

// "0.37 0.29 0.16 2/108 16658": three averages, running and all threads, the latest process.
void SystemSource::add_load(Recorder& recorder) {
    if (read_file(roots_.proc / "loadavg", text_)) {
        std::string_view line = text_;
        for (const Attribute* load : {&kLoad1, &kLoad5, &kLoad15}) {
            if (const auto value = to_double(next_field(line))) recorder.add(*load, *value);
        }
        std::string_view threads = next_field(line);
        threads.remove_prefix(std::min(threads.size(), threads.find('/') + 1));
        if (const auto count = to_int(threads)) recorder.add(kThreads, *count);
    }
    if (read_file(roots_.proc / "uptime", text_)) {
        std::string_view line = text_;
        if (const auto value = to_double(next_field(line))) recorder.add(kUptime, *value);
    }
}

// "some avg10=0.55 avg60=0.19 avg300=0.30 total=6819617": the share of the last 10, 60 and 300 s in
// which some, or all, tasks waited. The share of 10 s of some is a main figure, the rest details.
void SystemSource::add_pressure(Recorder& recorder, bool details) {
    for (const char* resource : {"cpu", "io", "memory"}) {
        if (!read_file(roots_.proc / "pressure" / resource, text_)) continue;
        std::string_view rest = text_;
        std::string_view line;
        while (next_line(rest, line)) {
            const std::string_view who = next_field(line);
            for (std::string_view field = next_field(line); field.starts_with("avg");
                 field = next_field(line)) {
                const auto equals = field.find('=');
                const std::string_view window = field.substr(3, equals - 3);
                const bool main_figure = who == "some" && window == "10";
                const auto value = to_double(field.substr(equals + 1));
                if (main_figure == details || !value) continue;
                const std::string name =
                    fmt::format("pressure_{}_{}_{}s_percent", resource, who, window);
                recorder.add(attributes_.get(name, "double", "percent"), *value);
            }
        }
    }
}

void SystemSource::add_details(Recorder& recorder, const Moment&) {
    add_pressure(recorder, true);
    add_temperatures(recorder);
    if (read_file(roots_.proc / "sys/fs/file-nr", text_)) {
        std::string_view line = text_;
        recorder.add(kOpenFiles, next_int(line));
    }
}

void SystemSource::add_temperatures(Recorder& recorder) {
    std::error_code error;
    for (const auto& zone :
         std::filesystem::directory_iterator(roots_.sys / "class/thermal", error)) {
        const std::string place = zone.path().filename();
        if (!place.starts_with("thermal_zone")) continue;
        const auto millidegrees = to_int(read_word(zone.path() / "temp"));
        if (!millidegrees) continue;
        const std::string name =
            fmt::format("temperature_{}_{}_celsius", snake_case(read_word(zone.path() / "type")),
                        place.substr(std::string_view("thermal_zone").size()));
        recorder.add(attributes_.get(name, "double", "celsius"),
                     static_cast<double>(*millidegrees) / 1000);
    }
}

}  // namespace atlas::collect
