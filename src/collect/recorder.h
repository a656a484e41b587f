// SPDX-License-Identifier: Apache-2.0
//
// Turns what the sources read into telemetry: one NDJSON line per entity and instant.
//
//     /proc, /sys → sources → [Recorder] → Report → Sender → POST /v1/telemetry
//
// Attributes marked `on_change` are left out while their value is the one sent last, and repeated
// every ten minutes all the same.
//
// Lifetime   attributes are told apart by address: they outlive the recorder.
// Threading  one thread, the collector's.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/time.h"

namespace atlas::collect {

// How an attribute is declared before its first value is sent.
struct Attribute {
    std::string name;
    std::string type = "double";  // the API's word
    std::string unit = {};        // "percent", "bytes", "bytes/s", "seconds", "1/s", …
    bool hot = false;
    bool on_change = false;
    std::string description = {};
    std::string category = {};  // empty: the server's default
};

// The attributes whose names a source learns only while reading. Grows with their number; addresses
// are stable.
class AttributeTable {
public:
    // The attribute of that name; a new one gets type and unit.
    const Attribute& get(std::string_view name, std::string_view type, std::string_view unit);

private:
    std::deque<Attribute> attributes_;
    std::unordered_map<std::string_view, const Attribute*> by_name_;
};

// What one tick brought.
struct Report {
    std::string ndjson;
    std::vector<Attribute> first_seen;  // to be declared before the lines are sent
    std::size_t points = 0;
    std::size_t observations = 0;
};

class Recorder {
public:
    // Opens an observation; `entity` and `type` are copied.
    void begin(std::string_view entity, std::string_view type, Time at);
    void add(const Attribute& attribute, double value);  // rounded; NaN is left out
    void add(const Attribute& attribute, std::int64_t value);
    void add(const Attribute& attribute, std::string_view value);
    void add(const Attribute& attribute, bool value);
    void add(const Attribute& attribute, const char* value) {
        add(attribute, std::string_view(value));
    }
    void add_null(const Attribute& attribute);
    // Closes it; nothing is written when no attribute is left.
    void end();

    // Drops what was sent of an entity that is gone.
    void drop(const std::string& entity) { sent_.erase(entity); }

    // Observations written since the last take().
    std::size_t observations() const { return report_.observations; }

    // What has been recorded since the last call.
    Report take();

private:
    struct Sent {
        std::string json;
        Time at;
    };
    void put(const Attribute& attribute, std::string_view json);
    bool unchanged(const Attribute& attribute, std::string_view json);

    Report report_;
    std::string entity_;
    Time at_{};
    std::size_t line_begin_ = 0;
    std::size_t line_points_ = 0;
    std::string scratch_;
    std::unordered_map<std::string, std::map<const Attribute*, Sent>> sent_;
    std::unordered_set<const Attribute*> seen_;
};

}  // namespace atlas::collect
