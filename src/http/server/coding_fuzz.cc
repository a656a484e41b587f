// SPDX-License-Identifier: Apache-2.0
//
// Encoded bodies in pieces of any size: no more than the limit comes out, and what was compressed
// here is read back whole.
#include <algorithm>
#include <cstdlib>

#include "http/server/coding.h"

namespace {

using namespace atlas::http;

constexpr std::size_t kLimit = 1U << 20U;

void check(bool holds) {
    if (!holds) std::abort();
}

DecodeStatus decode(Coding coding, std::string_view text, std::size_t piece, std::string& out) {
    const auto decoder = BodyDecoder::make(coding, kLimit);
    while (!text.empty()) {
        const std::size_t size = std::min(piece, text.size());
        const DecodeStatus status = decoder->write(text.substr(0, size), out);
        check(out.size() <= kLimit);
        if (status != DecodeStatus::ok) return status;
        text.remove_prefix(size);
    }
    return decoder->finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    const std::size_t piece = std::size_t{data[0]} + 1;
    const Coding coding = data[1] % 2 == 0 ? Coding::gzip : Coding::zstd;
    const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
    std::string out;
    decode(coding, text, piece, out);

    std::string back;
    check(decode(coding, compress(coding, text), piece, back) == DecodeStatus::ok);
    check(back == text);
    return 0;
}
