// SPDX-License-Identifier: Apache-2.0
//
// The layout of a binary numeric is in copy_binary.cc.
#include "pg/binary_result.h"

#include <algorithm>
#include <array>
#include <optional>

namespace atlas::pg {
namespace {

constexpr std::uint16_t kNegative = 0x4000;

// The groups of four digits by their power of 10000; those not stored are zero.
struct Groups {
    std::string_view bytes;
    int count = 0;
    int weight = 0;

    int at(int power) const {
        const int index = weight - power;
        if (index < 0 || index >= count) return 0;
        return read_int2(bytes.substr(static_cast<std::size_t>(index) * 2, 2));
    }
};

std::array<char, 4> four_digits(int value) {
    return {static_cast<char>('0' + value / 1000), static_cast<char>('0' + value / 100 % 10),
            static_cast<char>('0' + value / 10 % 10), static_cast<char>('0' + value % 10)};
}

void append_whole(std::string& out, const Groups& groups) {
    const std::size_t begin = out.size();
    for (int power = groups.weight; power >= 0; --power) {
        const auto digits = four_digits(groups.at(power));
        out.append(digits.data(), digits.size());
    }
    const auto nonzero = out.find_first_not_of('0', begin);
    out.erase(begin, std::min(nonzero, out.size()) - begin);
    if (out.size() == begin) out += '0';
}

void append_fraction(std::string& out, const Groups& groups, int scale) {
    if (scale == 0) return;
    out += '.';
    for (int power = -1; scale > 0; --power, scale -= 4) {
        const auto digits = four_digits(groups.at(power));
        out.append(digits.data(), static_cast<std::size_t>(std::min(scale, 4)));
    }
}

std::string_view special(std::uint16_t sign) {
    switch (sign) {
        case 0xC000: return "NaN";
        case 0xD000: return "Infinity";
        case 0xF000: return "-Infinity";
        default: return {};
    }
}

bool all_valid(const Groups& groups) {
    for (int i = 0; i < groups.count; ++i) {
        const int value = groups.at(groups.weight - i);
        if (value < 0 || value > 9999) return false;
    }
    return true;
}

}  // namespace

bool append_numeric_text(std::string& out, std::string_view cell) {
    ByteReader reader(cell);
    const int count = reader.int2();
    const int weight = reader.int2();
    const auto sign = static_cast<std::uint16_t>(reader.int2());
    const int scale = reader.int2();
    const Groups groups{
        .bytes = reader.bytes(std::int64_t{2} * count), .count = count, .weight = weight};
    if (!reader.at_end() || scale < 0) return false;
    if (const auto word = special(sign); !word.empty()) {
        out += word;
        return true;
    }
    if ((sign != 0 && sign != kNegative) || !all_valid(groups)) return false;
    if (sign == kNegative) out += '-';
    append_whole(out, groups);
    append_fraction(out, groups, scale);
    return true;
}

}  // namespace atlas::pg
