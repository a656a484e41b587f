// SPDX-License-Identifier: Apache-2.0
//
// NaN, Infinity and -Infinity where JSON has a value: no JSON, but what the JSON libraries of
// Python and others write.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>
#include <string_view>

namespace atlas::ingest {

bool is_json_word(std::string_view token);

// A text with 0 in the place of each such word outside strings, and the first word; both are empty
// where there is none.
struct JsonWithoutWords {
    std::string json;
    std::string_view word;
};
JsonWithoutWords without_words(std::string_view json);

}  // namespace atlas::ingest
