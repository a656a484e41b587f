// SPDX-License-Identifier: Apache-2.0
//
// The options of `atlas ingest`.
//
// Threading  plain data, constant during a run.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cli/ingest/time_options.h"
#include "cli/server.h"
#include "ingest/request/write.h"

namespace atlas::cli {

enum class FileFormat : std::uint8_t { csv, ndjson, line };

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
    bool restart = false;
    int connections = 4;
    std::size_t batch_bytes = std::size_t{1} << 20U;
    int patience_seconds = 600;  // without any success
};

}  // namespace atlas::cli
