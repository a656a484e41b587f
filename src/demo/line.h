// SPDX-License-Identifier: Apache-2.0
//
// One observation as a line of NDJSON, `{"entity":…,"type":…,"at":…,"attributes":{…}}`.
//
//     Fleet → models → [Line] → Report → Sender
//
// Lifetime   appends to `out` from construction to end(); nothing else may write to it meanwhile.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "demo/attributes.h"

namespace atlas::demo {

class Line {
public:
    Line(std::string& out, std::string_view entity, std::string_view type, Time at);

    // A value of the attribute's declared type; doubles are rounded to three decimals.
    void add(const Attribute& attribute, double value);
    void add(const Attribute& attribute, std::int64_t value);
    void add(const Attribute& attribute, bool value);
    void add(const Attribute& attribute, std::string_view text);
    void add(const Attribute& attribute, const char* text) {
        add(attribute, std::string_view(text));
    }
    void add(const Attribute& attribute, Time value);
    void add_json(const Attribute& attribute, std::string_view json);
    // From here on there is no value.
    void add_null(const Attribute& attribute);

    // Closes the line and returns the number of its values; without any nothing is written.
    std::size_t end();

private:
    std::string& key(const Attribute& attribute);

    std::string& out_;
    std::size_t begin_;
    std::size_t points_ = 0;
};

}  // namespace atlas::demo
