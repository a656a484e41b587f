// SPDX-License-Identifier: Apache-2.0
//
// The times of a CSV file: which columns hold them, how they are written, and the instant of each
// record. The unit of numbers is that of most of the first rows and holds for the whole column.
//
//     header, first rows → [TimeColumn] ← cells of a record
//                               └→ instant, or why there is none
//
// Lifetime   one file's.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/time_zone.h"
#include "cli/ingest/time_notes.h"
#include "cli/ingest/time_number.h"
#include "cli/ingest/time_options.h"
#include "cli/ingest/time_pattern.h"

namespace atlas::cli {

// The columns that hold the time: the one that `asked` names, or several, named with commas, whose
// cells are joined by blanks; empty: by their usual names, or none. Names match without case and
// blanks. Throws CommandError for a column that is not there.
std::vector<std::size_t> time_columns(const std::vector<std::string>& header,
                                      const std::string& asked);

class TimeColumn {
public:
    using Cells = std::vector<std::string_view>;
    struct Fault {
        const char* code = "";  // missing_time, invalid_time, ambiguous_time, …
        std::string detail;
    };

    // Of time_columns(header, asked). Throws CommandError also when there are none and no --now.
    TimeColumn(const std::vector<std::string>& header, const std::string& asked,
               const TimeOptions& options);

    // Looks at one of the first rows, before any is read.
    void look(const Cells& cells);
    // Afterwards: settles the unit of numbers.
    void settle();

    // The columns that tell records of one time apart, for the loss in a repeated hour.
    void tell_apart(std::vector<std::size_t> columns) { owners_ = std::move(columns); }

    // The instant of a record, or nullopt with the reason in `fault`. `absent` is that of a record
    // in a file without times.
    std::optional<Time> read(const Cells& cells, Time absent, Fault& fault);

    // "time from ts (unix_ms)"
    std::string describe(const std::vector<std::string>& header) const;
    // What daylight saving did since the last call.
    TimeNotes take_notes();

private:
    std::string_view text_of(const Cells& cells);
    std::optional<Time> read_text(std::string_view text, Fault& fault);
    std::optional<Time> read_auto(std::string_view text, Fault& fault);
    std::optional<Time> read_auto_number(const Decimal& number, std::string_view text,
                                         Fault& fault);
    std::optional<Time> instant(const WrittenTime& written, std::string_view text, Fault& fault);
    std::optional<Time> resolve(const WrittenTime& written, const TimeZone& zone,
                                std::string_view text, Fault& fault);
    void note_repeated(Micros local);
    bool plausible(Time time);
    bool fits(const Decimal& number, TimeUnit unit);

    const TimeOptions options_;
    std::vector<std::size_t> columns_;
    std::size_t width_;
    std::optional<TimeZone> zone_;
    std::optional<TimePattern> pattern_;
    bool automatic_ = false;
    bool excel_ = false;
    std::optional<TimeUnit> unit_;
    std::array<std::uint64_t, kTimeUnits.size()> fitting_{};  // of the first rows
    Time latest_{};
    std::string joined_;
    std::vector<std::size_t> owners_;
    const Cells* cells_ = nullptr;  // of the record that is read
    TimeNotes notes_;
    // Records of repeated hours: hashes of their owners and times.
    std::unordered_set<std::uint64_t> repeated_;
};

}  // namespace atlas::cli
