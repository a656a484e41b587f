// SPDX-License-Identifier: Apache-2.0
#include "collect/recorder.h"

#include <chrono>
#include <cmath>
#include <utility>

#include "base/json_writer.h"

namespace atlas::collect {
namespace {

constexpr std::chrono::minutes kRepeat{10};

}  // namespace

const Attribute& AttributeTable::get(std::string_view name, std::string_view type,
                                     std::string_view unit) {
    if (const auto known = by_name_.find(name); known != by_name_.end()) return *known->second;
    const Attribute& added = attributes_.emplace_back(
        Attribute{std::string(name), std::string(type), std::string(unit), false, false, {}});
    by_name_.emplace(added.name, &added);
    return added;
}

void Recorder::begin(std::string_view entity, std::string_view type, Time at) {
    entity_ = entity;
    at_ = at;
    line_begin_ = report_.ndjson.size();
    line_points_ = 0;
    JsonWriter json(report_.ndjson);
    json.begin_object().key("entity").value(entity).key("type").value(type);
    json.key("at").value(at).key("attributes").begin_object();
}

void Recorder::add(const Attribute& attribute, double value) {
    if (!std::isfinite(value)) return;
    scratch_.clear();
    const double steps = std::abs(value) < 1 ? 1e6 : 1e3;
    JsonWriter(scratch_).value(std::round(value * steps) / steps);
    // A double stays one even where it could not be declared: 12 would be an int on first sight.
    if (scratch_.find_first_of(".e") == std::string::npos) scratch_ += ".0";
    put(attribute, scratch_);
}

void Recorder::add(const Attribute& attribute, std::int64_t value) {
    scratch_.clear();
    JsonWriter(scratch_).value(value);
    put(attribute, scratch_);
}

void Recorder::add(const Attribute& attribute, std::string_view value) {
    scratch_.clear();
    append_json_string(scratch_, value);
    put(attribute, scratch_);
}

void Recorder::add(const Attribute& attribute, bool value) {
    put(attribute, value ? "true" : "false");
}

void Recorder::add_null(const Attribute& attribute) {
    put(attribute, "null");
}

void Recorder::put(const Attribute& attribute, std::string_view json) {
    if (attribute.on_change && unchanged(attribute, json)) return;
    if (seen_.insert(&attribute).second) report_.first_seen.push_back(attribute);
    if (line_points_++ > 0) report_.ndjson += ',';
    append_json_string(report_.ndjson, attribute.name);
    report_.ndjson += ':';
    report_.ndjson += json;
}

bool Recorder::unchanged(const Attribute& attribute, std::string_view json) {
    Sent& sent = sent_[entity_][&attribute];
    if (sent.json == json && at_ - sent.at < kRepeat) return true;
    sent.json = json;
    sent.at = at_;
    return false;
}

void Recorder::end() {
    if (line_points_ == 0) {
        report_.ndjson.resize(line_begin_);
        return;
    }
    report_.ndjson += "}}\n";
    report_.points += line_points_;
    ++report_.observations;
}

Report Recorder::take() {
    return std::exchange(report_, {});
}

}  // namespace atlas::collect
