// SPDX-License-Identifier: Apache-2.0
#include "collect/text.h"

#include <fcntl.h>
#include <unistd.h>

#include <cctype>
#include <charconv>

namespace atlas::collect {
namespace {

constexpr std::size_t kMaxFileBytes = std::size_t{4} << 20U;
constexpr std::size_t kBlockBytes = 16384;

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

}  // namespace

bool read_file(const std::filesystem::path& path, std::string& out) {
    out.clear();
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    ssize_t got = 0;
    do {
        const std::size_t size = out.size();
        out.resize(size + kBlockBytes);
        got = ::read(file, out.data() + size, kBlockBytes);
        out.resize(size + static_cast<std::size_t>(got > 0 ? got : 0));
    } while (got > 0 && out.size() < kMaxFileBytes);
    ::close(file);
    if (got < 0) out.clear();
    return got >= 0;
}

std::string read_word(const std::filesystem::path& path) {
    std::string text;
    read_file(path, text);
    while (!text.empty() && (is_blank(text.back()) || text.back() == '\n')) text.pop_back();
    return text;
}

bool next_line(std::string_view& text, std::string_view& line) {
    if (text.empty()) return false;
    const auto feed = text.find('\n');
    line = text.substr(0, feed);
    text.remove_prefix(feed == std::string_view::npos ? text.size() : feed + 1);
    return true;
}

std::string_view next_field(std::string_view& line) {
    while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
    std::size_t length = 0;
    while (length < line.size() && !is_blank(line[length])) ++length;
    const std::string_view field = line.substr(0, length);
    line.remove_prefix(length);
    return field;
}

void skip_fields(std::string_view& line, int count) {
    for (int i = 0; i < count; ++i) next_field(line);
}

std::optional<std::int64_t> to_int(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::optional<double> to_double(std::string_view text) {
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || at != end) return std::nullopt;
    return value;
}

std::int64_t next_int(std::string_view& line) {
    return to_int(next_field(line)).value_or(0);
}

std::string snake_case(std::string_view text) {
    std::string out;
    bool after_small = false;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) == 0) {
            if (!out.empty() && out.back() != '_') out += '_';
            after_small = false;
            continue;
        }
        const bool capital = std::isupper(byte) != 0;
        if (capital && after_small) out += '_';
        out += static_cast<char>(std::tolower(byte));
        after_small = !capital;
    }
    while (!out.empty() && out.back() == '_') out.pop_back();
    return out;
}

}  // namespace atlas::collect
