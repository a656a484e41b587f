// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_text.h"

#include <array>

namespace atlas::ingest {
namespace {

enum Stop : std::uint8_t { kGoOn = 0, kAlways = 1, kEquals = 2, kBackslash = 4 };

constexpr std::array<std::uint8_t, 256> stop_table() {
    std::array<std::uint8_t, 256> table{};
    table['\0'] = table['\n'] = table[','] = table[' '] = kAlways;
    table['='] = kEquals;
    table['\\'] = kBackslash;
    return table;
}
constexpr auto kStops = stop_table();

Scan scan(const char* at, unsigned stops, std::string_view specials) {
    bool escaped = false;
    for (;; ++at) {
        const unsigned kind = kStops[static_cast<unsigned char>(*at)];
        if (kind == kGoOn) continue;
        if ((kind & stops) != 0) return {at, escaped};
        if (kind != kBackslash) continue;
        escaped = true;
        if (at[1] != '\0' && specials.find(at[1]) != std::string_view::npos) ++at;
    }
}

}  // namespace

Scan scan_key(const char* at) {
    return scan(at, kAlways | kEquals, kKeySpecials);
}
Scan scan_measurement(const char* at) {
    return scan(at, kAlways, kMeasurementSpecials);
}

TextRef unescape(Batch& batch, std::string_view raw, bool escaped, std::string_view specials) {
    if (!escaped) return batch.refer(raw);
    std::string text;
    text.reserve(raw.size());
    for (std::size_t i = 0; i < raw.size(); ++i) {
        const bool protects = raw[i] == '\\' && i + 1 < raw.size() &&
                              specials.find(raw[i + 1]) != std::string_view::npos;
        if (protects) ++i;
        text += raw[i];
    }
    return batch.keep(text);
}

void append_escaped(std::string& out, std::string_view text, std::string_view specials) {
    for (const char c : text) {
        if (specials.find(c) != std::string_view::npos) out += '\\';
        out += c;
    }
}

}  // namespace atlas::ingest
