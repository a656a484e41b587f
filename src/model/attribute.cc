// SPDX-License-Identifier: Apache-2.0
#include "model/attribute.h"

#include <array>

namespace atlas::model {
namespace {

// By value of Type.
constexpr std::array<std::string_view, 7> kWords = {"int",    "double",    "decimal", "bool",
                                                    "string", "timestamp", "json"};

}  // namespace

std::string_view to_string(Type type) {
    return kWords[static_cast<std::size_t>(type)];
}

std::optional<Type> parse_type(std::string_view word) {
    for (std::size_t i = 0; i < kWords.size(); ++i) {
        if (kWords[i] == word) return static_cast<Type>(i);
    }
    return std::nullopt;
}

}  // namespace atlas::model
