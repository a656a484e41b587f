// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_names.h"

#include "ingest/parse/line_text.h"
#include "ingest/request/limits.h"

namespace atlas::ingest {
namespace {

const char* measurement_fault(std::string_view name) {
    if (name.empty()) return "the measurement is missing";
    if (name.size() > kMaxTypeBytes) return "the measurement is longer than 100 bytes";
    if (has_control_character(name)) return "the measurement contains a control character";
    return nullptr;
}

}  // namespace

Measurement& LineNames::measurement(std::string_view raw, bool escaped) {
    if (latest_ != nullptr && latest_->raw == raw) return *latest_;
    const auto [entry, added] = by_raw_.try_emplace(raw, nullptr);
    if (added) {
        Measurement& fresh = measurements_.emplace_back();
        fresh.raw = raw;
        fresh.name = unescape(batch_, raw, escaped, kMeasurementSpecials);
        fresh.fault = measurement_fault(batch_.text(fresh.name));
        entry->second = &fresh;
    }
    latest_ = entry->second;
    return *latest_;
}

const FieldName& LineNames::field(Measurement& measurement, std::string_view raw, bool escaped) {
    auto& fields = measurement.fields;
    if (measurement.next >= fields.size()) measurement.next = 0;
    if (measurement.next < fields.size() && fields[measurement.next].raw == raw) {
        return fields[measurement.next++];
    }
    const auto known = measurement.by_raw.find(raw);
    if (known == measurement.by_raw.end()) return add_field(measurement, raw, escaped);
    measurement.next = known->second + 1;
    return fields[known->second];
}

const FieldName& LineNames::add_field(Measurement& measurement, std::string_view raw,
                                      bool escaped) {
    const std::string_view key = batch_.text(unescape(batch_, raw, escaped, kKeySpecials));
    scratch_ = batch_.text(measurement.name);
    if (key != "value") {
        scratch_ += '_';
        scratch_ += key;
    }
    FieldName field{raw, Batch::kNoName, attribute_name_fault(scratch_)};
    if (field.fault == nullptr) field.name = batch_.name_id(scratch_);
    measurement.by_raw.emplace(raw, static_cast<std::uint32_t>(measurement.fields.size()));
    measurement.fields.push_back(field);
    measurement.next = measurement.fields.size();
    return measurement.fields.back();
}

}  // namespace atlas::ingest
