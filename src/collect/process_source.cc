// SPDX-License-Identifier: Apache-2.0
#include "collect/process_source.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "collect/text.h"

namespace atlas::collect {
namespace {

constexpr double kMinAgeSeconds = 5;
constexpr int kMaxChangedPerSweep = 40;
constexpr std::size_t kMaxUsers = 1000;
constexpr std::int64_t kKernelThread = 0x00200000;  // PF_KTHREAD

const Attribute kTotal{"processes_total", "int"};
const Attribute kHost{"host", "string", "", true, true};
const Attribute kState{"state", "string", "", true, true};
const Attribute kCommand{"command", "string", "", true, true};
const Attribute kUser{"user", "string", "", true, true};
const Attribute kPid{"pid", "int", "", true, true};
const Attribute kParent{"parent_pid", "int", "", false, true};
const Attribute kCpu{"process_cpu_usage_percent", "double", "percent", true, true};
const Attribute kMemory{"process_memory_bytes", "int", "bytes", true, true};
const Attribute kThreads{"process_threads", "int", "", false, true};

const char* word_of(char state) {
    switch (state) {
        case 'R': return "running";
        case 'S': return "sleeping";
        case 'D': return "waiting";
        case 'Z': return "zombie";
        case 'T':
        case 't': return "stopped";
        case 'I': return "idle";
        default: return "unknown";
    }
}

bool is_number(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

double ticks_per_second() {
    static const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
    return ticks;
}

}  // namespace

std::vector<std::string> ProcessSource::list_pids() const {
    std::vector<std::string> pids;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(roots_.proc, error)) {
        std::string name = entry.path().filename();
        if (is_number(name)) pids.push_back(std::move(name));
    }
    return pids;
}

void ProcessSource::add_main(Recorder& recorder, const Moment&) {
    recorder.add(kTotal, static_cast<std::int64_t>(list_pids().size()));
}

// "1234 (name, with anything) S 1 …": the name ends at the last parenthesis.
bool ProcessSource::read_stat(const std::string& pid, Stat& stat) {
    if (!read_file(roots_.proc / pid / "stat", text_)) return false;
    std::string_view line = text_;
    const auto open = line.find('(');
    const auto close = line.rfind(')');
    if (open == std::string_view::npos || close == std::string_view::npos || close < open) {
        return false;
    }
    stat.pid = to_int(pid).value_or(0);
    stat.command = line.substr(open + 1, close - open - 1);
    line.remove_prefix(close + 1);
    const std::string_view state = next_field(line);
    stat.state = state.empty() ? '?' : state.front();
    stat.parent = next_int(line);
    skip_fields(line, 4);
    stat.flags = next_int(line);
    skip_fields(line, 4);
    stat.ticks = next_int(line);
    stat.ticks += next_int(line);
    skip_fields(line, 4);
    stat.threads = next_int(line);
    skip_fields(line, 1);
    stat.start = next_int(line);
    skip_fields(line, 1);
    stat.pages = next_int(line);
    return true;
}

std::string ProcessSource::user_of(const std::string& pid) {
    struct stat found{};
    if (::stat((roots_.proc / pid).c_str(), &found) != 0) return {};
    // Containers with user ids of their own come and go.
    if (users_.size() >= kMaxUsers) users_.clear();
    const auto [entry, added] = users_.try_emplace(found.st_uid);
    if (!added) return entry->second;
    std::array<char, 4096> buffer{};
    passwd record{};
    passwd* result = nullptr;
    ::getpwuid_r(found.st_uid, &record, buffer.data(), buffer.size(), &result);
    entry->second = result != nullptr ? result->pw_name : fmt::format("{}", found.st_uid);
    return entry->second;
}

void ProcessSource::look_at(const std::string& pid, double uptime, const Moment& now) {
    Stat stat;
    if (!read_stat(pid, stat) || (stat.flags & kKernelThread) != 0) return;
    if (uptime - static_cast<double>(stat.start) / ticks_per_second() < kMinAgeSeconds) return;
    const auto [entry, added] =
        known_.try_emplace(fmt::format("{}/process/{}-{}", host_, pid, stat.start));
    Known& process = entry->second;
    if (!added && now.seconds > process.seconds) {
        process.cpu_percent = 100.0 * static_cast<double>(stat.ticks - process.ticks) /
                              ticks_per_second() / (now.seconds - process.seconds);
        process.cpu_percent = std::max(0.0, process.cpu_percent);
        process.has_cpu = true;
    }
    process.ticks = stat.ticks;
    process.seconds = now.seconds;
    process.sweep = sweep_;
    process.stat = std::move(stat);
    process.user = user_of(pid);
}

void ProcessSource::adopt(std::span<const std::string> entities) {
    const std::string prefix = host_ + "/process/";
    for (const std::string& entity : entities) {
        if (entity.starts_with(prefix)) adopted_.push_back(entity);
    }
}

void ProcessSource::write_entities(Recorder& recorder, const Moment& now) {
    ++sweep_;
    read_file(roots_.proc / "uptime", text_);
    std::string_view line = text_;
    const double uptime = to_double(next_field(line)).value_or(0);
    for (const std::string& pid : list_pids()) look_at(pid, uptime, now);
    write_vanished(recorder, now);
    allowance_.refill(now.seconds);
    write_changed(recorder, now);
}

void ProcessSource::write_changed(Recorder& recorder, const Moment& now) {
    std::vector<std::pair<const std::string*, Known*>> order;
    order.reserve(known_.size());
    for (auto& [entity, process] : known_) order.emplace_back(&entity, &process);
    std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
        return std::pair(a.second->is_new, a.second->cpu_percent) >
               std::pair(b.second->is_new, b.second->cpu_percent);
    });
    int changed = 0;
    for (const auto& [entity, process] : order) {
        if (!process->is_new && changed >= kMaxChangedPerSweep) break;
        if (process->is_new && !allowance_.take()) continue;
        const std::size_t before = recorder.observations();
        write_process(recorder, *entity, *process, now);
        if (!process->is_new && recorder.observations() > before) ++changed;
        process->is_new = false;
    }
}

void ProcessSource::write_vanished(Recorder& recorder, const Moment& now) {
    std::erase_if(known_, [&](const auto& entry) {
        if (entry.second.sweep == sweep_) return false;
        if (!entry.second.is_new) write_gone(recorder, entry.first, now);
        return true;
    });
    for (const std::string& entity : std::exchange(adopted_, {})) {
        if (!known_.contains(entity)) write_gone(recorder, entity, now);
    }
}

void ProcessSource::write_process(Recorder& recorder, const std::string& entity,
                                  const Known& process, const Moment& now) {
    static const std::int64_t page_bytes = ::sysconf(_SC_PAGESIZE);
    recorder.begin(entity, "process", now.at);
    recorder.add(kHost, host_);
    recorder.add(kCommand, process.stat.command);
    if (!process.user.empty()) recorder.add(kUser, process.user);
    recorder.add(kPid, process.stat.pid);
    recorder.add(kParent, process.stat.parent);
    recorder.add(kState, word_of(process.stat.state));
    if (process.has_cpu) recorder.add(kCpu, process.cpu_percent);
    recorder.add(kMemory, process.stat.pages * page_bytes);
    recorder.add(kThreads, process.stat.threads);
    recorder.end();
}

void ProcessSource::write_gone(Recorder& recorder, const std::string& entity, const Moment& now) {
    recorder.drop(entity);
    recorder.begin(entity, "process", now.at);
    recorder.add(kState, "gone");
    recorder.add_null(kCpu);
    recorder.add_null(kMemory);
    recorder.add_null(kThreads);
    recorder.end();
    recorder.drop(entity);
}

}  // namespace atlas::collect
