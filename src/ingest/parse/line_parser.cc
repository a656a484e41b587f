// SPDX-License-Identifier: Apache-2.0
#include "ingest/parse/line_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>

#include "ingest/parse/line_names.h"
#include "ingest/parse/line_series.h"
#include "ingest/parse/line_text.h"
#include "ingest/parse/line_value.h"

namespace atlas::ingest {
namespace {

constexpr LineFault kFine{};

const std::string kTooFarAhead = fmt::format(
    "the time is more than {} minutes after the server's; check the precision", kMaxAhead.count());

constexpr LineFault broken(const char* detail) {
    return {ItemCode::invalid_line, detail};
}

LineFault fault_of(ValueFault fault) {
    switch (fault) {
        case ValueFault::unclosed_quote: return broken("the string has no closing quote");
        case ValueFault::too_large:
            return {ItemCode::value_too_large, "the string is longer than the limit"};
        case ValueFault::not_representable:
            return {ItemCode::not_representable, "NaN and infinities cannot be stored"};
        case ValueFault::unknown_word:
        case ValueFault::malformed:
        case ValueFault::none: break;
    }
    return broken("a field value must be a number, 12i, 12u, true, false or a \"string\"");
}

// Microseconds of `number` in units of `precision`, cut towards the past; nullopt when out of
// range.
std::optional<Time> to_time(std::int64_t number, Precision precision) {
    std::int64_t scale = 1;
    switch (precision) {
        case Precision::ns: {
            const std::int64_t micros = number / 1000;
            return time_from_micros(number % 1000 < 0 ? micros - 1 : micros);
        }
        case Precision::us: break;
        case Precision::ms: scale = 1'000; break;
        case Precision::s: scale = 1'000'000; break;
        case Precision::m: scale = 60'000'000; break;
        case Precision::h: scale = 3'600'000'000; break;
    }
    std::int64_t micros = 0;
    if (__builtin_mul_overflow(number, scale, &micros)) return std::nullopt;
    return time_from_micros(micros);
}

class LineParser {
public:
    LineParser(Batch& batch, Precision precision, const ParseContext& context)
        : batch_(batch),
          precision_(precision),
          context_(context),
          names_(batch),
          series_(batch, names_, context),
          at_(batch.body().data()),
          end_(at_ + batch.body().size()),
          plain_(simdjson::validate_utf8(batch.body())),
          nul_(batch.body().find('\0') != std::string_view::npos) {}

    std::uint64_t run() {
        while (at_ < end_) next_line();
        void_tags();
        return refused_;
    }

private:
    void next_line();
    void skip_to_next_line(const char* from);
    LineFault read_line(const char* begin);
    LineFault read_fields();
    LineFault read_field();
    LineFault read_time();
    LineFault check_bytes(std::string_view text) const;
    void refuse_part(TextRef name, LineFault fault);
    void refuse_line(LineFault fault);
    void report_tags();
    void void_tags();
    void add_observation(std::size_t first);

    Batch& batch_;
    const Precision precision_;
    const ParseContext& context_;
    LineNames names_;
    SeriesReader series_;
    const char* at_;
    const char* const end_;
    const bool plain_;  // the body is UTF-8
    const bool nul_;    // the body holds a NUL
    std::uint32_t line_ = 1;
    std::uint32_t line_feeds_ = 0;  // inside strings of the current line
    std::uint32_t index_ = 0;
    std::uint64_t refused_ = 0;
    Time observed_at_{};
    bool lossy_ = false;
};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

void LineParser::next_line() {
    while (at_ < end_ && is_blank(*at_)) ++at_;
    if (at_ >= end_ || *at_ == '\n' || *at_ == '#') return skip_to_next_line(at_);
    const char* const begin = at_;
    const std::size_t first = batch_.points().size();
    line_feeds_ = 0;
    lossy_ = false;
    const LineFault fault = read_line(begin);
    if (fault.detail == nullptr) {
        report_tags();
        add_observation(first);
        line_ += line_feeds_ + 1;
        ++at_;
    } else {
        batch_.drop_points(first);
        refuse_line(fault);
        skip_to_next_line(begin);
    }
    ++index_;
}

void LineParser::skip_to_next_line(const char* from) {
    const auto rest = static_cast<std::size_t>(end_ - from);
    const void* feed = rest == 0 ? nullptr : std::memchr(from, '\n', rest);
    at_ = feed == nullptr ? end_ : static_cast<const char*>(feed) + 1;
    ++line_;
}

LineFault LineParser::read_line(const char* begin) {
    if (LineFault fault = series_.read(at_); fault.detail != nullptr) return fault;
    const std::string_view key(begin, static_cast<std::size_t>(at_ - begin));
    if (LineFault fault = check_bytes(key); fault.detail != nullptr) return fault;
    const auto& tags = series_.series().tags;
    for (const Point& tag : tags) batch_.add(tag);
    while (*at_ == ' ' || *at_ == '\t') ++at_;
    series_.series().measurement->next = 0;
    if (LineFault fault = read_fields(); fault.detail != nullptr) return fault;
    if (LineFault fault = read_time(); fault.detail != nullptr) return fault;
    if (at_ - begin > kMaxLineBytes) return broken("the line is longer than 4 MiB");
    return check_bytes({begin, static_cast<std::size_t>(at_ - begin)});
}

LineFault LineParser::read_fields() {
    const std::size_t first = batch_.points().size();
    if (at_ >= end_ || *at_ == '\n' || *at_ == '\r') return broken("the line has no fields");
    for (;; ++at_) {
        if (LineFault fault = read_field(); fault.detail != nullptr) return fault;
        if (batch_.points().size() - first > context_.max_points_per_item) {
            return broken("the line has too many fields");
        }
        if (*at_ != ',') break;
    }
    return kFine;
}

LineFault LineParser::read_field() {
    const Scan key = scan_key(at_);
    if (key.end == at_ || *key.end != '=') return broken("a field must have the form name=value");
    const std::string_view raw(at_, static_cast<std::size_t>(key.end - at_));
    if (LineFault fault = check_bytes(raw); fault.detail != nullptr) return fault;
    Point point;
    const ValueEnd value = read_line_value(batch_, key.end + 1, context_.max_value_bytes, point);
    at_ = value.at;
    line_feeds_ += value.line_feeds;
    if (value.fault == ValueFault::malformed || value.fault == ValueFault::unclosed_quote) {
        return fault_of(value.fault);
    }
    const FieldName& field = names_.field(*series_.series().measurement, raw, key.escaped);
    if (field.fault != nullptr) {
        refuse_part(batch_.refer(raw), {ItemCode::invalid_attribute_name, field.fault});
    } else if (value.fault != ValueFault::none) {
        refuse_part(batch_.refer(raw), fault_of(value.fault));
    } else if (nul_ && point.kind == Kind::string &&
               batch_.text(unpack_text(point.payload)).find('\0') != std::string_view::npos) {
        refuse_part(batch_.refer(raw), {ItemCode::not_representable,
                                        "the string contains U+0000, which cannot be stored"});
    } else {
        point.name = field.name;
        batch_.add(point);
    }
    return kFine;
}

LineFault LineParser::read_time() {
    while (at_ < end_ && is_blank(*at_)) ++at_;
    observed_at_ = context_.received_at;
    if (at_ >= end_ || *at_ == '\n') return kFine;
    std::int64_t number = 0;
    const bool negative = *at_ == '-';
    const auto [end, error] = std::from_chars(at_, end_, number);
    const bool beyond = error == std::errc::result_out_of_range;  // of 64 bits
    at_ = end;
    while (at_ < end_ && is_blank(*at_)) ++at_;
    const bool at_line_end = at_ >= end_ || *at_ == '\n';
    if ((error != std::errc{} && !beyond) || !at_line_end) {
        return {ItemCode::invalid_time, "the time must be an integer at the end of the line"};
    }
    const auto time = beyond ? std::nullopt : to_time(number, precision_);
    if (time ? *time > context_.latest : !negative) {
        return {ItemCode::time_out_of_range, kTooFarAhead.c_str()};
    }
    if (!time || *time < context_.oldest.value_or(kFirstTime)) {
        return {ItemCode::time_out_of_range, "the time is earlier than the oldest accepted time"};
    }
    observed_at_ = *time;
    return kFine;
}

// Names are checked before they can appear in an error, the whole line at its end.
LineFault LineParser::check_bytes(std::string_view text) const {
    if (plain_ || simdjson::validate_utf8(text)) return kFine;
    return broken("the line is not UTF-8");
}

void LineParser::refuse_part(TextRef name, LineFault fault) {
    lossy_ = true;
    batch_.refuse({index_, line_, std::string(batch_.text(series_.series().entity)),
                   std::string(batch_.text(name)), fault.code, fault.detail},
                  1);
}

void LineParser::refuse_line(LineFault fault) {
    ++refused_;
    batch_.refuse({index_, line_, {}, {}, fault.code, fault.detail}, 1);
}

void LineParser::report_tags() {
    for (const auto& tag : series_.series().refused) refuse_part(tag.name, tag.fault);
}

// A tag gives way to a field of its measurement with the same attribute name, also one on a later
// line of the body. This is rare, so points are searched only then.
void LineParser::void_tags() {
    std::set<std::pair<std::uint32_t, std::uint32_t>> void_names;  // of measurement, of attribute
    for (const Measurement& measurement : names_.measurements()) {
        for (const FieldName& field : measurement.fields) {
            if (std::ranges::find(measurement.tags, field.name) == measurement.tags.end()) continue;
            void_names.emplace(measurement.name.offset, field.name);
        }
    }
    if (void_names.empty()) return;
    for (const Observation& item : batch_.observations()) {
        for (std::size_t i = item.first_point; i < item.first_point + item.points; ++i) {
            const Point& point = batch_.points()[i];
            if (point.tag && void_names.contains({item.type.offset, point.name})) {
                batch_.void_tag(i);
            }
        }
    }
}

void LineParser::add_observation(std::size_t first) {
    const Series& series = series_.series();
    const std::size_t points = batch_.points().size() - first;
    if (points == series.tags.size()) {
        // Every field was refused, and a tag alone is no observation.
        batch_.drop_points(first);
        ++refused_;
        return;
    }
    Observation observation;
    observation.entity = series.entity;
    observation.type = series.measurement->name;
    observation.observed_at = observed_at_;
    observation.first_point = static_cast<std::uint32_t>(first);
    observation.points = static_cast<std::uint32_t>(points);
    observation.index = index_;
    observation.line = line_;
    observation.tags_hash = series.tags_hash;
    observation.tags_are_identity = series.tags_are_identity;
    observation.lossy = lossy_;
    batch_.add(observation);
}

}  // namespace

std::uint64_t parse_lines(Batch& batch, Precision precision, const ParseContext& context) {
    return LineParser(batch, precision, context).run();
}

}  // namespace atlas::ingest
