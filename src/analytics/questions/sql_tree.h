// SPDX-License-Identifier: Apache-2.0
//
// Reads the JSON that the store's parser makes of a statement (json_serialize_sql).
//
// Lifetime   what is returned borrows from the JSON.
// Threading  pure functions; any thread.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace atlas::analytics {

// In ASCII: names of SQL.
inline std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

inline std::string_view text_of(const boost::json::value& value) {
    if (!value.is_string()) return {};
    return {value.get_string().data(), value.get_string().size()};
}
// Of a field; empty where it is no text.
inline std::string_view text_of(const boost::json::object& object, std::string_view field) {
    const auto* value = object.if_contains(field);
    return value == nullptr ? std::string_view{} : text_of(*value);
}

// A field; null where there is none.
inline const boost::json::value& part(const boost::json::object& object, std::string_view field) {
    static const boost::json::value kNull;
    const auto* value = object.if_contains(field);
    return value == nullptr ? kNull : *value;
}

// A field that is a list; empty where it is none.
inline const boost::json::array& items(const boost::json::object& object, std::string_view field) {
    static const boost::json::array kNone;
    const boost::json::value& value = part(object, field);
    return value.is_array() ? value.get_array() : kNone;
}

}  // namespace atlas::analytics
