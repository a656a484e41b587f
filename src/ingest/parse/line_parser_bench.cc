// SPDX-License-Identifier: Apache-2.0
//
// Parsing line protocol alone: ten fields a line (six float, two int, two string), many series.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include "ingest/parse/line_parser.h"

namespace atlas::ingest {
namespace {

constexpr int kLines = 20'000;
constexpr int kFields = 10;

std::string make_body() {
    std::string body;
    for (int i = 0; i < kLines; ++i) {
        fmt::format_to(
            std::back_inserter(body),
            "pump,entity=pump-{},site=berlin a={}.{:02},b=2.25,c=-3.5,d=4e3,e=5.125,f={}.5,"
            "g={}i,h=8i,status=\"online\",mode=\"auto\" {}\n",
            i % 5000, i % 100, i % 97, i, i, 1'700'000'000'000'000'000 + i * 1'000'000LL);
    }
    return body;
}

void parse_ten_fields(benchmark::State& state) {
    const std::string body = make_body();
    const Time now = time_from_micros(1'795'000'000'000'000);
    const ParseContext context{now, now, std::nullopt};
    for (auto _ : state) {
        Batch batch(body);
        if (parse_lines(batch, Precision::ns, context) != 0) state.SkipWithError("refused");
        if (batch.observations().size() != kLines) state.SkipWithError("lines are missing");
    }
    state.counters["points_per_second"] = benchmark::Counter(
        static_cast<double>(kLines * kFields) * static_cast<double>(state.iterations()),
        benchmark::Counter::kIsRate);
    state.SetBytesProcessed(static_cast<std::int64_t>(body.size()) *
                            static_cast<std::int64_t>(state.iterations()));
}
BENCHMARK(parse_ten_fields)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace atlas::ingest
