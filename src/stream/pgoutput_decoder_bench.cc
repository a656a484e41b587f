// SPDX-License-Identifier: Apache-2.0
//
// The decoder alone, on rows as telemetry has them: ten points, six doubles, two ints, two texts.
#include <benchmark/benchmark.h>

#include "base/big_endian.h"
#include "stream/pgoutput_decoder.h"

namespace atlas::stream {
namespace {

constexpr int kPoints = 10;

void append_cell(std::string& message, std::string_view bytes) {
    message += 'b';
    append_big_endian(message, static_cast<std::int32_t>(bytes.size()));
    message += bytes;
}

std::string observation() {
    std::string message = "I";
    append_big_endian(message, std::int32_t{7});
    message += 'N';
    append_big_endian(message, std::int16_t{10});
    for (int i = 0; i < 4; ++i) append_cell(message, std::string(8, '\1'));
    append_cell(message, std::string(4, '\1'));
    message += 'n';
    append_cell(message, std::string(20 + 2 * 12, '\1'));
    append_cell(message, std::string(20 + 6 * 12, '\1'));
    message += 'n';
    append_cell(message, std::string(20 + 2 * 12, '\1'));
    return message;
}

std::string announcement() {
    std::string message = "R";
    append_big_endian(message, std::int32_t{7});
    message.append("public").append(1, '\0').append("observations").append(1, '\0').append("d");
    append_big_endian(message, std::int16_t{10});
    for (char name = 'a'; name < 'k'; ++name) {
        message.append(1, '\0').append(1, name).append(1, '\0').append(8, '\0');
    }
    return message;
}

void decode_observations(benchmark::State& state) {
    PgoutputDecoder decoder;
    std::string begin = "B";
    begin.append(20, '\0');
    const std::string relation = announcement();
    const std::string row = observation();
    if (!decoder.decode(begin) || !decoder.decode(relation)) state.SkipWithError("not decoded");
    for (auto _ : state) {
        const auto event = decoder.decode(row);
        if (!event || !std::holds_alternative<Change>(*event)) {
            state.SkipWithError("not decoded");
        }
    }
    state.counters["points_per_second"] =
        benchmark::Counter(static_cast<double>(kPoints) * static_cast<double>(state.iterations()),
                           benchmark::Counter::kIsRate);
}
BENCHMARK(decode_observations);

}  // namespace
}  // namespace atlas::stream
