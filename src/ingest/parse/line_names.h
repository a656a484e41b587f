// SPDX-License-Identifier: Apache-2.0
//
// From measurements and field keys to attribute names, resolved once per request and not once per
// data point. Lines of one measurement nearly always have the same fields in the same order, so the
// field at the same place of the previous line is tried first.
//
// Lifetime   one per body; borrows the batch.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "ingest/request/batch.h"

namespace atlas::ingest {

struct FieldName {
    std::string_view raw;         // as on the line
    std::uint32_t name = 0;       // Batch::name_id of the attribute
    const char* fault = nullptr;  // why the name is rejected
};

struct Measurement {
    std::string_view raw;
    TextRef name;                 // without escapes
    const char* fault = nullptr;  // why its lines are rejected
    std::vector<FieldName> fields;
    std::vector<std::uint32_t> tags;                             // Batch::name_id of the attributes
    std::unordered_map<std::string_view, std::uint32_t> by_raw;  // → index into fields
    std::size_t next = 0;                                        // the guess
};

class LineNames {
public:
    explicit LineNames(Batch& batch) : batch_(batch) {}

    const std::deque<Measurement>& measurements() const { return measurements_; }
    // `raw` lies in the body. The reference stays valid as long as this object.
    Measurement& measurement(std::string_view raw, bool escaped);
    // The attribute of a field: <measurement>_<field>, or <measurement> for "value".
    const FieldName& field(Measurement& measurement, std::string_view raw, bool escaped);

private:
    const FieldName& add_field(Measurement& measurement, std::string_view raw, bool escaped);

    Batch& batch_;
    std::deque<Measurement> measurements_;
    std::unordered_map<std::string_view, Measurement*> by_raw_;
    Measurement* latest_ = nullptr;
    std::string scratch_;
};

}  // namespace atlas::ingest
