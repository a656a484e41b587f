// SPDX-License-Identifier: Apache-2.0
//
// Any bytes, cut anywhere: the reader always moves on, and gives the same records as in one piece.
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "ingest/parse/csv.h"

namespace {

using atlas::ingest::CsvReader;
using Records = std::vector<std::vector<std::string>>;

void require(bool holds) {
    if (!holds) std::abort();
}

Records read(std::string_view text, std::size_t cut) {
    CsvReader reader(',', CsvReader::first_line_end(text));
    Records records;
    std::string_view buffer = text.substr(0, cut);
    bool last = cut == text.size();
    for (std::size_t at = 0;;) {
        const std::size_t before = at;
        switch (reader.next(buffer, at, last)) {
            case CsvReader::Outcome::end: return records;
            case CsvReader::Outcome::need_more:
                require(!last && at == before);
                buffer = text;
                last = true;
                continue;
            case CsvReader::Outcome::record:
                records.emplace_back(reader.cells().begin(), reader.cells().end());
                break;
            default: break;
        }
        require(at > before);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = text.empty() ? 0 : data[0] % (text.size() + 1);
    require(read(text, text.size()) == read(text, cut));
    return 0;
}
