// SPDX-License-Identifier: Apache-2.0
//
// The telemetry of one request between parse, validate and commit: flat columns, no allocation per
// data point. Parsers append; nothing after them changes what was parsed, so that rows can be
// validated again when the catalog moved.
//
//     bytes → json_parser, line_parser → [Batch] → validate → rows → COPY
//
// Texts (entity ids, names, strings, JSON) are references into the body, which the batch owns, or
// into its arena where the body holds them escaped.
//
// Lifetime   owned by its request until the last of its rows is committed or refused.
// Threading  one thread fills it; afterwards any number may read it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "ingest/request/write.h"

namespace atlas::ingest {

// A text of the batch: Batch::text() resolves it.
struct TextRef {
    std::uint32_t offset = 0;
    std::uint32_t length = 0;
};

constexpr std::uint64_t pack(TextRef ref) {
    return std::uint64_t{ref.offset} << 32U | ref.length;
}
constexpr TextRef unpack_text(std::uint64_t payload) {
    return {static_cast<std::uint32_t>(payload >> 32U), static_cast<std::uint32_t>(payload)};
}

// What a value is by its form, before the type of its attribute is known.
enum class Kind : std::uint8_t {
    null,     // the attribute has no value from here on
    int64,    // payload: the two's complement number
    float64,  // payload: the bits of the double
    big,      // a number that neither holds; its digits are at Point::raw
    boolean,  // payload: 0 or 1
    string,   // payload: pack(TextRef)
    json,     // payload: pack(TextRef) of valid JSON (object or array)
};

struct Point {
    std::uint64_t payload = 0;
    std::uint32_t name = 0;  // index into Batch::names()
    std::uint32_t raw = 0;   // numbers: where their literal begins in the texts
    std::uint16_t raw_length = 0;
    Kind kind = Kind::null;
    // Line protocol: written only when the entity is new or the value differs. Null: not at all.
    bool tag = false;
};

struct Observation {
    TextRef entity;  // external id, valid
    TextRef type;    // entity type; length 0: the default
    Time observed_at;
    std::uint32_t first_point = 0;
    std::uint32_t points = 0;
    std::uint32_t index = 0;  // of the item in the request
    std::uint32_t line = 0;
    std::uint64_t tags_hash = 0;     // line protocol: of all tags, 0 when there are none
    bool tags_are_identity = false;  // line protocol: the entity is named by its tags
    bool lossy = false;              // line protocol: a tag or field was refused by the parser
};

class Batch {
public:
    // Takes the body, without a byte order mark; parsers read it through body(). It is followed by
    // kPadding zero bytes.
    static constexpr std::size_t kPadding = 320;
    explicit Batch(std::string body);
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    std::string_view body() const { return {body_.data(), body_size_}; }
    std::size_t body_capacity() const { return body_.size(); }

    // A view into the body becomes a reference without a copy; it must lie inside the body.
    TextRef refer(std::string_view part_of_body) const {
        return {static_cast<std::uint32_t>(part_of_body.data() - body_.data()),
                static_cast<std::uint32_t>(part_of_body.size())};
    }
    // Copies `text` into the arena.
    TextRef keep(std::string_view text);
    std::string_view text(TextRef ref) const {
        return ref.offset < body_size_ || ref.length == 0
                   ? std::string_view(body_.data() + ref.offset, ref.length)
                   : std::string_view(arena_.data() + (ref.offset - body_size_), ref.length);
    }

    // The batch's number for an attribute name; the same for equal bytes. `expected` is a guess
    // (the name at this place in the previous item) that saves the hash when it is right.
    std::uint32_t name_id(std::string_view name, std::uint32_t expected = kNoName);
    static constexpr std::uint32_t kNoName = 0xFFFFFFFF;
    std::size_t names() const { return names_.size(); }
    std::string_view name(std::uint32_t id) const { return text(names_[id]); }

    // Appending: points first, then the observation that owns them.
    void add(const Point& point) { points_.push_back(point); }
    void add(const Observation& observation) { observations_.push_back(observation); }
    // Voids a tag: its name is that of a field, so it is in the series key only.
    void void_tag(std::size_t point) { points_[point].kind = Kind::null; }
    // Drops the points from `first` on: their item was refused.
    void drop_points(std::size_t first) { points_.resize(first); }

    std::span<const Point> points() const { return points_; }
    std::span<const Point> points(const Observation& observation) const {
        return std::span(points_).subspan(observation.first_point, observation.points);
    }
    std::span<const Observation> observations() const { return observations_; }

    // Records the rejection of an item or one of its data points; `points` is how many data points
    // that rejects. After kMaxItemErrors only counts them.
    void refuse(ItemError error, std::uint64_t points);
    const std::vector<ItemError>& errors() const { return errors_; }
    std::uint64_t rejected() const { return rejected_; }
    bool errors_truncated() const { return errors_truncated_; }

    std::size_t bytes() const;  // memory held, for the bounds of queues

private:
    static constexpr std::uint32_t kEmpty = 0xFFFFFFFF;
    std::uint32_t find_or_insert(std::string_view name);
    void grow();

    std::string body_;  // with padding
    std::size_t body_size_ = 0;
    std::string arena_;
    std::vector<TextRef> names_;
    std::vector<std::uint32_t> slots_;  // open addressing over names_, a power of two
    std::vector<Point> points_;
    std::vector<Observation> observations_;
    std::vector<ItemError> errors_;
    std::uint64_t rejected_ = 0;
    bool errors_truncated_ = false;
};

}  // namespace atlas::ingest
