// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/chunk.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "cli/ingest/absent_time.h"
#include "cli/ingest/csv_mapping.h"
#include "cli/ingest/time_column.h"
#include "ingest/parse/csv.h"
#include "ingest/parse/line_parser.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{8} << 20U;
// Rows of a CSV file that are looked at before the first is sent, and their bytes.
constexpr std::size_t kFirstRows = 10'000;
constexpr std::size_t kMaxFirstBytes = std::size_t{16} << 20U;

// The part that all formats share: a buffer over the input, and its place in the file.
struct Buffered {
    Buffered(Input& from, const Place& place)
        : input(from), line(place.line), started_at(place.started_at) {}

    // Appends bytes after those not yet used; false at the end of the input.
    bool refill() {
        buffer.erase(0, std::exchange(used, 0));
        if (input.read(buffer) == 0) at_end = true;
        return !at_end;
    }
    void finish(Chunk& chunk) const {
        chunk.end_offset = input.position() - (buffer.size() - used);
        chunk.end_line = line;
    }
    Time absent_time() const { return started_at + Micros{static_cast<std::int64_t>(line)}; }

    Input& input;
    std::string buffer;
    std::size_t used = 0;
    std::uint64_t line;  // line feeds before the next record
    Time started_at;
    bool at_end = false;
};

void add_item(Chunk& chunk, std::string_view text, std::uint64_t line) {
    const std::size_t begin = chunk.body.size();
    chunk.body += text;
    if (!chunk.body.ends_with('\n')) chunk.body += '\n';
    chunk.items.push_back({begin, chunk.body.size() - begin, line});
}

class NdjsonReader final : public ChunkReader {
public:
    NdjsonReader(Input& input, bool now, const Place& place)
        : in_(input, place), absent_(now, "\"at\"", place.offset > 0) {
        input.skip_to(place.offset);
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        while (chunk.body.size() < bytes && next_record(chunk, rejected)) {
        }
        absent_.end_chunk();
        in_.finish(chunk);
        return !chunk.items.empty() || !in_.at_end;
    }

private:
    bool next_record(Chunk& chunk, const OnReject& rejected) {
        std::size_t feed = in_.buffer.find('\n', in_.used);
        while (feed == std::string::npos && !in_.at_end) {
            if (in_.buffer.size() - in_.used > kMaxRecordBytes) {
                throw CommandError(
                    fmt::format("line {} is longer than the limit of 8 MiB", in_.line + 1));
            }
            in_.refill();
            feed = in_.buffer.find('\n', in_.used);
        }
        const std::size_t end = feed == std::string::npos ? in_.buffer.size() : feed + 1;
        if (end == in_.used) return false;
        const std::string_view line(in_.buffer.data() + in_.used, end - in_.used);
        if (line.find_first_not_of(" \t\r\n") != std::string_view::npos) {
            const auto timed = with_time(line, rejected);
            if (timed) {
                add_item(chunk, *timed, in_.line + 1);
            } else {
                absent_.reject(in_.line + 1, line, rejected);
            }
        }
        in_.used = end;
        ++in_.line;
        return true;
    }

    // Every line that is sent has an `at`, so that repeating a request is safe; nullopt for one to
    // be rejected. What is no object stays as it is: the server says what is wrong with it.
    std::optional<std::string_view> with_time(std::string_view line, const OnReject& rejected) {
        padded_.assign(line);
        padded_.append(simdjson::SIMDJSON_PADDING, ' ');
        simdjson::ondemand::document document;
        simdjson::ondemand::object object;
        const simdjson::padded_string_view view(padded_.data(), line.size(), padded_.size());
        if (parser_.iterate(view).get(document) != simdjson::SUCCESS ||
            document.get_object().get(object) != simdjson::SUCCESS) {
            return line;
        }
        simdjson::ondemand::value at;
        const auto found = object.find_field_unordered("at").get(at);
        if (found != simdjson::NO_SUCH_FIELD && found != simdjson::SUCCESS) return line;
        const bool absent = found == simdjson::NO_SUCH_FIELD;
        const std::string_view token = absent ? std::string_view() : at.raw_json_token();
        if (!absent && !token.starts_with("null")) {
            absent_.present(rejected);
            return line;
        }
        const std::size_t brace = line.find('{');
        const std::size_t inside = line.find_first_not_of(" \t", brace + 1);
        if (inside == std::string_view::npos || line[inside] != '"') return line;
        if (!absent_.filled()) return std::nullopt;
        const std::string time = '"' + format_rfc3339(in_.absent_time()) + '"';
        if (absent) {
            padded_ = fmt::format("{}\"at\":{},{}", line.substr(0, brace + 1), time,
                                  line.substr(brace + 1));
        } else {
            const auto null = static_cast<std::size_t>(token.data() - padded_.data());
            padded_ = fmt::format("{}{}{}", line.substr(0, null), time, line.substr(null + 4));
        }
        return padded_;
    }

    Buffered in_;
    AbsentTimes absent_;
    simdjson::ondemand::parser parser_;
    std::string padded_;
};

class LineReader final : public ChunkReader {
public:
    LineReader(Input& input, ingest::Precision precision, bool now, const Place& place)
        : in_(input, place), precision_(precision), absent_(now, "timestamp", place.offset > 0) {
        input.skip_to(place.offset);
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        Chunk raw;
        while (raw.body.size() < bytes && next_record(raw)) {
        }
        check(raw, chunk, rejected);
        absent_.end_chunk();
        in_.finish(chunk);
        return !chunk.items.empty() || !in_.at_end;
    }

private:
    // Behind the line feed that ends the record at `begin`: one outside of a string. npos: not in
    // the buffer. Quotes count after the first blank only: names may hold them.
    std::size_t record_end(std::size_t begin) const {
        const std::string& text = in_.buffer;
        bool fields = text[begin] == '#';
        bool quoted = false;
        std::size_t first_feed = std::string::npos;
        const bool comment = text[begin] == '#';
        for (std::size_t at = begin; at < text.size(); ++at) {
            const char c = text[at];
            if (c == '\\') ++at;
            if (c == ' ') fields = true;
            if (c == '"' && fields && !comment) quoted = !quoted;
            if (c != '\n') continue;
            if (!quoted) return at + 1;
            if (first_feed == std::string::npos) first_feed = at + 1;
            if (at - begin > ingest::kMaxLineBytes) return first_feed;
        }
        // A quote that nothing closes must not take the rest of the file with it.
        return in_.at_end ? std::min(first_feed, text.size()) : std::string::npos;
    }

    bool next_record(Chunk& raw) {
        if (in_.used >= in_.buffer.size() && !in_.refill()) return false;
        std::size_t end = record_end(in_.used);
        while (end == std::string::npos) {
            in_.refill();
            end = record_end(in_.used);
        }
        const std::string_view record(in_.buffer.data() + in_.used, end - in_.used);
        add_item(raw, record, in_.line + 1);
        in_.line += static_cast<std::uint64_t>(std::count(record.begin(), record.end(), '\n'));
        in_.used = end;
        return true;
    }

    // Leaves out blanks, comments and what the server would refuse to read, and gives every line
    // the time that it lacks.
    void check(const Chunk& raw, Chunk& chunk, const OnReject& rejected) {
        for (const Chunk::Item& item : raw.items) {
            ingest::Batch batch{std::string(raw.text(item))};
            ingest::ParseContext context{Time::min(), Time::max(), std::nullopt};
            ingest::parse_lines(batch, precision_, context);
            if (batch.observations().empty()) {
                for (const auto& error : batch.errors()) {
                    rejected({item.line, error.entity, error.attribute,
                              std::string(ingest::to_string(error.code)), error.detail,
                              std::string(raw.text(item))});
                }
                continue;
            }
            const auto& row = batch.observations()[0];
            if (row.observed_at != Time::min()) {
                absent_.present(rejected);
                add_item(chunk, raw.text(item), item.line);
            } else if (absent_.filled()) {
                add_item(chunk, with_time(raw.text(item), item.line), item.line);
            } else {
                absent_.reject(item.line, raw.text(item), rejected);
                continue;
            }
            for (const auto& point : batch.points(row)) {
                chunk.items.back().fields += point.tag ? 0 : 1;
            }
        }
    }

    std::string with_time(std::string_view line, std::uint64_t number) const {
        while (line.ends_with('\n') || line.ends_with('\r') || line.ends_with(' ')) {
            line.remove_suffix(1);
        }
        const Time time = in_.started_at + Micros{static_cast<std::int64_t>(number)};
        std::int64_t count = to_micros(time);
        switch (precision_) {
            case ingest::Precision::ns: count *= 1000; break;
            case ingest::Precision::us: break;
            case ingest::Precision::ms: count /= 1000; break;
            case ingest::Precision::s: count /= 1'000'000; break;
            case ingest::Precision::m: count /= 60'000'000; break;
            case ingest::Precision::h: count /= 3'600'000'000; break;
        }
        return fmt::format("{} {}\n", line, count);
    }

    Buffered in_;
    ingest::Precision precision_;
    AbsentTimes absent_;
};

class CsvRecordReader final : public ChunkReader {
public:
    CsvRecordReader(Input& input, const IngestOptions& all, const Place& place)
        : in_(input, place), reader_(all.csv.delimiter) {
        const CsvOptions& options = all.csv;
        std::vector<std::string> header = options.columns;
        if (header.empty()) {
            in_.line = 0;
            header = read_header();
        }
        mapping_.emplace(header, options);
        times_.emplace(header, options.time, all.times);
        times_->tell_apart(mapping_->owners());
        look_at_first_rows(options.delimiter);
        fmt::print(stderr, "{}\n", mapping_->describe(header, times_->describe(header)));
        if (place.offset > input.position() - (in_.buffer.size() - in_.used)) {
            seek(input, place);
        }
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        chunk.body.reserve(bytes + bytes / 8);
        while (chunk.body.size() < bytes && next_record(chunk, rejected)) {
        }
        in_.finish(chunk);
        chunk.times = times_->take_notes();
        return !chunk.items.empty() || !in_.at_end;
    }

private:
    using Outcome = ingest::CsvReader::Outcome;

    void seek(Input& input, const Place& place) {
        if (place.offset > input.position()) {
            in_.buffer.clear();
            in_.used = 0;
            input.skip_to(place.offset);
        } else {
            in_.used =
                in_.buffer.size() - static_cast<std::size_t>(input.position() - place.offset);
        }
        in_.line = place.line;
    }

    Outcome read_record() {
        for (;;) {
            const Outcome outcome = reader_.next(in_.buffer, in_.used, in_.at_end);
            if (outcome != Outcome::need_more) return outcome;
            in_.refill();
        }
    }

    std::vector<std::string> read_header() {
        in_.refill();
        if (in_.buffer.starts_with("\xEF\xBB\xBF")) in_.used = 3;
        if (read_record() != Outcome::record)
            throw CommandError("the file does not begin with a header");
        in_.line += reader_.line_feeds();
        return {reader_.cells().begin(), reader_.cells().end()};
    }

    // Reads on in the buffer without using it up, also where a run continues in the middle of the
    // file: what is decided by the first rows must not depend on that.
    void look_at_first_rows(char delimiter) {
        ingest::CsvReader reader(delimiter);
        std::size_t at = in_.used;
        for (std::size_t rows = 0; rows < kFirstRows;) {
            const Outcome outcome = reader.next(in_.buffer, at, in_.at_end);
            if (outcome == Outcome::end) break;
            if (outcome == Outcome::need_more) {
                if (in_.buffer.size() - in_.used > kMaxFirstBytes) break;
                at -= in_.used;
                in_.refill();
            } else if (outcome == Outcome::record) {
                times_->look(reader.cells());
                ++rows;
            }
        }
        times_->settle();
    }

    bool next_record(Chunk& chunk, const OnReject& rejected) {
        const Outcome outcome = read_record();
        if (outcome == Outcome::end) return false;
        const std::uint64_t line = in_.line + 1;
        const Time absent = in_.absent_time();
        in_.line += reader_.line_feeds();
        if (outcome == Outcome::blank) return true;
        if (outcome != Outcome::record) {
            const char* why = outcome == Outcome::bad_quote
                                  ? "a quoted cell is not closed, or text follows its closing quote"
                                  : "the record is longer than 4 MiB or has more than 20,000 cells";
            rejected({line, {}, {}, "invalid_csv", why, {}});
            return true;
        }
        const std::size_t begin = chunk.body.size();
        const auto& cells = reader_.cells();
        const auto at = times_->read(cells, absent, fault_);
        if (!at) {
            rejected({line,
                      {},
                      {},
                      fault_.code,
                      fault_.detail,
                      fmt::format("{}", fmt::join(cells, ","))});
            return true;
        }
        if (const char* fault = mapping_->append(cells, *at, chunk.body)) {
            rejected(
                {line, {}, {}, "invalid_csv", fault, fmt::format("{}", fmt::join(cells, ","))});
            return true;
        }
        chunk.items.push_back({begin, chunk.body.size() - begin, line});
        return true;
    }

    Buffered in_;
    ingest::CsvReader reader_;
    std::optional<CsvMapping> mapping_;
    std::optional<TimeColumn> times_;
    TimeColumn::Fault fault_;
};

}  // namespace

std::unique_ptr<ChunkReader> make_chunk_reader(FileFormat format, Input& input,
                                               const IngestOptions& options, const Place& place) {
    switch (format) {
        case FileFormat::csv: return std::make_unique<CsvRecordReader>(input, options, place);
        case FileFormat::line:
            return std::make_unique<LineReader>(input, options.precision, options.times.now, place);
        case FileFormat::ndjson: break;
    }
    return std::make_unique<NdjsonReader>(input, options.times.now, place);
}

}  // namespace atlas::cli
