// SPDX-License-Identifier: Apache-2.0
#include "model/value.h"

#include <charconv>

#include "base/json_writer.h"

namespace atlas::model {
namespace {

void append_integer(std::string& out, Type type, std::int64_t integer) {
    JsonWriter json(out);
    switch (type) {
        case Type::boolean: json.value(integer != 0); return;
        case Type::timestamp: json.value(time_from_micros(integer)); return;
        case Type::int64:
        case Type::float64:
        case Type::decimal:
        case Type::string:
        case Type::json: json.value(integer); return;
    }
}

}  // namespace

void append_value_json(std::string& out, Type type, const Value& value) {
    if (value.null) {
        out += "null";
        return;
    }
    switch (value.group) {
        case Group::ints: append_integer(out, type, value.integer); return;
        case Group::doubles: JsonWriter(out).value(value.number); return;
        case Group::decimals: out += value.text; return;
        case Group::texts: break;
    }
    if (type == Type::json) {
        out += value.text;
    } else {
        append_json_string(out, value.text);
    }
}

double as_double(const Value& value) {
    switch (value.group) {
        case Group::ints: return static_cast<double>(value.integer);
        case Group::doubles: return value.number;
        case Group::decimals:
        case Group::texts: break;
    }
    double number = 0;
    if (value.group == Group::decimals) {
        std::from_chars(value.text.data(), value.text.data() + value.text.size(), number);
    }
    return number;
}

}  // namespace atlas::model
