// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/chunk.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "cli/ingest/csv_mapping.h"
#include "ingest/parse/csv.h"
#include "ingest/parse/line_parser.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{8} << 20U;

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
    NdjsonReader(Input& input, const Place& place) : in_(input, place) {
        input.skip_to(place.offset);
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject&) override {
        while (chunk.body.size() < bytes && next_record(chunk)) {
        }
        in_.finish(chunk);
        return !chunk.items.empty() || !in_.at_end;
    }

private:
    bool next_record(Chunk& chunk) {
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
            add_item(chunk, with_time(line), in_.line + 1);
        }
        in_.used = end;
        ++in_.line;
        return true;
    }

    // A line without `at` gets one, so that repeating a request is safe. What is no object stays as
    // it is: the server says what is wrong with it.
    std::string_view with_time(std::string_view line) {
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
        if (object.find_field_unordered("at").get(at) != simdjson::NO_SUCH_FIELD) return line;
        const std::size_t brace = line.find('{');
        const std::size_t inside = line.find_first_not_of(" \t", brace + 1);
        if (inside == std::string_view::npos || line[inside] != '"') return line;
        padded_ = fmt::format("{}\"at\":\"{}\",{}", line.substr(0, brace + 1),
                              format_rfc3339(in_.absent_time()), line.substr(brace + 1));
        return padded_;
    }

    Buffered in_;
    simdjson::ondemand::parser parser_;
    std::string padded_;
};

class LineReader final : public ChunkReader {
public:
    LineReader(Input& input, ingest::Precision precision, const Place& place)
        : in_(input, place), precision_(precision) {
        input.skip_to(place.offset);
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        Chunk raw;
        while (raw.body.size() < bytes && next_record(raw)) {
        }
        check(raw, chunk, rejected);
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
    void check(const Chunk& raw, Chunk& chunk, const OnReject& rejected) const {
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
                add_item(chunk, raw.text(item), item.line);
            } else {
                add_item(chunk, with_time(raw.text(item), item.line), item.line);
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
};

class CsvRecordReader final : public ChunkReader {
public:
    CsvRecordReader(Input& input, const CsvOptions& options, const Place& place)
        : in_(input, place), reader_(options.delimiter) {
        std::vector<std::string> header = options.columns;
        if (header.empty()) {
            in_.line = 0;
            header = read_header();
        }
        mapping_.emplace(header, options);
        fmt::print(stderr, "{}\n", mapping_->describe(header));
        if (place.offset > input.position() - (in_.buffer.size() - in_.used)) {
            seek(input, place);
        }
    }

    bool next(Chunk& chunk, std::size_t bytes, const OnReject& rejected) override {
        while (chunk.body.size() < bytes && next_record(chunk, rejected)) {
        }
        in_.finish(chunk);
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
        if (const char* fault = mapping_->append(reader_.cells(), absent, chunk.body)) {
            const auto& cells = reader_.cells();
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
};

}  // namespace

std::unique_ptr<ChunkReader> make_chunk_reader(FileFormat format, Input& input,
                                               const IngestOptions& options, const Place& place) {
    switch (format) {
        case FileFormat::csv: return std::make_unique<CsvRecordReader>(input, options.csv, place);
        case FileFormat::line: return std::make_unique<LineReader>(input, options.precision, place);
        case FileFormat::ndjson: break;
    }
    return std::make_unique<NdjsonReader>(input, place);
}

}  // namespace atlas::cli
