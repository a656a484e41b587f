// SPDX-License-Identifier: Apache-2.0
#include "collect/source.h"

#include <utility>

namespace atlas::collect {

std::optional<double> Rates::per_second(std::string_view key, std::int64_t value,
                                        const Moment& now) {
    const auto [entry, added] = last_.try_emplace(std::string(key), Last{value, now.seconds});
    if (added) return std::nullopt;
    const Last last = std::exchange(entry->second, Last{value, now.seconds});
    const double elapsed = now.seconds - last.seconds;
    if (value < last.value || elapsed <= 0) return std::nullopt;
    return static_cast<double>(value - last.value) / elapsed;
}

void Rates::add(Recorder& recorder, const Attribute& attribute, std::int64_t value,
                const Moment& now) {
    if (const auto rate = per_second(attribute.name, value, now)) recorder.add(attribute, *rate);
}

}  // namespace atlas::collect
