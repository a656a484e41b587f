// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/encoding.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>

#include "cli/server.h"

namespace atlas::cli {
namespace {

constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF";
constexpr std::size_t kFirstBytes = 4;  // what the beginning is known by

// What windows-1252 has at 0x80 to 0x9F; 0: nothing.
constexpr std::array<char16_t, 32> kWindows = {
    0x20AC, 0,      0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0,      0x017D, 0,      0,      0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0,      0x017E, 0x0178};

unsigned byte_at(std::string_view text, std::size_t at) {
    return static_cast<unsigned char>(text[at]);
}

// Without a byte order mark: two characters of ASCII.
bool looks_like_utf16(std::string_view text) {
    if (text.size() < kFirstBytes) return false;
    const auto is_zero = [&](std::size_t at) { return text[at] == '\0'; };
    return (is_zero(0) && is_zero(2)) || (is_zero(1) && is_zero(3));
}

void append_utf8(std::string& out, std::uint32_t point) {
    const auto tail = [&](unsigned shift) {
        out += static_cast<char>(0x80U | ((point >> shift) & 0x3FU));
    };
    if (point < 0x80) {
        out += static_cast<char>(point);
    } else if (point < 0x800) {
        out += static_cast<char>(0xC0U | (point >> 6U));
        tail(0);
    } else if (point < 0x10000) {
        out += static_cast<char>(0xE0U | (point >> 12U));
        tail(6);
        tail(0);
    } else {
        out += static_cast<char>(0xF0U | (point >> 18U));
        tail(12);
        tail(6);
        tail(0);
    }
}

std::size_t length_of(unsigned lead) {
    return lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
}

// Bytes at the end that begin a character of UTF-8 and do not end it.
std::size_t unfinished(std::string_view text) {
    for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
        const unsigned byte = byte_at(text, text.size() - back);
        if ((byte & 0xC0U) == 0x80U) continue;
        return length_of(byte) > back ? back : 0;
    }
    return 0;
}

// The first place that is not UTF-8.
std::size_t first_fault(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = length_of(byte_at(text, at));
        if (at + length > text.size() || !simdjson::validate_utf8(text.data() + at, length)) break;
        at += length;
    }
    return at;
}

}  // namespace

std::optional<Encoding> parse_encoding(std::string_view word) {
    std::string name;
    for (const char c : word) {
        if (c != '-' && c != '_' && c != ' ') {
            name += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        }
    }
    if (name == "utf8" || name == "utf8sig" || name == "ascii") return Encoding::utf8;
    if (name == "latin1" || name == "iso88591") return Encoding::latin1;
    if (name == "windows1252" || name == "cp1252") return Encoding::windows1252;
    if (name == "utf16" || name == "utf16le" || name == "unicode") return Encoding::utf16;
    return std::nullopt;
}

TextDecoder::TextDecoder(std::optional<Encoding> encoding, std::string file)
    : encoding_(encoding), file_(std::move(file)) {
}

void TextDecoder::refuse(std::string_view before, std::string_view what) const {
    const auto feeds = feeds_ + static_cast<std::uint64_t>(std::ranges::count(before, '\n'));
    const auto returns = returns_ + static_cast<std::uint64_t>(std::ranges::count(before, '\r'));
    throw CommandError(
        fmt::format("{}: line {}: {}", file_, 1 + (feeds > 0 ? feeds : returns), what));
}

void TextDecoder::count_lines(std::string_view text) {
    feeds_ += static_cast<std::uint64_t>(std::ranges::count(text, '\n'));
    if (feeds_ == 0) returns_ += static_cast<std::uint64_t>(std::ranges::count(text, '\r'));
}

void TextDecoder::convert(std::string& text, std::size_t from) {
    if (!held_.empty()) {
        text.insert(from, held_);
        held_.clear();
    }
    if (!begun_) {
        if (text.size() - from < kFirstBytes && !ending_) {
            held_ = text.substr(from);
            text.resize(from);
            return;
        }
        begin(text, from);
    }
    if (encoding_ == Encoding::utf8) {
        check_utf8(text, from);
    } else {
        const std::string_view bytes = std::string_view(text).substr(from);
        std::string decoded =
            encoding_ == Encoding::utf16 ? from_utf16(bytes) : from_single_bytes(bytes);
        text.replace(from, std::string::npos, decoded);
    }
    count_lines(std::string_view(text).substr(from));
}

void TextDecoder::begin(std::string& text, std::size_t from) {
    begun_ = true;
    const std::string_view bytes = std::string_view(text).substr(from);
    const bool little = bytes.starts_with("\xFF\xFE");
    const bool big = bytes.starts_with("\xFE\xFF");
    if (!encoding_) encoding_ = little || big ? Encoding::utf16 : Encoding::utf8;
    if (encoding_ == Encoding::utf16) {
        big_endian_ = big;
        if (little || big) text.erase(from, 2);
        return;
    }
    if (encoding_ == Encoding::utf8 && looks_like_utf16(bytes)) {
        refuse({}, "every other byte is zero; if the text is UTF-16, give --encoding utf-16");
    }
    if (encoding_ == Encoding::utf8 && bytes.starts_with(kUtf8Mark)) {
        text.erase(from, kUtf8Mark.size());
    }
}

void TextDecoder::check_utf8(std::string& text, std::size_t from) {
    std::string_view bytes = std::string_view(text).substr(from);
    const std::size_t incomplete = ending_ ? 0 : unfinished(bytes);
    bytes.remove_suffix(incomplete);
    if (!simdjson::validate_utf8(bytes.data(), bytes.size())) {
        const std::size_t at = first_fault(bytes);
        refuse(bytes.substr(0, at),
               fmt::format("the byte 0x{:02X} is not UTF-8; give the file's encoding, such as "
                           "--encoding windows-1252, latin1 or utf-16",
                           byte_at(bytes, at)));
    }
    held_ = text.substr(text.size() - incomplete);
    text.resize(text.size() - incomplete);
}

std::string TextDecoder::from_single_bytes(std::string_view bytes) const {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        std::uint32_t point = byte_at(bytes, at);
        if (point >= 0x80 && point < 0xA0) {
            const std::uint32_t windows = kWindows.at(point - 0x80);
            if (encoding_ == Encoding::latin1 || windows == 0) {
                const bool latin = encoding_ == Encoding::latin1;
                refuse(bytes.substr(0, at),
                       fmt::format("the byte 0x{:02X} is no character of {}{}", point,
                                   latin ? "latin1" : "windows-1252",
                                   latin ? "; try --encoding windows-1252" : ""));
            }
            point = windows;
        }
        append_utf8(out, point);
    }
    return out;
}

std::string TextDecoder::from_utf16(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size());
    const auto unit = [&](std::size_t at) {
        const unsigned first = byte_at(bytes, at);
        const unsigned second = byte_at(bytes, at + 1);
        return big_endian_ ? first << 8U | second : second << 8U | first;
    };
    std::size_t at = 0;
    while (at + 1 < bytes.size()) {
        std::uint32_t point = unit(at);
        std::size_t length = 2;
        if (point >= 0xD800 && point < 0xDC00) {
            if (at + 3 >= bytes.size()) break;
            const std::uint32_t low = unit(at + 2);
            if (low >= 0xDC00 && low < 0xE000) {
                point = 0x10000U + ((point - 0xD800U) << 10U) + (low - 0xDC00U);
                length = 4;
            }
        }
        if (point >= 0xD800 && point < 0xE000) {
            refuse(out, fmt::format("0x{:04X} is half a character of UTF-16", point));
        }
        append_utf8(out, point);
        at += length;
    }
    held_ = bytes.substr(at);
    return out;
}

void TextDecoder::finish(std::string& text) {
    ending_ = true;
    if (held_.empty()) return;
    convert(text, text.size());
    if (!held_.empty()) refuse({}, "the file ends inside a character");
}

}  // namespace atlas::cli
