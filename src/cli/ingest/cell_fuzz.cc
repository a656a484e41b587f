// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a cell, as JSON and as text in an encoding: a number that is read is one to JSON,
// the same objects and the same text come out wherever blocks end, and what comes out is UTF-8.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>
#include <vector>

#include "cli/ingest/cell.h"
#include "cli/ingest/encoding.h"
#include "cli/ingest/json_splitter.h"
#include "cli/server.h"

namespace {

using namespace atlas::cli;

void require(bool holds) {
    if (!holds) std::abort();
}

void read_cell(std::string_view cell, bool decimal_comma) {
    CellRules rules;
    rules.decimal_comma = decimal_comma;
    const CellGrammar grammar(rules);
    std::string number = "[";
    const JsonNumber kind = grammar.append_number(cell, number);
    require((kind == JsonNumber::none) == (number == "["));
    if (kind != JsonNumber::none) {
        require(json_number(std::string_view(number).substr(1)) == kind);
        require(!grammar.is_no_value(cell, false, CellType::number));
    }
    using Kind = CellForm::Kind;
    const Kind form = grammar.form(cell).kind;
    const bool is_number = form == Kind::integer || form == Kind::wide || form == Kind::code;
    require(!is_number || kind == JsonNumber::integer);
}

// The text, or "!" for one that is refused.
std::string decode(std::string_view bytes, std::optional<Encoding> encoding, std::size_t cut) {
    std::string out;
    try {
        TextDecoder decoder(encoding, "file");
        for (const auto part : {bytes.substr(0, cut), bytes.substr(cut)}) {
            const std::size_t before = out.size();
            out += part;
            decoder.convert(out, before);
        }
        decoder.finish(out);
    } catch (const CommandError&) {
        return "!";
    }
    require(simdjson::validate_utf8(out));
    return out;
}

std::vector<std::string> split(std::string_view text, std::size_t cut) {
    JsonSplitter splitter(text);
    std::vector<std::string> lines;
    std::string_view buffer = text.substr(0, cut);
    for (std::size_t at = 0;;) {
        const std::size_t before = at;
        const bool last = buffer.size() == text.size();
        switch (splitter.next(buffer, at, last)) {
            case JsonSplitter::Outcome::end: return lines;
            case JsonSplitter::Outcome::broken: lines.emplace_back("!"); return lines;
            case JsonSplitter::Outcome::need_more:
                require(!last && at == before);
                buffer = text;
                break;
            case JsonSplitter::Outcome::value:
                require(at > before);
                lines.emplace_back(splitter.line());
                break;
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::size_t cut = text.empty() ? 0 : data[0] % (text.size() + 1);
    read_cell(text, (data[0] & 1U) != 0);
    require(split(text, text.size()) == split(text, cut));
    constexpr Encoding kEncodings[] = {Encoding::utf8, Encoding::latin1, Encoding::windows1252,
                                       Encoding::utf16};
    const Encoding encoding = kEncodings[data[0] % 4];
    require(decode(text, encoding, text.size()) == decode(text, encoding, cut));
    return 0;
}
