// SPDX-License-Identifier: Apache-2.0
//
// Reads cells of a result in the binary format, which costs a fraction of the text format.
//
//     Connection::exec(…, Format::binary) → Rows::text() → [these readers] → values
//
// A malformed cell means a bug of ours or a broken server: readers then give zero, and good() of an
// array is false. A NULL is for the caller to check (Rows::is_null).
//
// Lifetime   readers borrow the cell, which borrows from the rows.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/time.h"
#include "pg/wire.h"

namespace atlas::pg {

inline std::int64_t read_int8(std::string_view cell) {
    return ByteReader(cell).int8();
}
inline std::int32_t read_int4(std::string_view cell) {
    return ByteReader(cell).int4();
}
inline std::int16_t read_int2(std::string_view cell) {
    return ByteReader(cell).int2();
}
inline double read_float8(std::string_view cell) {
    return ByteReader(cell).float8();
}
inline bool read_bool(std::string_view cell) {
    return ByteReader(cell).byte() != 0;
}
inline Time read_timestamptz(std::string_view cell) {
    return time_from_wire(ByteReader(cell).int8());
}

// Appends the text of a binary numeric, digit for digit as the server would write it. False, with
// nothing appended, when the bytes are no numeric.
bool append_numeric_text(std::string& out, std::string_view cell);

// Walks a one-dimensional array:
//
//     for (ArrayReader array(cell); array.next();) use(array.null() ? … : array.int8());
class ArrayReader {
public:
    explicit ArrayReader(std::string_view cell) : reader_(cell) {
        const std::int32_t dimensions = reader_.int4();
        reader_.int4();  // whether it holds NULLs
        element_oid_ = static_cast<std::uint32_t>(reader_.int4());
        if (dimensions == 1) {
            size_ = reader_.int4();
            reader_.int4();  // the first subscript
        }
        if (dimensions < 0 || dimensions > 1 || size_ < 0) reader_.fail();
        if (!reader_.good()) size_ = 0;
    }

    // How many elements there are in all.
    int size() const { return size_; }
    std::uint32_t element_oid() const { return element_oid_; }
    bool good() const { return reader_.good(); }

    // Steps to the next element, the first one at first. False at the end, and after an error.
    bool next() {
        if (at_ == size_) return false;
        ++at_;
        const std::int32_t length = reader_.int4();
        null_ = length == -1;
        element_ = null_ ? std::string_view{} : reader_.bytes(length);
        return reader_.good();
    }

    bool null() const { return null_; }
    std::string_view text() const { return element_; }
    std::int64_t int8() const { return read_int8(element_); }
    std::int32_t int4() const { return read_int4(element_); }
    double float8() const { return read_float8(element_); }
    bool append_numeric_to(std::string& out) const { return append_numeric_text(out, element_); }

private:
    ByteReader reader_;
    std::uint32_t element_oid_ = 0;
    int size_ = 0;
    int at_ = 0;
    bool null_ = false;
    std::string_view element_;
};

}  // namespace atlas::pg
