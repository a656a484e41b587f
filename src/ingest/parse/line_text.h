// SPDX-License-Identifier: Apache-2.0
//
// The escapes of InfluxDB line protocol. A backslash protects the one character after it where that
// is special in its place; everywhere else it is part of the text, also before another backslash.
//
//     place               special
//     measurement         comma, blank
//     tag key and value,
//     field key           comma, equals, blank
//     string value        double quote, backslash
//
// Scans borrow from the batch's body, which is followed by zero bytes: the first NUL ends a scan,
// so none of them checks the length.
//
// Threading  pure functions; one thread at a time for a batch.
#pragma once

#include <string>
#include <string_view>

#include "ingest/request/batch.h"

namespace atlas::ingest {

inline constexpr std::string_view kMeasurementSpecials = ", ";
inline constexpr std::string_view kKeySpecials = ",= ";
inline constexpr std::string_view kStringSpecials = "\"\\";

struct Scan {
    const char* end;  // where it stopped: an unescaped special, a line feed or a NUL
    bool escaped;     // backslashes were seen
};

// Up to the first unescaped one of comma, equals and blank, or the end of the line.
Scan scan_key(const char* at);
// The same, but an equals sign is part of the text.
Scan scan_measurement(const char* at);

// `raw`, a part of the body, without the backslashes that protect one of `specials`.
TextRef unescape(Batch& batch, std::string_view raw, bool escaped, std::string_view specials);

// Appends `text` with a backslash before each of `specials`: the only form that a text has in a
// series key.
void append_escaped(std::string& out, std::string_view text, std::string_view specials);

}  // namespace atlas::ingest
