// SPDX-License-Identifier: Apache-2.0
//
// atlas_bench [NAME…] [--seconds N] [--scale X] [--list]: exits 0 when every result was right,
// whether or not a goal was met.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>

#include "bench/bench.h"

namespace {

using atlas::bench::Benchmark;

std::vector<Benchmark> all_benchmarks() {
    auto all = atlas::bench::ingest_benchmarks();
    std::ranges::move(atlas::bench::read_benchmarks(), std::back_inserter(all));
    std::ranges::move(atlas::bench::stream_benchmarks(), std::back_inserter(all));
    std::ranges::move(atlas::bench::live_benchmarks(), std::back_inserter(all));
    std::ranges::move(atlas::bench::analytics_benchmarks(), std::back_inserter(all));
    return all;
}

std::filesystem::path own_folder() {
    return std::filesystem::canonical("/proc/self/exe").parent_path();
}

bool run(const Benchmark& benchmark, const atlas::bench::Settings& settings) {
    atlas::bench::Report report(benchmark.name);
    try {
        benchmark.run(settings, report);
    } catch (const std::exception& error) {
        report.wrong(error.what());
    }
    return report.correct();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Benchmarks of Atlas, each against a private server of its own."};
    atlas::bench::Settings settings;
    settings.program = own_folder() / "atlas";
    settings.data_dir = std::filesystem::temp_directory_path();
    std::vector<std::string> names;
    bool list = false;
    app.add_option("name", names, "Benchmarks to run; default: all that need no peer");
    app.add_option("--seconds", settings.seconds, "Seconds that each benchmark measures")
        ->check(CLI::PositiveNumber);
    app.add_option("--scale", settings.scale, "Factor on entities and rows; 1 is the stated size")
        ->check(CLI::Range(0.00001, 1.0));
    app.add_option("--data", settings.data_dir, "Folder for the data of the servers");
    app.add_option("--recorded", settings.recorded, "Folder of recorded telemetry")
        ->envname("ATLAS_RECORDED");
    app.add_flag("--list", list, "List the benchmarks");
    CLI11_PARSE(app, argc, argv);

    const auto benchmarks = all_benchmarks();
    for (const std::string& name : names) {
        if (std::ranges::find(benchmarks, name, &Benchmark::name) != benchmarks.end()) continue;
        fmt::print(stderr, "unknown benchmark {}; --list shows all\n", name);
        return 2;
    }
    bool correct = true;
    for (const Benchmark& benchmark : benchmarks) {
        if (list) {
            fmt::print("{:<20} {}\n", benchmark.name, benchmark.what);
        } else if (names.empty() ? !benchmark.by_name_only
                                 : std::ranges::find(names, benchmark.name) != names.end()) {
            correct = run(benchmark, settings) && correct;
        }
    }
    return correct ? 0 : 1;
}
