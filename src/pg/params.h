// SPDX-License-Identifier: Apache-2.0
//
// The parameters $1, $2 … of one statement: text format for scalars, binary for bulk arrays.
//
//     pg::Params{}.add(tenant.value).add_texts(names) → Connection::exec, exec_pipeline
//
// Lifetime   copies every value; may be reused for several statements.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace atlas::pg {

class Params {
public:
    // Each call adds the next parameter. NULL has the type that the statement gives it.
    Params& add(std::nullptr_t);
    Params& add(int value) { return add(std::int64_t{value}); }
    Params& add(std::int64_t value);
    Params& add(double value);
    Params& add(bool value);
    Params& add(std::string_view text);  // text, or the text form of any type cast in the SQL
    Params& add(const std::string& text) { return add(std::string_view(text)); }
    Params& add(const char* text) { return add(std::string_view(text)); }
    Params& add(Time time);                                       // timestamptz
    Params& add_int8s(std::span<const std::int64_t> values);      // bigint[]
    Params& add_int4s(std::span<const std::int32_t> values);      // integer[]
    Params& add_times(std::span<const Time> values);              // timestamptz[]
    Params& add_texts(std::span<const std::string_view> values);  // text[]
    // text[] with NULL where the optional is empty.
    Params& add_texts(std::span<const std::optional<std::string_view>> values);

    int size() const { return static_cast<int>(entries_.size()); }
    // "$3" when three have been added: how a composed statement refers to the newest one. At least
    // one must have been added.
    std::string placeholder() const;

private:
    friend class BoundParams;
    struct Entry {
        std::string bytes;
        bool null = false;
        bool binary = false;
        std::uint32_t type = 0;  // number in pg_type; 0: the server decides
    };
    std::vector<Entry> entries_;
};

}  // namespace atlas::pg
