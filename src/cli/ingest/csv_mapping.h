// SPDX-License-Identifier: Apache-2.0
//
// Maps the columns of a CSV file to telemetry: the cells of a record become one line of NDJSON.
//
// What the cells of an attribute are read as is decided once: as the user says, else as the tenant
// knows the attribute, else by the first rows, which look() takes before the first append(), else
// by its first value. A cell that cannot be read so is a fault of its own: the rest of the record
// counts.
//
// Threading  one thread at a time.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/json_writer.h"
#include "base/time.h"
#include "cli/ingest/cell.h"
#include "cli/ingest/csv_columns.h"
#include "cli/ingest/options.h"
#include "cli/ingest/type_survey.h"
#include "ingest/parse/csv.h"

namespace atlas::cli {

using KnownTypes = std::map<std::string, std::string>;  // attribute → type in the catalog

class CsvMapping {
public:
    // Throws CommandError when a column that `options` names is not in `header`, and when columns
    // fall on one another.
    CsvMapping(const Header& header, const CsvOptions& options, KnownTypes known = {});

    // Takes one of the first records into account. Records of another length are left out.
    void look(const std::vector<std::string_view>& cells, std::uint64_t line);
    // Decides after the last look(). Throws CommandError when the tenant has an attribute with a
    // type that the user's does not fit, and for columns of which no reading is safe.
    void decide();

    // Appends the line, with its line feed, and returns nullptr; else the reason, with nothing
    // appended. `at` is the time of the record. `quotes` read the cells and knows
    // which were in quotes; nullptr: none.
    const char* append(const std::vector<std::string_view>& cells, Time at, std::string& out,
                       const ingest::CsvReader* quotes = nullptr);

    // A cell that its attribute cannot hold; the record was appended without it.
    struct Fault {
        std::string attribute;
        std::string detail;
    };
    const std::vector<Fault>& faults() const { return faults_; }  // of the last record
    // Whether the last record had faults and no value that is left: it says nothing.
    bool is_void() const { return !faults_.empty() && written_ == 0; }

    // Whether a cell of the time is a word for no value.
    bool has_no_time(const std::vector<std::string_view>& cells) const;

    std::string_view entity_of(const std::vector<std::string_view>& cells) const;

    // The columns that tell the values of a record from those of others of the same time.
    std::vector<std::size_t> owners() const;

    // "entity from entity_id, time from starttime, attributes value double, runtime int"; `time`
    // says whence the time is.
    std::string describe(const Header& header, std::string_view time) const;
    // A line for each attribute and each thing to know, for --dry-run; and the latter alone.
    std::vector<std::string> table(const Header& header) const;
    std::vector<std::string> notes(const Header& header) const;
    // The attributes that columns make, with their columns.
    std::vector<std::pair<std::size_t, std::string>> attributes() const;

private:
    static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
    struct Attribute {
        std::size_t column;
        std::string name;
        std::string key;  // as JSON, after a comma
        bool is_string;   // by --strings
        CellType type = CellType::undecided;
        bool as_double = false;  // new to the tenant: every number is written as a double
        TypeSurvey survey = {};
    };
    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    void check_names(const Header& header, const CsvOptions& options) const;
    std::string note_on(const Attribute& attribute) const;
    void add_attributes(const Header& header, const CsvOptions& options);
    void decide(Attribute& attribute) const;
    bool decide_by(const std::string& type, Attribute& attribute, bool asked) const;
    Attribute& by_name(std::string_view name);
    void add_cell(std::string& out, Attribute& attribute, std::string_view cell, bool quoted);
    bool write_cell(std::string& out, const Attribute& attribute, std::string_view cell,
                    bool quoted);
    bool write_value(std::string& out, const Attribute& attribute, std::string_view cell,
                     bool quoted);
    bool write_number(std::string& out, const Attribute& attribute, std::string_view cell,
                      bool quoted);
    void refuse(const Attribute& attribute, std::string_view cell);
    // Before the first cell.
    void expect(Attribute& attribute) const;
    // The type of the API; empty while none is decided.
    std::string_view type_word(const Attribute& attribute) const;

    CellGrammar grammar_;
    const bool own_words_;  // for no value: they may be numbers
    const bool decimal_comma_;
    const bool semicolons_;
    KnownTypes known_;
    std::map<std::string, std::string> asked_;  // types
    std::size_t entity_ = kNone;
    std::size_t type_ = kNone;
    std::vector<std::size_t> times_;
    std::size_t name_ = kNone;  // long files
    std::size_t value_ = kNone;
    std::string fixed_entity_;
    std::string fixed_type_;
    std::vector<Attribute> attributes_;
    std::unordered_map<std::string, Attribute, TextHash, std::equal_to<>> by_name_;  // long files
    bool long_strings_ = false;  // --strings names the column with the values
    std::size_t columns_;
    std::vector<std::size_t> left_out_;  // columns without a name, from 1
    std::vector<Fault> faults_;
    std::size_t written_ = 0;
};

}  // namespace atlas::cli
