// SPDX-License-Identifier: Apache-2.0
//
// The unit of work of `atlas ingest`: some records of a file as the body of one request.
//
//     Input → [ChunkReader] → Chunk → Delivery → POST /v1/telemetry or /write
//
// Lifetime   a reader borrows input and options; a chunk owns its body.
// Threading  one thread reads; a chunk is moved from thread to thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "cli/ingest/csv_mapping.h"
#include "cli/ingest/input.h"
#include "cli/ingest/options.h"
#include "cli/ingest/time_notes.h"

namespace atlas::cli {

struct Chunk {
    struct Item {
        std::size_t begin, length;  // in the body, its line feed included
        std::uint64_t line;         // of the file, from 1
        std::uint64_t entity = 0;   // hash of its name: records of one entity keep their order
        std::uint64_t fields = 0;   // known for line protocol only
        std::size_t written_begin = 0, written_length = 0;  // in `written`
    };
    std::string body;
    std::string written;  // the records as the file has them, where rejects need that
    std::vector<Item> items;
    std::uint64_t sequence = 0;
    std::uint64_t end_offset = 0;  // decoded bytes of the file up to the end of this chunk
    std::uint64_t end_line = 0;    // line feeds up to there
    bool is_last = false;          // the file has nothing after it
    TimeNotes times;

    // Empty again, with its memory.
    void clear() {
        body.clear();
        written.clear();
        items.clear();
        times = {};
    }
    std::string_view text(const Item& item) const {
        return std::string_view(body).substr(item.begin, item.length);
    }
    // What a reject shows.
    std::string_view original(const Item& item) const {
        if (item.written_length == 0) return text(item);
        return std::string_view(written).substr(item.written_begin, item.written_length);
    }
};

// Of the name of an entity, for Chunk::Item.
std::uint64_t hash_of_entity(std::string_view name);

// What was refused, by whom and why.
struct Reject {
    std::uint64_t line = 0;
    std::string entity;
    std::string attribute;
    std::string code;
    std::string detail;
    std::string input;
};
using OnReject = std::function<void(const Reject&)>;

// Where a run was interrupted.
struct Place {
    std::uint64_t offset = 0;  // decoded bytes
    std::uint64_t line = 0;    // line feeds up to there
    // Of the first run: the time of records without one, plus a microsecond for each line.
    Time started_at{};
};

class ChunkReader {
public:
    virtual ~ChunkReader() = default;
    // The next records, about `bytes` of them; false at the end. Records that do not parse are
    // given to `rejected`. Throws CommandError when the input fails. Blocks on it.
    virtual bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) = 0;

    // Attributes and their units, where the file gives them.
    virtual std::vector<std::pair<std::string, std::string>> units() const { return {}; }
};

// What the file holds: CSV that begins with annotations is InfluxDB's.
FileFormat look_at(FileFormat named, Input& input);

// Reads on from `place`. Throws CommandError, for example when a CSV file lacks a chosen column.
// `known` are the types of the tenant's attributes, for CSV.
std::unique_ptr<ChunkReader> make_chunk_reader(FileFormat format, Input& input,
                                               const IngestOptions& options, const Place& place,
                                               KnownTypes known = {});

}  // namespace atlas::cli
