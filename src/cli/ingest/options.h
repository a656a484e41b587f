// SPDX-License-Identifier: Apache-2.0
//
// The options of `atlas ingest`.
//
// Threading  plain data, constant during a run.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/ingest/cell.h"
#include "cli/ingest/encoding.h"
#include "cli/ingest/time_options.h"
#include "cli/server.h"
#include "ingest/request/write.h"

namespace atlas::cli {

enum class FileFormat : std::uint8_t {
    csv,
    ndjson,  // or JSON: an array, or objects over several lines
    line,
    annotated,  // InfluxDB's annotated CSV, which is sent as line protocol
};

constexpr bool sends_lines(FileFormat format) {
    return format == FileFormat::line || format == FileFormat::annotated;
}

struct CsvOptions {
    std::string entity;                        // column; empty: "entity", "id" or the first
    std::string type;                          // column, or a type for all
    std::string time;                          // column, or several; empty: "at", "time", …
    std::vector<std::string> attributes;       // columns to keep; empty: all others
    std::map<std::string, std::string> names;  // column → attribute
    std::vector<std::string> strings;          // columns never read as numbers
    std::vector<std::string> columns;          // names, where the file has no header
    std::string name_column;                   // long files: the column with the attribute's name
    std::string value_column;                  // and the one with its value
    std::string entity_value;                  // an entity for all
    std::map<std::string, std::string> types;  // attribute → type, declared before the first row
    CellRules cells;
    std::size_t skip_lines = 0;  // before the header
    std::string comment;         // what begins a line that is none; empty: none is
    bool units_row = false;      // below the header
    char delimiter = ',';
};

struct IngestOptions {
    ServerOptions server;
    std::vector<std::string> files;
    std::string format;  // csv, ndjson, line; empty: by the name
    ingest::Precision precision = ingest::Precision::ns;
    std::string precision_word = "ns";
    CsvOptions csv;
    TimeOptions times;
    std::string rejects;  // file; empty: beside the source
    std::string state;    // file; empty: in the user's state folder
    std::optional<Encoding> encoding;
    bool restart = false;
    bool dry_run = false;  // checks, shows and stores nothing
    int connections = 4;
    std::size_t batch_bytes = std::size_t{1} << 20U;
    int patience_seconds = 600;  // without any success
};

}  // namespace atlas::cli
