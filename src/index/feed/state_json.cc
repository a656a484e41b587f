// SPDX-License-Identifier: Apache-2.0
#include "index/feed/state_json.h"

#include <charconv>
#include <cstring>

namespace atlas::index {
namespace {

void append_utf8(std::string& out, unsigned code) {
    const auto byte = [&out](unsigned value) { out += static_cast<char>(value); };
    if (code < 0x80) {
        byte(code);
    } else if (code < 0x800) {
        byte(0xC0U | (code >> 6U));
        byte(0x80U | (code & 0x3FU));
    } else {
        byte(0xE0U | (code >> 12U));
        byte(0x80U | ((code >> 6U) & 0x3FU));
        byte(0x80U | (code & 0x3FU));
    }
}

// What an escape means that has one letter; 0: none has that letter.
char plain(char letter) {
    switch (letter) {
        case '"':
        case '\\':
        case '/': return letter;
        case 'b': return '\b';
        case 'f': return '\f';
        case 'n': return '\n';
        case 'r': return '\r';
        case 't': return '\t';
        default: return 0;
    }
}

// PostgreSQL escapes control characters, quotes and backslashes, and writes all else as it is.
bool unescape(std::string_view raw, std::string& out) {
    out.clear();
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (raw[i] != '\\') {
            out += raw[i];
            continue;
        }
        if (++i == raw.size()) return false;
        if (const char letter = plain(raw[i])) {
            out += letter;
            continue;
        }
        unsigned code = 0;
        if (raw[i] != 'u' || raw.size() - i < 5) return false;
        const char* const digits = raw.data() + i + 1;
        if (std::from_chars(digits, digits + 4, code, 16).ptr != digits + 4) return false;
        append_utf8(out, code);
        i += 4;
    }
    return true;
}

}  // namespace

// Walks over one object.
class StateJsonReader {
public:
    StateJsonReader(std::string_view object, StateJson::Texts& texts)
        : at_(object.data()), end_(object.data() + object.size()), texts_(texts) {
        texts_.used = 0;
    }

    // Calls use(name, json, text) for each member; false: the object is damaged.
    template <class Use>
    bool each(Use use) {
        if (!take('{')) return false;
        if (take('}')) return at_ == end_;
        do {
            std::string_view name;
            std::string_view json;
            std::string_view text;
            blank();
            if (!string(name, text) || !take(':')) return false;
            name = text;
            text = {};
            blank();
            if (!value(json, text) || !use(name, json, text)) return false;
            if (take('}')) return at_ == end_;
        } while (take(','));
        return false;
    }

private:
    bool take(char wanted) {
        blank();
        if (at_ == end_ || *at_ != wanted) return false;
        ++at_;
        return true;
    }
    void blank() {
        while (at_ != end_ && *at_ == ' ') ++at_;
    }

    // With its quotes in `json`, without escapes in `text`.
    bool string(std::string_view& json, std::string_view& text) {
        if (at_ == end_ || *at_ != '"') return false;
        const char* const begin = at_++;
        bool escaped = false;
        for (; at_ != end_ && *at_ != '"'; ++at_) {
            if (*at_ != '\\') continue;
            escaped = true;
            if (++at_ == end_) return false;
        }
        if (at_ == end_) return false;
        text = {begin + 1, static_cast<std::size_t>(at_ - begin - 1)};
        ++at_;
        json = {begin, static_cast<std::size_t>(at_ - begin)};
        if (!escaped) return true;
        if (texts_.used == texts_.texts.size()) texts_.texts.emplace_back();
        std::string& own = texts_.texts[texts_.used++];
        if (!unescape(text, own)) return false;
        text = own;
        return true;
    }

    bool value(std::string_view& json, std::string_view& text) {
        if (at_ == end_) return false;
        if (*at_ == '"') return string(json, text);
        const char* const begin = at_;
        if (*at_ == '{' || *at_ == '[') {
            if (!nested()) return false;
        } else {
            while (at_ != end_ && *at_ != ',' && *at_ != '}') ++at_;
        }
        json = {begin, static_cast<std::size_t>(at_ - begin)};
        return !json.empty();
    }

    // To the end of an object or array.
    bool nested() {
        std::size_t depth = 0;
        bool quoted = false;
        for (; at_ != end_; ++at_) {
            const char c = *at_;
            if (quoted) {
                if (c == '"') quoted = false;
                if (c == '\\' && ++at_ == end_) return false;
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                ++depth;
            } else if ((c == '}' || c == ']') && --depth == 0) {
                ++at_;
                return true;
            }
        }
        return false;
    }

    const char* at_;
    const char* const end_;
    StateJson::Texts& texts_;
};

std::optional<std::span<const HotValue>> StateJson::values(std::string_view object) {
    values_.clear();
    const bool good =
        StateJsonReader(object, value_texts_)
            .each([this](std::string_view name, std::string_view json, std::string_view text) {
                values_.push_back({.name = name, .json = json, .text = text});
                return true;
            });
    return good ? std::optional(std::span<const HotValue>(values_)) : std::nullopt;
}

std::optional<std::span<const HotInstant>> StateJson::instants(std::string_view object) {
    instants_.clear();
    const bool good =
        StateJsonReader(object, instant_texts_)
            .each([this](std::string_view name, std::string_view json, std::string_view) {
                std::int64_t micros = 0;
                // What is no number, an edit by hand, says nothing of an instant.
                if (std::from_chars(json.data(), json.data() + json.size(), micros).ec ==
                    std::errc{}) {
                    instants_.push_back({.name = name, .at = time_from_micros(micros)});
                }
                return true;
            });
    return good ? std::optional(std::span<const HotInstant>(instants_)) : std::nullopt;
}

}  // namespace atlas::index
