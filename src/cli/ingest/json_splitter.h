// SPDX-License-Identifier: Apache-2.0
//
// Takes a JSON array, or objects that go over several lines, apart: each object becomes one line.
//
//     [ {"entity": …},        {"entity": …}
//       {"entity": …} ]   →   {"entity": …}
//
// Lifetime   a line lives until the next call.
// Threading  one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atlas::cli {

class JsonSplitter {
public:
    enum class Outcome : std::uint8_t {
        value,      // line() holds it
        need_more,  // the buffer ends inside a value: refill and ask again at the same place
        end,        // nothing is left
        broken,     // not an object, or one that does not end, or an array that does not
    };

    // Whether text that begins so is an array or has objects over several lines: else it is NDJSON.
    static bool is_needed(std::string_view begin);

    // Of text that begins so.
    explicit JsonSplitter(std::string_view begin);

    // Reads the value after `at` and moves `at` past it, except for need_more. `last`: nothing
    // follows `buffer`.
    Outcome next(std::string_view buffer, std::size_t& at, bool last);

    std::string_view line() const { return line_; }
    std::uint64_t lines_before() const { return lines_before_; }  // line feeds before the value
    std::uint64_t lines_inside() const { return lines_inside_; }

private:
    bool open_;  // an array that is not closed yet
    std::string line_;
    std::uint64_t lines_before_ = 0;
    std::uint64_t lines_inside_ = 0;
};

}  // namespace atlas::cli
