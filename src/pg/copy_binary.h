// SPDX-License-Identifier: Apache-2.0
//
// Writes tuples of COPY … FROM STDIN (FORMAT binary) into a buffer: the fastest way in.
//
//     rows → [CopyWriter] → buffer → Connection::copy_put
//
//     CopyWriter copy(buffer);
//     copy.header();
//     copy.tuple(3).int8(1).timestamptz(at).begin_array(kInt8Oid, 2);
//     copy.element_int8(5).element_null().end_array();
//     copy.trailer();
//
// The caller writes as many fields as it announced and as many elements; nothing checks that.
//
// Lifetime   borrows the buffer, which is only appended to.
// Threading  one thread at a time. No allocation beyond the buffer's growth.
#pragma once

#include <cassert>
#include <string>
#include <string_view>

#include "base/time.h"
#include "pg/wire.h"

namespace atlas::pg {

// Appends the binary form of a decimal ("-12.50", "1.5e3"), with its length in front, digit for
// digit. False, with nothing appended, when the text is no decimal number (NaN and infinities are
// none) or has more than 131072 digits before the point or 16383 after it.
bool append_numeric(std::string& out, std::string_view text);

class CopyWriter {
public:
    explicit CopyWriter(std::string& out) : out_(out) {}

    CopyWriter& header() {
        out_.append("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);
        return *this;
    }
    CopyWriter& trailer() {
        append_big_endian<std::int16_t>(out_, -1);
        return *this;
    }
    CopyWriter& tuple(int columns) {
        append_big_endian(out_, static_cast<std::int16_t>(columns));
        return *this;
    }

    // Columns.
    CopyWriter& null() {
        append_big_endian<std::int32_t>(out_, -1);
        return *this;
    }
    CopyWriter& boolean(bool value) { return fixed(static_cast<std::int8_t>(value ? 1 : 0)); }
    CopyWriter& int2(std::int16_t value) { return fixed(value); }
    CopyWriter& int4(std::int32_t value) { return fixed(value); }
    CopyWriter& int8(std::int64_t value) { return fixed(value); }
    CopyWriter& float8(double value) { return fixed(std::bit_cast<std::int64_t>(value)); }
    CopyWriter& timestamptz(Time value) { return fixed(to_wire(value)); }
    CopyWriter& date(std::int32_t unix_day) { return fixed(unix_day - kEpochDay); }
    CopyWriter& text(std::string_view value) {  // also bytea
        append_big_endian(out_, static_cast<std::int32_t>(value.size()));
        out_ += value;
        return *this;
    }
    CopyWriter& jsonb(std::string_view value) {
        append_big_endian(out_, static_cast<std::int32_t>(value.size() + 1));
        out_ += '\1';
        out_ += value;
        return *this;
    }
    // False, with nothing written, when append_numeric() refuses the text.
    [[nodiscard]] bool numeric(std::string_view value) { return append_numeric(out_, value); }

    // A one-dimensional array of `size` elements, which follow; end_array() closes it.
    CopyWriter& begin_array(std::uint32_t element_oid, std::size_t size) {
        array_ = out_.size();
        const std::int32_t fields[6] = {
            0,
            big_endian<std::int32_t>(size == 0 ? 0 : 1),
            big_endian<std::int32_t>(1),  // may hold NULLs; the server looks for itself
            big_endian(static_cast<std::int32_t>(element_oid)),
            big_endian(static_cast<std::int32_t>(size)),
            big_endian<std::int32_t>(1)};  // subscripts begin here
        char bytes[sizeof fields];
        std::memcpy(bytes, fields, sizeof fields);
        out_.append(bytes, size == 0 ? 16 : 24);
        return *this;
    }
    CopyWriter& end_array() {
        const auto length = static_cast<std::int32_t>(out_.size() - array_ - 4);
        const std::int32_t swapped = big_endian(length);
        std::memcpy(out_.data() + array_, &swapped, sizeof swapped);
        return *this;
    }
    CopyWriter& element_null() { return null(); }
    CopyWriter& element_int4(std::int32_t value) { return fixed(value); }
    CopyWriter& element_int8(std::int64_t value) { return fixed(value); }
    CopyWriter& element_float8(double value) { return float8(value); }
    CopyWriter& element_text(std::string_view value) { return text(value); }
    [[nodiscard]] bool element_numeric(std::string_view value) { return numeric(value); }

private:
    template <std::integral Int>
    CopyWriter& fixed(Int value) {
        const std::int32_t length = big_endian<std::int32_t>(sizeof(Int));
        const Int swapped = big_endian(value);
        char bytes[4 + sizeof(Int)];
        std::memcpy(bytes, &length, 4);
        std::memcpy(bytes + 4, &swapped, sizeof(Int));
        out_.append(bytes, sizeof bytes);
        return *this;
    }

    std::string& out_;
    std::size_t array_ = 0;
};

}  // namespace atlas::pg
