// SPDX-License-Identifier: Apache-2.0
#include "demo/line.h"

#include <cassert>
#include <cmath>

#include "base/json_writer.h"

namespace atlas::demo {

Line::Line(std::string& out, std::string_view entity, std::string_view type, Time at)
    : out_(out), begin_(out.size()) {
    JsonWriter json(out_);
    json.begin_object().key("entity").value(entity).key("type").value(type);
    json.key("at").value(at).key("attributes").begin_object();
}

std::string& Line::key(const Attribute& attribute) {
    if (points_++ > 0) out_ += ',';
    append_json_string(out_, attribute.name);
    out_ += ':';
    return out_;
}

void Line::add(const Attribute& attribute, double value) {
    assert(attribute.type == "double");
    // Plus zero, so that a small negative value is written 0, not -0.
    JsonWriter(key(attribute)).value(std::round(value * 1e3) / 1e3 + 0.0);
}

void Line::add(const Attribute& attribute, std::int64_t value) {
    assert(attribute.type == "int");
    JsonWriter(key(attribute)).value(value);
}

void Line::add(const Attribute& attribute, bool value) {
    assert(attribute.type == "bool");
    JsonWriter(key(attribute)).value(value);
}

void Line::add(const Attribute& attribute, std::string_view text) {
    assert(attribute.type == "string");
    JsonWriter(key(attribute)).value(text);
}

void Line::add(const Attribute& attribute, Time value) {
    assert(attribute.type == "timestamp");
    JsonWriter(key(attribute)).value(value);
}

void Line::add_json(const Attribute& attribute, std::string_view json) {
    assert(attribute.type == "json");
    key(attribute) += json;
}

void Line::add_null(const Attribute& attribute) {
    key(attribute) += "null";
}

std::size_t Line::end() {
    if (points_ == 0) {
        out_.resize(begin_);
    } else {
        out_ += "}}\n";
    }
    return points_;
}

}  // namespace atlas::demo
