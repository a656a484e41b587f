// SPDX-License-Identifier: Apache-2.0
//
// Writes JSON straight into a string: every digit of a number, commas by itself, no tree in memory.
//
//     JsonWriter json(out);
//     json.begin_object().key("entity").value("pump-7").end_object();
//
// Nesting is the caller's: begin and end must match, and a key precedes each value of an object;
// nothing checks that. Text is UTF-8 already.
//
// Lifetime   borrows the string, which is only appended to.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace atlas {

class JsonWriter {
public:
    explicit JsonWriter(std::string& out) : out_(out) {}

    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);

    // A string, with its quotes and escapes.
    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(bool flag);
    JsonWriter& value(int number) { return value(std::int64_t{number}); }
    JsonWriter& value(std::int64_t number);
    JsonWriter& value(std::uint64_t number);
    // The shortest digits that read back the same; null for NaN and infinities.
    JsonWriter& value(double number);
    JsonWriter& value(Time time);  // a string, RFC 3339 in UTC
    JsonWriter& null();
    // JSON text (or the digits of a decimal) that is valid as is.
    JsonWriter& raw(std::string_view json);

private:
    void separate();

    std::string& out_;
    bool comma_ = false;
};

// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace atlas
