// SPDX-License-Identifier: Apache-2.0
#include "observe/process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

#include "base/version.h"

namespace atlas::observe {
namespace {

std::uint64_t entries_of(const char* folder) {
    std::error_code ignored;
    std::uint64_t count = 0;
    for (std::filesystem::directory_iterator it(folder, ignored), end; !ignored && it != end;
         it.increment(ignored)) {
        ++count;
    }
    return count;
}

double cpu_seconds() {
    rusage use{};
    getrusage(RUSAGE_SELF, &use);
    const auto seconds = [](timeval t) {
        return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    return seconds(use.ru_utime) + seconds(use.ru_stime);
}

}  // namespace

std::uint64_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t total = 0;
    std::uint64_t resident = 0;
    statm >> total >> resident;
    return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

ProcessUse process_use() {
    return {.resident_bytes = resident_bytes(),
            .open_fds = entries_of("/proc/self/fd"),
            .cpu_seconds = cpu_seconds(),
            .threads = entries_of("/proc/self/task")};
}

ProcessMetrics::ProcessMetrics(Registry& registry)
    : build_(registry, "atlas_build_info", "1; its label says which version runs.",
             [] { return 1.0; }, {{"version", std::string(version())}}),
      resident_(registry, "atlas_process_resident_bytes", "Resident memory.",
                [] { return static_cast<double>(resident_bytes()); }),
      fds_(registry, "atlas_process_open_fds", "Open file descriptors.",
           [] { return static_cast<double>(entries_of("/proc/self/fd")); }),
      cpu_(registry, "atlas_process_cpu_seconds_total", "CPU time, user and system.", cpu_seconds,
           {}, Reading::Kind::counter),
      threads_(registry, "atlas_process_threads_count", "Threads.",
               [] { return static_cast<double>(entries_of("/proc/self/task")); }),
      started_(
          registry, "atlas_process_start_time_seconds", "Start, in Unix seconds.",
          [at = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
                    .count()] { return at; }) {
}

}  // namespace atlas::observe
