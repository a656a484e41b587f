// SPDX-License-Identifier: Apache-2.0
//
// Appends JSON to a string: every digit of a number, commas by itself, no tree in memory.
//
//     JsonWriter json(out);
//     json.begin_object().key("entity").value("pump-7").end_object();
//
// Nesting is the caller's: begin and end must match. One thread at a time.
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

    JsonWriter& value(std::string_view text);
    JsonWriter& value(const char* text) { return value(std::string_view(text)); }
    JsonWriter& value(const std::string& text) { return value(std::string_view(text)); }
    JsonWriter& value(bool flag);
    JsonWriter& value(int number) { return value(std::int64_t{number}); }
    JsonWriter& value(std::int64_t number);
    JsonWriter& value(std::uint64_t number);
    // The shortest digits that read back the same; null for NaN and infinities.
    JsonWriter& value(double number);
    JsonWriter& value(Time time);
    JsonWriter& null();
    // JSON text (or the digits of a decimal) that is valid as it stands.
    JsonWriter& raw(std::string_view json);

private:
    void separate();

    std::string& out_;
    bool comma_ = false;
};

// Appends `text` as a JSON string, quotes included.
void append_json_string(std::string& out, std::string_view text);

}  // namespace atlas
