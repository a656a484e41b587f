// SPDX-License-Identifier: Apache-2.0
#include "query/series_output.h"

#include <algorithm>

#include "base/json_writer.h"

namespace atlas::query {

SeriesOutput::SeriesOutput(const SeriesRequest& request)
    : request_(request), of_attribute_(request.attributes.size()) {
}

void SeriesOutput::begin_entity(const std::optional<std::string>& entity) {
    flush();
    entity_ = entity;
    begun_ = true;
}

std::string& SeriesOutput::begin_point(std::size_t i, Time at) {
    std::string& out = of_attribute_[i];
    if (out.empty()) {
        touched_.push_back(i);
    } else {
        out += ',';
    }
    // A bucket's points have one instant.
    if (at != time_ || time_text_.empty()) {
        time_ = at;
        time_text_.clear();
        append_time(time_text_, at);
    }
    out += '[';
    out += time_text_;
    ++points_;
    return out;
}

void SeriesOutput::append_time(std::string& out, Time at) const {
    JsonWriter json(out);
    switch (request_.time) {
        case TimeFormat::rfc3339: json.value(at); return;
        case TimeFormat::unix_us: json.value(to_micros(at)); return;
        case TimeFormat::unix_ms:
            json.value(std::int64_t{
                std::chrono::floor<std::chrono::milliseconds>(at).time_since_epoch().count()});
            return;
    }
}

void SeriesOutput::flush() {
    if (!begun_) return;
    // A series requested by name is present even without points, for one entity.
    const bool all = request_.entity && !request_.everything;
    if (all) {
        for (std::size_t i = 0; i < of_attribute_.size(); ++i) {
            write_series(request_.attributes[i], of_attribute_[i]);
        }
    } else {
        std::ranges::sort(touched_);
        for (const std::size_t i : touched_) write_series(request_.attributes[i], of_attribute_[i]);
    }
    for (const std::size_t i : touched_) of_attribute_[i].clear();
    touched_.clear();
    begun_ = false;
}

void SeriesOutput::write_series(const model::Attribute& attribute, const std::string& points) {
    if (series_.size() > 1) series_ += ',';
    JsonWriter json(series_);
    json.begin_object();
    if (entity_) json.key("entity").value(*entity_);
    json.key("attribute").value(attribute.name);
    json.key("type").value(model::to_string(attribute.type)).key("unit");
    if (attribute.unit.empty()) {
        json.null();
    } else {
        json.value(attribute.unit);
    }
    json.key("columns").begin_array().value("time");
    if (request_.raw) {
        json.value("value");
    } else {
        for (const Aggregate aggregate : aggregates_of(request_, attribute.type)) {
            json.value(to_string(aggregate));
        }
    }
    json.end_array().key("points");
    series_ += '[';
    series_ += points;
    series_ += "]}";
}

std::string SeriesOutput::finish() {
    flush();
    series_ += ']';
    return std::move(series_);
}

}  // namespace atlas::query
