// SPDX-License-Identifier: Apache-2.0
//
// The part of a line before its fields: which entity it is about, and its tags as points.
//
// Lines of one series often follow one another: a key equal to the previous one is not read again.
//
// Lifetime   one per body; borrows the batch and the names.
// Threading  one thread at a time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingest/parse/line_names.h"
#include "ingest/request/batch.h"
#include "ingest/request/limits.h"

namespace atlas::ingest {

// Why a line, or one tag or field of it, is rejected; `detail` is null when it is not.
struct LineFault {
    ItemCode code = ItemCode::invalid_line;
    const char* detail = nullptr;
};

struct Series {
    std::string_view raw;                // as on the line
    Measurement* measurement = nullptr;  // names its fields
    TextRef entity;
    std::vector<Point> tags;  // without those whose names are rejected
    std::uint64_t tags_hash = 0;
    bool tags_are_identity = false;

    struct RefusedTag {
        TextRef name;
        LineFault fault;
    };
    std::vector<RefusedTag> refused;
};

class SeriesReader {
public:
    SeriesReader(Batch& batch, LineNames& names, const ParseContext& context)
        : batch_(batch), names_(names), context_(context) {}

    // Reads the key that begins at `at` and moves `at` past it. The line is rejected when the
    // result has a detail; else series() is valid until the next read.
    LineFault read(const char*& at);
    const Series& series() const { return series_; }

private:
    struct Tag {
        TextRef key;
        TextRef value;
        std::size_t place;  // on the line
    };
    LineFault resolve(std::string_view raw);
    LineFault read_tags(const char* at, const char* end, bool& canonical);
    LineFault name_entity(bool canonical);
    void sort_tags(bool& canonical);
    void add_tag_points();
    void append_canonical_tags(std::string& out) const;
    std::string_view key_of(const Tag& tag) const { return batch_.text(tag.key); }

    Batch& batch_;
    LineNames& names_;
    const ParseContext& context_;
    Series series_;
    std::vector<Tag> tags_;
    std::vector<std::uint32_t> guesses_;  // names of the tags at their places, last time
    std::string scratch_;
};

}  // namespace atlas::ingest
