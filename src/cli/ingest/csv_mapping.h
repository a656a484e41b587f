// SPDX-License-Identifier: Apache-2.0
//
// Maps the columns of a CSV file to telemetry: the cells of a record become one line of NDJSON.
// Empty cells are no values; a cell that is a JSON number, true or false becomes one, all else is a
// string.
//
// Threading  immutable; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "cli/ingest/options.h"

namespace atlas::cli {

class CsvMapping {
public:
    // Throws CommandError when a column that `options` names is not in `header`.
    CsvMapping(const std::vector<std::string>& header, const CsvOptions& options);

    // Appends the line, with its line feed, and returns nullptr; else the reason, with nothing
    // appended. `at` is the time of the record.
    const char* append(const std::vector<std::string_view>& cells, Time at, std::string& out) const;

    // The columns that tell the values of a record from those of others of the same time.
    std::vector<std::size_t> owners() const;

    // "entity from entity_id, time from starttime, attributes value, runtime"; `time` says whence
    // the time is.
    std::string describe(const std::vector<std::string>& header, std::string_view time) const;

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    struct Attribute {
        std::size_t column;
        std::string name;
        bool is_string;
    };
    std::size_t find(const std::vector<std::string>& header, std::string_view name) const;
    void add_attributes(const std::vector<std::string>& header, const CsvOptions& options);
    static void add_value(JsonWriter& json, std::string_view cell, bool is_string);

    std::size_t entity_ = kNone;
    std::size_t type_ = kNone;
    std::vector<std::size_t> times_;
    std::size_t name_ = kNone;  // long files
    std::size_t value_ = kNone;
    std::string fixed_type_;
    std::vector<Attribute> attributes_;
    std::size_t columns_;
};

}  // namespace atlas::cli
