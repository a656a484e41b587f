// SPDX-License-Identifier: Apache-2.0
//
// A file to be ingested, or stdin, as a stream of UTF-8: plain, gzip or zstd, told apart by their
// first bytes, in the encoding that the user names.
//
// Lifetime   owns the open file.
// Threading  one thread reads; raw_position(), raw_size() and modified_at() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "cli/ingest/encoding.h"

namespace atlas::cli {

class Input {
public:
    // "-" is stdin. Throws CommandError when it cannot be opened.
    static std::unique_ptr<Input> open(const std::string& path,
                                       std::optional<Encoding> encoding = std::nullopt);
    virtual ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    // Appends the next bytes of UTF-8, some hundred KiB; 0 at the end. Throws CommandError when the
    // file cannot be read, its compression is damaged, or a byte is none in its encoding.
    std::size_t read(std::string& out);
    // What the next read() gives, without taking it; empty at the end.
    std::string_view peek();
    // Discards decoded bytes up to `position`, counted from the start.
    void skip_to(std::uint64_t position);

    std::uint64_t position() const { return position_; }          // decoded bytes given out
    std::uint64_t raw_position() const { return raw_position_; }  // bytes of the file read
    std::uint64_t raw_size() const { return raw_size_; }          // of the file; 0 when unknown
    std::int64_t modified_at() const { return modified_at_; }     // µs since the epoch; 0: unknown

protected:
    Input() = default;
    virtual std::size_t decode(std::string& out) = 0;
    // The next raw bytes in raw_; false at the end.
    bool refill();

    std::string path_;
    int file_ = -1;
    std::string raw_;
    std::size_t raw_used_ = 0;

private:
    std::size_t next_block(std::string& out);

    std::atomic<std::uint64_t> raw_position_ = 0;
    std::uint64_t position_ = 0;

    std::optional<TextDecoder> text_;
    std::string leftover_;  // decoded bytes after the place that was skipped to, or looked at
    std::uint64_t raw_size_ = 0;
    std::int64_t modified_at_ = 0;
};

}  // namespace atlas::cli
