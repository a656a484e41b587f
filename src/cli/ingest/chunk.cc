// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/chunk.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>

#include "cli/ingest/absent_time.h"
#include "cli/ingest/buffered.h"
#include "cli/ingest/csv_reader.h"
#include "cli/ingest/influx_table.h"
#include "cli/ingest/json_splitter.h"
#include "ingest/parse/line_parser.h"

namespace atlas::cli {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{8} << 20U;

void add_item(Chunk& chunk, std::string_view text, std::uint64_t line, std::uint64_t entity) {
    const std::size_t begin = chunk.body.size();
    chunk.body += text;
    if (!chunk.body.ends_with('\n')) chunk.body += '\n';
    chunk.items.push_back({begin, chunk.body.size() - begin, line, entity});
}

class NdjsonReader final : public ChunkReader {
public:
    NdjsonReader(Input& input, bool now, const Place& place)
        : in_(input, place), absent_(now, "\"at\"", place.offset > 0) {
        in_.find_line_end();
        if (JsonSplitter::is_needed(input.peek())) splitter_.emplace(input.peek());
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
    // An object of a JSON array, or one over several lines, as one line.
    bool next_value(Chunk& chunk, const OnReject& rejected) {
        auto outcome = splitter_->next(in_.buffer, in_.used, in_.at_end);
        while (outcome == JsonSplitter::Outcome::need_more) {
            if (in_.buffer.size() - in_.used > kMaxRecordBytes) {
                throw CommandError(fmt::format(
                    "line {}: an object is longer than the limit of 8 MiB", in_.line + 1));
            }
            in_.refill();
            outcome = splitter_->next(in_.buffer, in_.used, in_.at_end);
        }
        in_.line += splitter_->lines_before();
        if (outcome == JsonSplitter::Outcome::broken) {
            throw CommandError(
                fmt::format("line {}: the JSON ends inside an object or array, or "
                            "another text begins where an object is expected",
                            in_.line + 1));
        }
        if (outcome == JsonSplitter::Outcome::end) return false;
        add_timed(chunk, splitter_->line(), rejected);
        in_.line += splitter_->lines_inside();
        return true;
    }

    bool next_record(Chunk& chunk, const OnReject& rejected) {
        if (splitter_) return next_value(chunk, rejected);
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
            add_timed(chunk, line, rejected);
        }
        in_.used = end;
        ++in_.line;
        return true;
    }

    void add_timed(Chunk& chunk, std::string_view line, const OnReject& rejected) {
        if (const auto timed = with_time(line, rejected)) {
            add_item(chunk, *timed, in_.line + 1, entity_);
        } else {
            absent_.reject(in_.line + 1, line, rejected);
        }
    }

    // Every line that is sent has an `at`, so that repeating a request is safe; nullopt for one to
    // be rejected. What is no object stays as it is: the server says what is wrong with it.
    std::optional<std::string_view> with_time(std::string_view line, const OnReject& rejected) {
        entity_ = 0;
        padded_.assign(line);
        padded_.append(simdjson::SIMDJSON_PADDING, ' ');
        simdjson::ondemand::document document;
        simdjson::ondemand::object object;
        const simdjson::padded_string_view view(padded_.data(), line.size(), padded_.size());
        if (parser_.iterate(view).get(document) != simdjson::SUCCESS ||
            document.get_object().get(object) != simdjson::SUCCESS) {
            return line;
        }
        std::string_view entity;
        if (object.find_field_unordered("entity").get_string().get(entity) == simdjson::SUCCESS) {
            entity_ = hash_of_entity(entity);
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
    std::optional<JsonSplitter> splitter_;
    simdjson::ondemand::parser parser_;
    std::string padded_;
    std::uint64_t entity_ = 0;  // of the record that with_time() saw
};

class LineReader final : public ChunkReader {
public:
    LineReader(Input& input, ingest::Precision precision, bool now, const Place& place)
        : in_(input, place), precision_(precision), absent_(now, "timestamp", place.offset > 0) {
        in_.find_line_end();
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
        add_item(raw, record, in_.line + 1, 0);
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
            const std::uint64_t entity = hash_of_entity(batch.text(row.entity));
            if (row.observed_at != Time::min()) {
                absent_.present(rejected);
                add_item(chunk, raw.text(item), item.line, entity);
            } else if (absent_.filled()) {
                add_item(chunk, with_time(raw.text(item), item.line), item.line, entity);
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

}  // namespace

std::uint64_t hash_of_entity(std::string_view name) {
    return XXH3_64bits(name.data(), name.size());
}

FileFormat look_at(FileFormat named, Input& input) {
    if (named != FileFormat::csv) return named;
    return InfluxTable::begins(input.peek()) ? FileFormat::annotated : named;
}

std::unique_ptr<ChunkReader> make_chunk_reader(FileFormat format, Input& input,
                                               const IngestOptions& options, const Place& place,
                                               KnownTypes known) {
    switch (format) {
        case FileFormat::csv: return make_csv_reader(input, options, place, std::move(known));
        case FileFormat::annotated: return make_annotated_reader(input, options, place);
        case FileFormat::line:
            return std::make_unique<LineReader>(input, options.precision, options.times.now, place);
        case FileFormat::ndjson: break;
    }
    return std::make_unique<NdjsonReader>(input, options.times.now, place);
}

}  // namespace atlas::cli
