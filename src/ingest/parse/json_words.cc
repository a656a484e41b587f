// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/json_words.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace atlas::ingest {
namespace {

constexpr std::array<std::string_view, 3> kWords{"NaN", "Infinity", "-Infinity"};
constexpr std::string_view kEnds = ",:[]{}\" \t\r\n";

}  // namespace

bool is_json_word(std::string_view token) {
    return std::ranges::find(kWords, token) != kWords.end();
}

JsonWithoutWords without_words(std::string_view json) {
    JsonWithoutWords out;
    std::size_t copied = 0;
    for (std::size_t at = 0; at < json.size();) {
        if (json[at] == '"') {
            for (++at; at < json.size() && json[at] != '"'; ++at) {
                if (json[at] == '\\') ++at;
            }
            ++at;
            continue;
        }
        const std::size_t end = std::min(json.find_first_of(kEnds, at), json.size());
        const std::string_view token = json.substr(at, end - at);
        if (const auto* word = std::ranges::find(kWords, token); word != kWords.end()) {
            if (out.word.empty()) out.word = *word;
            out.json.append(json, copied, at - copied).append("0");
            copied = end;
        }
        at = std::max(end, at + 1);
    }
    if (!out.word.empty()) out.json.append(json.substr(copied));
    return out;
}

}  // namespace atlas::ingest
