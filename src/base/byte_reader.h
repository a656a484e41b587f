// SPDX-License-Identifier: Apache-2.0
//
// Reads big-endian numbers and byte strings from a buffer, with a sticky error: the first read past
// the end, or fail(), makes every later read yield zero and good() false. Check once, at the end;
// use no value before.
//
// Lifetime   borrows the buffer.
// Threading  one thread at a time.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace atlas {

class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

    // Big-endian numbers of 2, 4, 8, 1 and 8 bytes; 0 after an error.
    std::int16_t int2() { return static_cast<std::int16_t>(number<std::uint16_t>()); }
    std::int32_t int4() { return static_cast<std::int32_t>(number<std::uint32_t>()); }
    std::int64_t int8() { return static_cast<std::int64_t>(number<std::uint64_t>()); }
    std::uint8_t byte() { return number<std::uint8_t>(); }
    double float8() { return std::bit_cast<double>(number<std::uint64_t>()); }

    // The next `size` bytes, borrowed; empty after an error, also for a negative size.
    std::string_view bytes(std::int64_t size) {
        if (size < 0 || static_cast<std::uint64_t>(size) > bytes_.size()) {
            fail();
            return {};
        }
        const auto taken = bytes_.substr(0, static_cast<std::size_t>(size));
        bytes_.remove_prefix(taken.size());
        return taken;
    }

    // Sets the error: for bytes that were read but are not valid.
    void fail() {
        good_ = false;
        bytes_ = {};
    }
    bool good() const { return good_; }
    std::size_t left() const { return bytes_.size(); }       // bytes; 0 after an error
    bool at_end() const { return good_ && bytes_.empty(); }  // all read, without an error

private:
    template <std::unsigned_integral Int>
    Int number() {
        if (bytes_.size() < sizeof(Int)) {
            fail();
            return 0;
        }
        Int value = 0;
        for (std::size_t i = 0; i < sizeof(Int); ++i) {
            value = static_cast<Int>((std::uint64_t{value} << 8U) |
                                     static_cast<unsigned char>(bytes_[i]));
        }
        bytes_.remove_prefix(sizeof(Int));
        return value;
    }

    std::string_view bytes_;
    bool good_ = true;
};

}  // namespace atlas
