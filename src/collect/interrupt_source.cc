// SPDX-License-Identifier: Apache-2.0
#include "collect/interrupt_source.h"

#include <fmt/format.h>

#include "collect/text.h"

namespace atlas::collect {
namespace {

constexpr int kMaxLines = 256;

// Sums the columns of numbers and leaves what follows them in `line`.
std::int64_t sum_columns(std::string_view& line) {
    std::int64_t sum = 0;
    for (;;) {
        std::string_view rest = line;
        const auto number = to_int(next_field(rest));
        if (!number) return sum;
        sum += *number;
        line = rest;
    }
}

std::string last_field(std::string_view line) {
    std::string_view last;
    for (std::string_view field = next_field(line); !field.empty(); field = next_field(line)) {
        last = field;
    }
    return std::string(last);
}

}  // namespace

void InterruptSource::add_details(Recorder& recorder, const Moment& now) {
    add_table(recorder, "interrupts", "interrupt", now);
    add_table(recorder, "softirqs", "softirq", now);
}

// " 36:   0   141842  PCI-MSIX-0000:00:02.0   1-edge   virtio1-req.0": numbered lines are called by
// their number and device, the others ("LOC:", "NET_RX:") by their name. Lines that never counted
// anything are left out.
void InterruptSource::add_table(Recorder& recorder, const char* file, const char* prefix,
                                const Moment& now) {
    if (!read_file(roots_.proc / file, text_)) return;
    std::string_view rest = text_;
    std::string_view line;
    for (int lines = 0; lines < kMaxLines && next_line(rest, line);) {
        std::string_view key = next_field(line);
        if (!key.ends_with(':')) continue;
        key.remove_suffix(1);
        const std::int64_t total = sum_columns(line);
        if (total == 0) continue;
        ++lines;
        const std::string device = to_int(key) ? "_" + snake_case(last_field(line)) : "";
        const std::string name = fmt::format("{}_{}{}_per_second", prefix, snake_case(key), device);
        rates_.add(recorder, attributes_.get(name, "double", "1/s"), total, now);
    }
}

}  // namespace atlas::collect
