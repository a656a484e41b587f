// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a page token are refused or read; and what was made here reads back the same, unless
// a single character of it or of its question is another.
#include "query/page_token.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace atlas::query;
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    static_cast<void>(decode_page_token(bytes, "question"));
    if (size < 2 || size > 1024) return 0;
    PageToken token;
    const std::size_t cut = data[0] % size;
    token.fields.emplace_back(bytes.substr(0, cut));
    token.fields.emplace_back();
    token.fields.emplace_back(bytes.substr(cut));
    token.numbers = {data[0], -data[1]};
    std::string text = encode_page_token(token, bytes);
    const auto back = decode_page_token(text, bytes);
    if (!back || back->fields != token.fields || back->numbers != token.numbers) __builtin_trap();
    if (decode_page_token(text, "another question")) __builtin_trap();
    char& struck = text[data[1] % text.size()];
    struck = struck == 'A' ? 'B' : 'A';
    if (decode_page_token(text, bytes)) __builtin_trap();
    return 0;
}
