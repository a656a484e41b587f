// SPDX-License-Identifier: Apache-2.0
#include "cli/present.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

#include "base/json_writer.h"

namespace atlas::cli {
namespace {

int terminal_width() {
    if (const char* columns = std::getenv("COLUMNS"); columns != nullptr) {
        if (const int width = std::atoi(columns); width > 0) return width;
    }
    winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return 80;
}

std::string scaled(double value, double step, const std::vector<const char*>& prefixes,
                   std::string_view unit) {
    std::size_t prefix = 0;
    while (std::abs(value) >= step && prefix + 1 < prefixes.size()) {
        value /= step;
        ++prefix;
    }
    if (prefix == 0 && value == std::floor(value)) return fmt::format("{:.0f} {}", value, unit);
    return fmt::format("{:.{}f} {}{}", value, std::abs(value) < 10 ? 2 : 1, prefixes[prefix], unit);
}

std::string pad(const std::string& text, std::size_t width, bool right) {
    const std::size_t have = display_width(text);
    const std::string blanks(width > have ? width - have : 0, ' ');
    return right ? blanks + text : text + blanks;
}

// boost::json's own writer gives every fraction an exponent: 4.5E0.
void append_json(JsonWriter& json, const boost::json::value& value) {
    if (const auto* object = value.if_object()) {
        json.begin_object();
        for (const auto& [name, member] : *object) append_json(json.key(name), member);
        json.end_object();
    } else if (const auto* array = value.if_array()) {
        json.begin_array();
        for (const auto& item : *array) append_json(json, item);
        json.end_array();
    } else if (const auto* text = value.if_string()) {
        json.value(std::string_view(*text));
    } else if (const auto* number = value.if_double()) {
        json.value(*number);
    } else {
        json.raw(boost::json::serialize(value));
    }
}

}  // namespace

Terminal stdout_terminal() {
    Terminal terminal;
    terminal.is_terminal = ::isatty(STDOUT_FILENO) != 0;
    const char* no_color = std::getenv("NO_COLOR");
    terminal.color = terminal.is_terminal && (no_color == nullptr || *no_color == '\0');
    terminal.width = terminal.is_terminal ? terminal_width() : 0;
    return terminal;
}

bool stderr_is_terminal() {
    return ::isatty(STDERR_FILENO) != 0;
}

std::string with_thousands(std::string_view digits) {
    const std::size_t begin = digits.starts_with('-') ? 1 : 0;
    std::size_t end = begin;
    while (end < digits.size() && digits[end] >= '0' && digits[end] <= '9') ++end;
    std::string out(digits.substr(0, begin));
    for (std::size_t i = begin; i < end; ++i) {
        if (i > begin && (end - i) % 3 == 0) out += ',';
        out += digits[i];
    }
    return out.append(digits.substr(end));
}

std::string with_unit(double value, std::string_view unit) {
    static const std::vector<const char*> kBinary{"", "Ki", "Mi", "Gi", "Ti", "Pi"};
    static const std::vector<const char*> kSi{"", "k", "M", "G", "T", "P"};
    if (unit == "percent") return fmt::format("{:.1f} %", value);
    if (unit == "bytes") return scaled(value, 1024, kBinary, "B");
    if (unit == "bytes/s") return scaled(value, 1000, kSi, "B/s");
    if (unit == "bits/s") return scaled(value, 1000, kSi, "bit/s");
    if (unit == "seconds") return show_duration(value);
    const std::string number = with_thousands(fmt::format("{}", value));
    return unit.empty() ? number : fmt::format("{} {}", number, unit);
}

std::string show_duration(double seconds) {
    const double size = std::abs(seconds);
    if (size == 0) return "0 s";
    if (size < 0.001) return fmt::format("{:.0f} µs", seconds * 1e6);
    if (size < 1) return fmt::format("{:.1f} ms", seconds * 1e3);
    if (size < 120) return fmt::format("{:.1f} s", seconds);
    if (size < 7200) return fmt::format("{:.1f} min", seconds / 60);
    if (size < 2 * 86400) return fmt::format("{:.1f} h", seconds / 3600);
    return fmt::format("{:.1f} d", seconds / 86400);
}

std::string relative_time(Time time, Time now) {
    const auto seconds = std::chrono::duration<double>(now - time).count();
    const double size = std::abs(seconds);
    std::string text;
    if (size < 1) return "now";
    if (size < 120)
        text = fmt::format("{:.0f} s", std::floor(size));
    else if (size < 7200)
        text = fmt::format("{:.0f} min", std::floor(size / 60));
    else if (size < 2 * 86400)
        text = fmt::format("{:.0f} h", std::floor(size / 3600));
    else
        text = fmt::format("{:.0f} d", std::floor(size / 86400));
    return seconds < 0 ? "in " + text : text + " ago";
}

std::string show_time(const std::string& rfc3339, const Terminal& terminal, Time now) {
    const auto time = parse_rfc3339(rfc3339);
    if (!time || !terminal.is_terminal) return rfc3339;
    return relative_time(*time, now);
}

std::string show_value(const boost::json::value& value) {
    if (value.is_null()) return "";
    if (value.is_string()) return harmless(value.get_string());
    std::string out;
    JsonWriter json(out);
    append_json(json, value);
    return out;
}

std::string sparkline(const std::vector<double>& values, std::size_t width) {
    static constexpr std::array<const char*, 8> kMarks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    if (values.empty() || width == 0) return "";
    const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    const std::size_t marks = std::min(width, values.size());
    std::string out;
    for (std::size_t i = 0; i < marks; ++i) {
        const std::size_t begin = i * values.size() / marks;
        const std::size_t end = (i + 1) * values.size() / marks;
        double sum = 0;
        for (std::size_t k = begin; k < end; ++k) sum += values[k];
        const double mean = sum / static_cast<double>(end - begin);
        const double range = *greatest - *least;
        const double share = range > 0 ? (mean - *least) / range : 0;
        out += kMarks[std::min<std::size_t>(7, static_cast<std::size_t>(share * 8))];
    }
    return out;
}

std::string harmless(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
            out += "\xEF\xBF\xBD";
        } else {
            out += c;
        }
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

std::string Table::text(const Terminal& terminal, std::size_t* left_out) const {
    std::vector<std::size_t> widths;
    widths.reserve(columns_.size());
    for (const Column& column : columns_) widths.push_back(display_width(column.name));
    for (const auto& row : rows_) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(row[i]));
        }
    }
    std::size_t shown = columns_.size();
    std::size_t total = 0;
    for (std::size_t i = 0; i < widths.size() && terminal.width > 0; ++i) {
        total += widths[i] + (i > 0 ? 2 : 0);
        if (i > 0 && total > static_cast<std::size_t>(terminal.width)) {
            shown = i;
            break;
        }
    }
    if (left_out != nullptr) *left_out = columns_.size() - shown;
    std::string out;
    const auto add_row = [&](const auto& cell_of) {
        for (std::size_t i = 0; i < shown; ++i) {
            const bool last = i + 1 == shown;
            const bool right = columns_[i].right;
            if (i > 0) out += "  ";
            out += pad(cell_of(i), last && !right ? 0 : widths[i], right);
        }
        while (out.ends_with(' ')) out.pop_back();
    };
    if (terminal.color) out += "\x1b[1m";
    add_row([&](std::size_t i) { return columns_[i].name; });
    if (terminal.color) out += "\x1b[0m";
    out += '\n';
    for (const auto& row : rows_) {
        add_row([&](std::size_t i) { return i < row.size() ? row[i] : std::string(); });
        out += '\n';
    }
    return out;
}

std::size_t Table::print(const Terminal& terminal) const {
    std::size_t left_out = 0;
    fmt::print("{}", text(terminal, &left_out));
    return left_out;
}

}  // namespace atlas::cli
