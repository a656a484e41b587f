// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/csv_reader.h"

#include <fmt/format.h>

#include <optional>

#include "cli/ingest/csv_source.h"
#include "cli/ingest/influx_table.h"
#include "cli/ingest/time_column.h"
#include "ingest/parse/line_parser.h"

namespace atlas::cli {
namespace {

Reject unreadable(CsvSource::Outcome outcome, std::uint64_t line, std::string text) {
    const char* why = outcome == CsvSource::Outcome::bad_quote
                          ? "a quoted cell is not closed, or text follows its closing quote"
                          : "the record is longer than 4 MiB or has more than 20,000 cells";
    return {line, {}, {}, "invalid_csv", why, std::move(text)};
}

// The entity that the server finds in a line of line protocol; 0 for one that it refuses.
std::uint64_t entity_of_line(std::string_view line) {
    ingest::Batch batch{std::string(line)};
    ingest::ParseContext context{Time::min(), Time::max(), std::nullopt};
    ingest::parse_lines(batch, ingest::Precision::ns, context);
    if (batch.observations().empty()) return 0;
    return hash_of_entity(batch.text(batch.observations()[0].entity));
}

class CsvRecordReader final : public ChunkReader {
public:
    CsvRecordReader(Input& input, const IngestOptions& options, const Place& place,
                    KnownTypes known)
        : csv_(input, options.csv, place), is_new_(place.offset == 0) {
        Header header = options.csv.columns;
        has_header_ = header.empty();
        if (has_header_ && !read_cells(header)) {
            has_header_ = false;
            return;
        }
        Header units;
        if (options.csv.units_row && !read_cells(units)) {
            throw CommandError("the file has no row of units");
        }
        CsvOptions csv = options.csv;
        csv.delimiter = csv_.delimiter();
        mapping_.emplace(header, csv, std::move(known));
        times_.emplace(header, options.csv.time, options.times);
        times_->tell_apart(mapping_->owners());
        look();
        mapping_->decide();
        times_->settle();
        fmt::print(stderr, "{}\n", mapping_->describe(header, times_->describe(header)));
        for (const auto& line :
             options.dry_run ? mapping_->table(header) : mapping_->notes(header)) {
            fmt::print(stderr, "{}\n", line);
        }
        for (const auto& [column, attribute] : mapping_->attributes()) {
            if (column >= units.size() || trim_cell(units[column]).empty()) continue;
            units_.emplace_back(attribute, trim_cell(units[column]));
        }
        csv_.seek(place);
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        chunk.body.reserve(bytes + kRoomBytes);
        while (mapping_ && chunk.body.size() < bytes && next_record(chunk, rejected)) {
        }
        csv_.in().finish(chunk);
        if (times_) chunk.times = times_->take_notes();
        const bool more = !chunk.items.empty() || !csv_.in().at_end;
        if (!more && is_new_ && !has_records_) {
            fmt::print(stderr, "the file has {}no records\n", has_header_ ? "a header and " : "");
        }
        return more;
    }

    std::vector<std::pair<std::string, std::string>> units() const override { return units_; }

private:
    using Outcome = CsvSource::Outcome;

    static constexpr std::size_t kRoomBytes = 4096;  // for the record that ends a chunk
    static constexpr std::size_t kLookRecords = 10'000;
    static constexpr std::size_t kLookBytes = std::size_t{16} << 20U;

    // False at the end of the file.
    bool read_cells(Header& header) {
        Outcome outcome = csv_.read();
        for (; outcome == Outcome::blank; outcome = csv_.read()) csv_.take();
        if (outcome == Outcome::end) return false;
        if (outcome != Outcome::record) throw CommandError("the file does not begin with a header");
        csv_.take();
        const auto& cells = csv_.reader().cells();
        header.assign(cells.begin(), cells.end());
        return true;
    }

    void look() {
        std::size_t records = 0;
        csv_.look_ahead(kLookBytes, [&](Outcome outcome) {
            if (outcome == Outcome::record) {
                mapping_->look(csv_.reader().cells(), csv_.in().line + 1);
                times_->look(csv_.reader().cells());
            }
            return ++records < kLookRecords;
        });
    }

    bool next_record(Chunk& chunk, const OnReject& rejected) {
        const Outcome outcome = csv_.read();
        if (outcome == Outcome::end) return false;
        const std::uint64_t line = csv_.in().line + 1;
        const Time absent = csv_.in().absent_time();
        csv_.take();
        if (outcome == Outcome::blank) return true;
        has_records_ = true;
        if (outcome != Outcome::record) {
            rejected(unreadable(outcome, line, csv_.text()));
            return true;
        }
        const std::size_t begin = chunk.body.size();
        const auto& cells = csv_.reader().cells();
        const auto at = times_->read(cells, absent, fault_);
        if (!at) {
            if (std::string_view(fault_.code) == "invalid_time" && mapping_->has_no_time(cells)) {
                fault_ = {.code = "missing_time",
                          .detail = "the record has no time: its cell is a word for no value"};
            }
            rejected({line, {}, {}, fault_.code, fault_.detail, csv_.text()});
            return true;
        }
        if (const char* fault = mapping_->append(cells, *at, chunk.body, &csv_.reader())) {
            rejected({line, {}, {}, "invalid_csv", fault, csv_.text()});
            return true;
        }
        for (const auto& [attribute, detail] : mapping_->faults()) {
            rejected({line, std::string(mapping_->entity_of(cells)), attribute, "wrong_type",
                      detail, csv_.text()});
        }
        if (mapping_->is_void()) {
            chunk.body.resize(begin);
            return true;
        }
        chunk.items.push_back(
            {begin, chunk.body.size() - begin, line, hash_of_entity(mapping_->entity_of(cells))});
        return true;
    }

    CsvSource csv_;
    const bool is_new_;
    bool has_header_ = false;
    bool has_records_ = false;
    std::optional<CsvMapping> mapping_;
    std::optional<TimeColumn> times_;
    TimeColumn::Fault fault_;
    std::vector<std::pair<std::string, std::string>> units_;
};

// InfluxDB's annotated CSV, as lines of line protocol.
class AnnotatedReader final : public ChunkReader {
public:
    AnnotatedReader(Input& input, const CsvOptions& options, const Place& place)
        : csv_(input, options, place) {
        // The lines before `place` say what the table there is like.
        while (csv_.offset() < place.offset) {
            const Outcome outcome = csv_.read();
            if (outcome == Outcome::end) return;
            csv_.take();
            if (outcome == Outcome::record) table_.read_head(csv_.reader().cells());
            if (outcome == Outcome::blank) table_.end();
        }
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        while (chunk.body.size() < bytes && next_record(chunk, rejected)) {
        }
        csv_.in().finish(chunk);
        return !chunk.items.empty() || !csv_.in().at_end;
    }

private:
    using Outcome = CsvSource::Outcome;

    bool next_record(Chunk& chunk, const OnReject& rejected) {
        const Outcome outcome = csv_.read();
        if (outcome == Outcome::end) return false;
        const std::uint64_t line = csv_.in().line + 1;
        csv_.take();
        if (outcome == Outcome::blank) {
            table_.end();
            return true;
        }
        if (outcome != Outcome::record) {
            rejected(unreadable(outcome, line, csv_.text()));
            return true;
        }
        const auto& cells = csv_.reader().cells();
        if (table_.read_head(cells)) return true;
        const std::size_t begin = chunk.body.size();
        std::uint64_t fields = 0;
        if (const char* fault = table_.append(cells, chunk.body, fields)) {
            rejected({line, {}, {}, "invalid_csv", fault, csv_.text()});
            return true;
        }
        const std::string text = csv_.text();
        chunk.items.push_back({begin, chunk.body.size() - begin, line,
                               entity_of_line(std::string_view(chunk.body).substr(begin)), fields,
                               chunk.written.size(), text.size()});
        chunk.written += text;
        return true;
    }

    CsvSource csv_;
    InfluxTable table_;
};

}  // namespace

std::unique_ptr<ChunkReader> make_csv_reader(Input& input, const IngestOptions& options,
                                             const Place& place, KnownTypes known) {
    return std::make_unique<CsvRecordReader>(input, options, place, std::move(known));
}

std::unique_ptr<ChunkReader> make_annotated_reader(Input& input, const IngestOptions& options,
                                                   const Place& place) {
    return std::make_unique<AnnotatedReader>(input, options.csv, place);
}

}  // namespace atlas::cli
