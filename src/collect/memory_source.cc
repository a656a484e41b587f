// SPDX-License-Identifier: Apache-2.0
#include "collect/memory_source.h"

#include "collect/text.h"

namespace atlas::collect {
namespace {

const Attribute kTotal{"memory_total_bytes", "int", "bytes"};
const Attribute kUsed{"memory_used_bytes", "int", "bytes"};
const Attribute kAvailable{"memory_available_bytes", "int", "bytes"};
const Attribute kFree{"memory_free_bytes", "int", "bytes"};
const Attribute kCached{"memory_cached_bytes", "int", "bytes"};
const Attribute kBuffers{"memory_buffers_bytes", "int", "bytes"};
const Attribute kUsedPercent{"memory_used_percent", "double", "percent", true};
const Attribute kSwapTotal{"swap_total_bytes", "int", "bytes"};
const Attribute kSwapUsed{"swap_used_bytes", "int", "bytes"};

double percent(std::int64_t part, std::int64_t whole) {
    return whole == 0 ? 0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

bool MemorySource::read_meminfo() {
    if (!read_file(roots_.proc / "meminfo", text_)) return false;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        std::string_view key = next_field(line);
        if (!key.ends_with(':')) continue;
        key.remove_suffix(1);
        const std::int64_t number = next_int(line);
        meminfo_[std::string(key)] = next_field(line) == "kB" ? number * 1024 : number;
    }
    return true;
}

std::int64_t MemorySource::value(std::string_view key) const {
    const auto found = meminfo_.find(std::string(key));
    return found == meminfo_.end() ? 0 : found->second;
}

void MemorySource::add_main(Recorder& recorder, const Moment&) {
    if (!read_meminfo()) return;
    const std::int64_t total = value("MemTotal");
    const std::int64_t used = total - value("MemAvailable");
    recorder.add(kTotal, total);
    recorder.add(kUsed, used);
    recorder.add(kAvailable, value("MemAvailable"));
    recorder.add(kFree, value("MemFree"));
    recorder.add(kCached, value("Cached"));
    recorder.add(kBuffers, value("Buffers"));
    recorder.add(kUsedPercent, percent(used, total));
    recorder.add(kSwapTotal, value("SwapTotal"));
    recorder.add(kSwapUsed, value("SwapTotal") - value("SwapFree"));
}

void MemorySource::add_details(Recorder& recorder, const Moment& now) {
    for (const auto& [key, number] : meminfo_) {
        const bool count = key.starts_with("HugePages_");
        const std::string name = "meminfo_" + snake_case(key) + (count ? "" : "_bytes");
        recorder.add(attributes_.get(name, "int", count ? "" : "bytes"), number);
    }
    add_vmstat(recorder, now);
}

// Names that begin with nr_ are states, in pages mostly; all others count since the start.
void MemorySource::add_vmstat(Recorder& recorder, const Moment& now) {
    if (!read_file(roots_.proc / "vmstat", text_)) return;
    std::string_view rest = text_;
    std::string_view line;
    while (next_line(rest, line)) {
        const std::string_view key = next_field(line);
        const std::int64_t number = next_int(line);
        if (number == 0 && !key.starts_with("nr_")) continue;
        const std::string name = "vmstat_" + snake_case(key);
        if (key.starts_with("nr_")) {
            recorder.add(attributes_.get(name, "int", ""), number);
        } else {
            rates_.add(recorder, attributes_.get(name + "_per_second", "double", "1/s"), number,
                       now);
        }
    }
}

}  // namespace atlas::collect
