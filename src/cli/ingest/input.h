// SPDX-License-Identifier: Apache-2.0
//
// A file to be ingested, or stdin, as a stream of decoded bytes: plain, gzip or zstd, told apart by
// their first bytes.
//
// Lifetime   owns the open file.
// Threading  one thread reads; raw_position(), raw_size() and modified_at() from any.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace atlas::cli {

class Input {
public:
    // "-" is stdin. Throws CommandError when it cannot be opened.
    static std::unique_ptr<Input> open(const std::string& path);
    virtual ~Input();
    Input(const Input&) = delete;
    Input& operator=(const Input&) = delete;

    // Appends the next decoded bytes, some hundred KiB; 0 at the end. Throws CommandError when the
    // file cannot be read or its compression is damaged.
    std::size_t read(std::string& out);
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
    std::atomic<std::uint64_t> raw_position_ = 0;
    std::uint64_t position_ = 0;
    std::string leftover_;  // decoded bytes after the place that was skipped to
    std::uint64_t raw_size_ = 0;
    std::int64_t modified_at_ = 0;
};

}  // namespace atlas::cli
