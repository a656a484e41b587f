// SPDX-License-Identifier: Apache-2.0
#include "collect/cpu_source.h"

#include <algorithm>
#include <numeric>

#include "collect/text.h"

namespace atlas::collect {
namespace {

constexpr std::int64_t kSecondsMin = 2;
constexpr std::int64_t kSecondsMax = 600;

const Attribute kUsage{"cpu_usage_percent", "double", "percent", true};
const std::array<Attribute, 8> kShares{
    Attribute{"cpu_user_percent", "double", "percent"},
    Attribute{"cpu_nice_percent", "double", "percent"},
    Attribute{"cpu_system_percent", "double", "percent"},
    Attribute{"cpu_idle_percent", "double", "percent"},
    Attribute{"cpu_iowait_percent", "double", "percent"},
    Attribute{"cpu_irq_percent", "double", "percent"},
    Attribute{"cpu_softirq_percent", "double", "percent"},
    Attribute{"cpu_steal_percent", "double", "percent"},
};
constexpr std::size_t kIdle = 3;
constexpr std::size_t kIowait = 4;

const Attribute kContextSwitches{"context_switches_per_second", "double", "1/s"};
const Attribute kInterrupts{"interrupts_per_second", "double", "1/s"};
const Attribute kForks{"processes_created_per_second", "double", "1/s"};
const Attribute kRunning{"processes_running", "int"};
const Attribute kBlocked{"processes_blocked", "int"};

// What a processor that was switched off no longer has.
const std::array<std::reference_wrapper<const Attribute>, 9> kFigures{
    kUsage,     kShares[0], kShares[1], kShares[2], kShares[3],
    kShares[4], kShares[5], kShares[6], kShares[7]};

}  // namespace

CpuSource::Times CpuSource::read_times(std::string_view& line) {
    Times times{};
    for (auto& time : times) time = next_int(line);
    return times;
}

void CpuSource::add_shares(Recorder& recorder, const Times& before, const Times& after) {
    Times spent{};
    for (std::size_t i = 0; i < spent.size(); ++i) {
        // The kernel lets iowait and idle go back now and then.
        spent[i] = std::max<std::int64_t>(0, after[i] - before[i]);
    }
    const auto total = std::accumulate(spent.begin(), spent.end(), std::int64_t{0});
    if (total == 0) return;
    const auto percent = [&](std::int64_t part) {
        return 100.0 * static_cast<double>(part) / static_cast<double>(total);
    };
    recorder.add(kUsage, percent(total - spent[kIdle] - spent[kIowait]));
    for (std::size_t i = 0; i < spent.size(); ++i) recorder.add(kShares[i], percent(spent[i]));
}

void CpuSource::add_main(Recorder& recorder, const Moment& now) {
    if (!read_file(roots_.proc / "stat", text_)) return;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        const std::string_view key = next_field(line);
        if (key == "cpu") {
            const Times times = read_times(line);
            if (all_ != Times{}) add_shares(recorder, all_, times);
            all_ = times;
        } else if (!key.starts_with("cpu")) {
            add_counter(recorder, key, line, now);
        }
    }
}

void CpuSource::add_counter(Recorder& recorder, std::string_view key, std::string_view line,
                            const Moment& now) {
    if (key == "ctxt") rates_.add(recorder, kContextSwitches, next_int(line), now);
    if (key == "intr") rates_.add(recorder, kInterrupts, next_int(line), now);
    if (key == "processes") rates_.add(recorder, kForks, next_int(line), now);
    if (key == "procs_running") recorder.add(kRunning, next_int(line));
    if (key == "procs_blocked") recorder.add(kBlocked, next_int(line));
}

void CpuSource::write_entities(Recorder& recorder, const Moment& now) {
    if (!read_file(roots_.proc / "stat", text_)) return;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        const std::string_view key = next_field(line);
        if (!key.starts_with("cpu") || key == "cpu") continue;
        if (inventory_.open(recorder, key.substr(3), now) == nullptr) continue;
        const Times times = read_times(line);
        const auto [entry, added] = each_.try_emplace(std::string(key), times);
        if (!added) add_shares(recorder, entry->second, times);
        recorder.end();
        entry->second = times;
    }
    inventory_.write_vanished(recorder, now, kFigures);
}

std::chrono::seconds CpuSource::interval() const {
    const auto count = static_cast<std::int64_t>(inventory_.size());
    return std::chrono::seconds{std::clamp(count, kSecondsMin, kSecondsMax)};
}

}  // namespace atlas::collect
