// SPDX-License-Identifier: Apache-2.0
//
// What the collector costs on disk, on a machine as busy as they come: fifteen minutes of it are
// played through, the last ten of them are held against the 300 MB a day that README.md promises.
#include <gtest/gtest.h>

#include <set>

#include "collect/allowance.h"
#include "collect/collector.h"
#include "collect/survey_test_machine.h"

namespace atlas::collect {
namespace {

// What a row, a value and a new entity took of the database on a real machine, indexes and current
// state included.
constexpr double kBytesPerObservation = 200;
constexpr double kBytesPerPoint = 8.5;
constexpr double kBytesPerEntity = 3000;
constexpr double kMostBytesPerDay = 300e6;
constexpr int kWarmUp = 300;
constexpr int kEnd = 900;

class BusyMachine : public Machine {
protected:
    static constexpr int kProcessors = 64;
    static constexpr int kDevices = 40;
    static constexpr int kLasting = 80;
    static constexpr int kPassing = 40;

    static constexpr int kStates = 400;  // of the host, as the kernel and its drivers count

    BusyMachine() {
        std::string states;
        for (int state = 0; state < kStates; ++state) {
            states += fmt::format("nr_state_{} {}\n", state, state);
        }
        write("proc/vmstat", states);
        for (int disk = 0; disk < kDevices; ++disk) {
            write(fmt::format("sys/block/sd{}/size", disk), "2048\n");
        }
    }

    // Every counter grows, and faster all the time: no rate is what it was.
    void move_on(int second) {
        const int ticks = second * (second + 7);
        std::string text = fmt::format("cpu  {} 0 {} {} 0 0 0 0\n", ticks, ticks / 2, second * 100);
        for (int cpu = 0; cpu < kProcessors; ++cpu) {
            text +=
                fmt::format("cpu{} {} 0 {} {} 0 0 0 0\n", cpu, ticks + cpu, ticks / 3, second * 90);
        }
        write("proc/stat", text + fmt::format("ctxt {0}\nintr {0}\nprocesses {0}\n", ticks * 99));
        if (second % 10 != 0) return;
        move_devices(ticks);
        renew_processes(second, ticks);
    }

    void move_devices(int ticks) {
        std::string disks;
        std::string interfaces;
        for (int at = 0; at < kDevices; ++at) {
            const int count = ticks * (at + 3);
            disks += fmt::format("8 {0} sd{0} {1} 0 {1} {1} {1} 0 {1} {1} 0 {1} {1}\n", at, count);
            interfaces +=
                fmt::format("  veth{0}: {1} {1} 0 0 0 0 0 0 {1} {1} 0 0 0 0 0 0\n", at, count);
        }
        write("proc/diskstats", disks);
        write("proc/net/dev", interfaces);
    }

    // Some that are always busy, and at every sweep as many new ones and as many gone.
    void renew_processes(int second, int ticks) {
        for (int pid = 500; pid < 500 + kLasting; ++pid) {
            process(pid, "worker", pid % 2 == 0 ? 'R' : 'S', ticks * (pid % 7 + 1), 0, 5000);
        }
        const int first = 1000 + second / 10 * kPassing;
        for (int pid = first; pid < first + kPassing; ++pid) {
            std::filesystem::remove_all(root_ / "proc" / std::to_string(pid - kPassing));
            process(pid, "compiler", 'R', pid, 0, 5000);
        }
    }
};

TEST_F(BusyMachine, StaysWithinItsBytesADay) {
    Survey survey("vm", roots_);
    std::set<std::string> known;
    std::size_t points = 0;
    std::size_t observations = 0;
    std::size_t entities = 0;
    for (int second = 0; second < kEnd; ++second) {
        move_on(second);
        const Report report = survey.tick(static_cast<std::uint64_t>(second), at(second));
        std::size_t added = 0;
        for (const auto& line : parse(report)) added += known.insert(line.first).second ? 1 : 0;
        if (second < kWarmUp) continue;
        points += report.points;
        observations += report.observations;
        entities += added;
    }
    const double bytes = kBytesPerObservation * static_cast<double>(observations) +
                         kBytesPerPoint * static_cast<double>(points) +
                         kBytesPerEntity * static_cast<double>(entities);
    const double per_day = bytes * Allowance::kSecondsPerDay / (kEnd - kWarmUp);
    RecordProperty("megabytes_per_day", static_cast<int>(per_day / 1e6));
    EXPECT_LE(per_day, kMostBytesPerDay)
        << observations << " observations, " << points << " points, " << entities << " entities";
    EXPECT_GE(observations, static_cast<std::size_t>(kEnd - kWarmUp)) << "it did look";
}

}  // namespace
}  // namespace atlas::collect
