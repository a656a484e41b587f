// SPDX-License-Identifier: Apache-2.0
//
// Turns rows of InfluxDB's annotated CSV, as `influx query --raw` and its API give it, into line
// protocol: the entities and attributes are those that the same data would make as line protocol.
//
//     #datatype,string,long,dateTime:RFC3339,double,string,string,string
//     #group,false,false,false,false,true,true,true
//     #default,_result,,,,,,
//     ,result,table,_time,_value,_field,_measurement,host
//     ,,0,2026-11-20T10:00:00Z,4.5,load,cpu,web-1    →    cpu,host=web-1 load=4.5 1795…
//
// Rows with a column for each field, as pivot() makes them, are read as well.
//
// Lifetime   one per file; a table's annotations count until the next ones.
// Threading  one thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::cli {

class InfluxTable {
public:
    using Cells = std::vector<std::string_view>;

    // Whether a file that begins so is one of these.
    static bool begins(std::string_view text);

    // Takes an annotation or a header; false when the row is none of them.
    bool read_head(const Cells& row);
    // A blank line: what follows may begin with a header.
    void end() { ended_ = true; }

    // Appends the row's line, with its line feed, counts its fields, and returns nullptr; else the
    // reason, with nothing appended. Times are in nanoseconds.
    const char* append(const Cells& row, std::string& out, std::uint64_t& fields) const;

private:
    enum class Role : std::uint8_t { none, measurement, time, field_name, value, field, tag };
    struct Column {
        std::string name;
        std::string type = "string";
        std::string otherwise;  // the value of an empty cell
        bool grouped = true;
        Role role = Role::none;
    };
    void take_header(const Cells& row);
    static Role role_of(const Column& column, bool has_fields);
    std::string_view cell(const Cells& row, std::size_t column) const;
    const char* append_fields(const Cells& row, std::string& out, std::uint64_t& fields) const;

    std::vector<Column> columns_;
    bool ended_ = true;  // the next row that is no annotation is a header
    bool annotating_ = false;
};

}  // namespace atlas::cli
