// SPDX-License-Identifier: Apache-2.0
//
// Reads the JSON objects of requests field by field; a fault names the path of its field, such as
// measures[1].agg. The first fault stays, and after it every reader returns its fallback.
//
//     text → parse_body() → [BodyFields] → AnalyticsRequest, SqlRequest, …
//
// Lifetime   borrows the value and the fault.
// Threading  one thread at a time.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "query/error.h"

namespace atlas::query {

// Fails with invalid_json; an empty text is {} where it may be empty.
Answer<boost::json::value> parse_body(std::string_view text, bool may_be_empty = false);

class BodyFields {
public:
    // An object under `path` (empty: the body itself) with no other fields than `known`.
    BodyFields(const boost::json::value& value, std::string path,
               std::initializer_list<std::string_view> known, std::optional<Error>& fault);

    // nullptr where the field is absent or null.
    const boost::json::value* find(std::string_view name) const;
    std::optional<std::string> text(std::string_view name);
    std::optional<Time> time(std::string_view name);  // RFC 3339, or Unix milliseconds
    std::int64_t integer(std::string_view name, std::int64_t fallback, std::int64_t most);
    // An array of at most `most` items; nullptr when absent.
    const boost::json::array* array(std::string_view name, std::size_t most);

    // "measures[1].agg must be …".
    void refuse(std::string_view name, std::string_view what);
    // The text of a field of the filter language, read by `parse`, whose errors name the field.
    template <class T>
    T parsed(Answer<T> (*parse)(std::string_view), std::string_view name) {
        const auto given = text(name);
        if (!given || given->empty()) return {};
        auto result = parse(*given);
        if (result) return std::move(*result);
        fail(std::move(result.error()), name);
        return {};
    }

private:
    void fail(Error error, std::string_view name);
    std::string path_of(std::string_view name) const;

    const std::string path_;
    std::optional<Error>& fault_;
    const boost::json::object* object_ = nullptr;
};

}  // namespace atlas::query
