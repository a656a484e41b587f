// SPDX-License-Identifier: Apache-2.0
//
// Reads the small text files of /proc and /sys.
//
// Lifetime   fields and lines borrow the text.
// Threading  pure functions but for the file system; any thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::collect {

// The whole of a file in `out`, replacing what it held; false, and empty, when it cannot be read.
// Files of /proc have no size: it is read until its end, at most 4 MiB of it.
bool read_file(const std::filesystem::path& path, std::string& out);
// The same without the blanks and line feeds at its end; empty when it cannot be read.
std::string read_word(const std::filesystem::path& path);

// Takes the next line from `text`, without its line feed. False when there is none.
bool next_line(std::string_view& text, std::string_view& line);
// Takes the next field from `line`: what is between blanks or tabs. Empty when there is none.
std::string_view next_field(std::string_view& line);
void skip_fields(std::string_view& line, int count);

// The whole text as a number, or nullopt.
std::optional<std::int64_t> to_int(std::string_view text);
std::optional<double> to_double(std::string_view text);
// The next field as a number; 0 when it is none.
std::int64_t next_int(std::string_view& line);

// "Active(anon)" → "active_anon", "MemTotal" → "mem_total", "virtio1-req.0" → "virtio1_req_0".
std::string snake_case(std::string_view text);

}  // namespace atlas::collect
