// SPDX-License-Identifier: Apache-2.0
//
// The processes, without the kernel's threads: an entity <host>/process/<pid>-<start> each, from
// the time it has lived for five seconds until it is gone. Then its state is "gone" and its figures
// are null, so that filters find the living by their state.
//
// Only what changed is written, and of known processes at most 40 at a time, the busiest first. New
// ones, some three kilobytes each in the database, are written as they come up to 1,000, and 20,000
// a day beyond: a machine that compiles all day starts more than that.
//
// Threading  see source.h.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "collect/allowance.h"
#include "collect/source.h"

namespace atlas::collect {

class ProcessSource final : public Source {
public:
    static constexpr double kMaxNewAtOnce = 1000;
    static constexpr double kNewPerDay = 20'000;

    ProcessSource(std::string host, Roots roots)
        : host_(std::move(host)), roots_(std::move(roots)) {}

    void add_main(Recorder& recorder, const Moment& now) override;
    void write_entities(Recorder& recorder, const Moment& now) override;
    void adopt(std::span<const std::string> entities) override;

private:
    // One line of /proc/<pid>/stat.
    struct Stat {
        std::string command;
        char state = 0;
        std::int64_t pid = 0, parent = 0, flags = 0, ticks = 0, threads = 0, start = 0, pages = 0;
    };
    struct Known {
        std::int64_t ticks = 0;
        double seconds = 0;
        double cpu_percent = 0;
        bool has_cpu = false;
        bool is_new = true;
        std::uint64_t sweep = 0;
        Stat stat;
        std::string user;
    };
    std::vector<std::string> list_pids() const;
    bool read_stat(const std::string& pid, Stat& stat);
    void look_at(const std::string& pid, double uptime, const Moment& now);
    void write_changed(Recorder& recorder, const Moment& now);
    void write_process(Recorder& recorder, const std::string& entity, const Known& process,
                       const Moment& now);
    void write_gone(Recorder& recorder, const std::string& entity, const Moment& now);
    void write_vanished(Recorder& recorder, const Moment& now);
    std::string user_of(const std::string& pid);

    std::string host_;
    Roots roots_;
    std::string text_;
    std::uint64_t sweep_ = 0;
    Allowance allowance_{kMaxNewAtOnce, kNewPerDay};
    std::map<std::string, Known> known_;  // by entity
    std::vector<std::string> adopted_;
    std::unordered_map<unsigned, std::string> users_;
};

}  // namespace atlas::collect
