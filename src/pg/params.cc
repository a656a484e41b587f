// SPDX-License-Identifier: Apache-2.0
#include "pg/params.h"

#include <fmt/format.h>

#include <cassert>
#include <charconv>

#include "pg/bound_params.h"
#include "pg/wire.h"

namespace atlas::pg {
namespace {

template <class Number>
std::string digits(Number number) {
    char text[32];
    const auto end = std::to_chars(text, text + sizeof text, number).ptr;
    return {text, end};
}

void begin_array(std::string& out, std::uint32_t element_oid, std::size_t size, bool has_nulls) {
    append_big_endian<std::int32_t>(out, size == 0 ? 0 : 1);
    append_big_endian<std::int32_t>(out, has_nulls ? 1 : 0);
    append_big_endian<std::uint32_t>(out, element_oid);
    if (size == 0) return;
    append_big_endian(out, static_cast<std::int32_t>(size));
    append_big_endian<std::int32_t>(out, 1);
}

template <class Range, class Wire>
std::string fixed_array(std::uint32_t element_oid, const Range& values, Wire wire) {
    std::string out;
    using Int = decltype(wire(values[0]));
    out.reserve(20 + values.size() * (4 + sizeof(Int)));
    begin_array(out, element_oid, values.size(), false);
    for (const auto& value : values) {
        append_big_endian<std::int32_t>(out, sizeof(Int));
        append_big_endian<Int>(out, wire(value));
    }
    return out;
}

void append_text(std::string& out, std::string_view text) {
    append_big_endian(out, static_cast<std::int32_t>(text.size()));
    out += text;
}

}  // namespace

Params& Params::add(std::nullptr_t) {
    entries_.push_back({.bytes = {}, .null = true});
    return *this;
}

Params& Params::add(std::int64_t value) {
    entries_.push_back({.bytes = digits(value)});
    return *this;
}

Params& Params::add(double value) {
    entries_.push_back({.bytes = digits(value)});
    return *this;
}

Params& Params::add(bool value) {
    entries_.push_back({.bytes = value ? "t" : "f"});
    return *this;
}

Params& Params::add(std::string_view text) {
    entries_.push_back({.bytes = std::string(text)});
    return *this;
}

Params& Params::add(Time time) {
    std::string bytes;
    append_big_endian(bytes, to_wire(time));
    entries_.push_back({.bytes = std::move(bytes), .binary = true, .type = kTimestamptzOid});
    return *this;
}

Params& Params::add_int8s(std::span<const std::int64_t> values) {
    entries_.push_back({.bytes = fixed_array(kInt8Oid, values, [](std::int64_t v) { return v; }),
                        .binary = true,
                        .type = kInt8ArrayOid});
    return *this;
}

Params& Params::add_int4s(std::span<const std::int32_t> values) {
    entries_.push_back({.bytes = fixed_array(kInt4Oid, values, [](std::int32_t v) { return v; }),
                        .binary = true,
                        .type = kInt4ArrayOid});
    return *this;
}

Params& Params::add_times(std::span<const Time> values) {
    entries_.push_back(
        {.bytes = fixed_array(kTimestamptzOid, values, [](Time v) { return to_wire(v); }),
         .binary = true,
         .type = kTimestamptzArrayOid});
    return *this;
}

Params& Params::add_texts(std::span<const std::string_view> values) {
    std::string out;
    begin_array(out, kTextOid, values.size(), false);
    for (const auto text : values) append_text(out, text);
    entries_.push_back({.bytes = std::move(out), .binary = true, .type = kTextArrayOid});
    return *this;
}

Params& Params::add_texts(std::span<const std::optional<std::string_view>> values) {
    std::string out;
    begin_array(out, kTextOid, values.size(), true);
    for (const auto& text : values) {
        if (text)
            append_text(out, *text);
        else
            append_big_endian<std::int32_t>(out, -1);
    }
    entries_.push_back({.bytes = std::move(out), .binary = true, .type = kTextArrayOid});
    return *this;
}

std::string Params::placeholder() const {
    assert(!entries_.empty());
    return fmt::format("${}", entries_.size());
}

BoundParams::BoundParams(const Params& params) {
    const auto count = static_cast<std::size_t>(params.size());
    types_.reserve(count);
    values_.reserve(count);
    lengths_.reserve(count);
    formats_.reserve(count);
    for (const Params::Entry& entry : params.entries_) {
        types_.push_back(entry.type);
        values_.push_back(entry.null ? nullptr : entry.bytes.c_str());
        lengths_.push_back(static_cast<int>(entry.bytes.size()));
        formats_.push_back(entry.binary ? 1 : 0);
    }
}

}  // namespace atlas::pg
