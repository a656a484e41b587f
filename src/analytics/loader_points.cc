// SPDX-License-Identifier: Apache-2.0
#include "analytics/loader_points.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/big_endian.h"
#include "pg/binary_result.h"
#include "pg/wire.h"

namespace atlas::analytics {
namespace {

using stream::Cell;

constexpr std::size_t kTenant = 0;
constexpr std::size_t kEntity = 1;
constexpr std::size_t kObservedAt = 2;
constexpr std::size_t kReceivedAt = 3;
constexpr std::size_t kShape = 4;
constexpr std::size_t kAttributes = 5;
constexpr std::size_t kFirstGroup = 6;
constexpr std::size_t kGroups = 4;

std::int32_t load4(const char* at) {
    std::int32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return big_endian(value);
}

std::int64_t load8(const char* at) {
    std::int64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return big_endian(value);
}

std::optional<std::int64_t> int8_of(const Cell& cell) {
    if (cell.kind != Cell::Kind::value || cell.bytes.size() != 8) return std::nullopt;
    return load8(cell.bytes.data());
}

std::optional<std::int64_t> micros_of(const Cell& cell) {
    const auto wire = int8_of(cell);
    if (!wire) return std::nullopt;
    // Infinite instants stay what they are.
    if (*wire == INT64_MAX || *wire == INT64_MIN) return wire;
    return *wire + pg::kEpochMicros;
}

template <class T>
void fill(std::vector<T>& column, std::size_t size, T value) {
    column.resize(size, value);
}

void resize(Points& points, std::size_t size) {
    points.tenant.resize(size);
    points.entity.resize(size);
    points.attribute.resize(size);
    points.observed_at.resize(size);
    points.received_at.resize(size);
    points.group.resize(size);
    points.int_value.resize(size);
    points.double_value.resize(size);
    points.text.resize(size);
}

}  // namespace

// One array as PostgreSQL sends it: dimensions, whether it has NULLs, the element's type, then size
// and first subscript of each dimension, then the elements, each with its length in front.
struct LoaderPoints::Array {
    const char* at = nullptr;
    const char* end = nullptr;
    std::size_t size = 0;     // elements
    std::int64_t offset = 0;  // of the subscript 1 among them
    bool flat = true;         // one dimension: an element can be named by one subscript

    static std::optional<Array> read(const Cell& cell) {
        if (cell.kind == Cell::Kind::null) return Array{};
        const std::string_view bytes = cell.bytes;
        if (bytes.size() < 12) return std::nullopt;
        const std::int32_t dimensions = load4(bytes.data());
        if (dimensions == 0) return Array{};
        if (dimensions < 0 || dimensions > 6) return std::nullopt;
        const std::size_t header = 12 + 8 * static_cast<std::size_t>(dimensions);
        if (bytes.size() < header) return std::nullopt;
        Array array{.at = bytes.data() + header,
                    .end = bytes.data() + bytes.size(),
                    .size = 1,
                    .flat = dimensions == 1};
        for (std::int32_t i = 0; i < dimensions; ++i) {
            const std::int32_t size = load4(bytes.data() + 12 + 8 * static_cast<std::size_t>(i));
            if (size < 0) return std::nullopt;
            array.size *= static_cast<std::size_t>(size);
            // Each element has at least its length.
            if (array.size > bytes.size() / 4) return std::nullopt;
        }
        array.offset = 1 - std::int64_t{load4(bytes.data() + 16)};
        return array;
    }
};

// Which points a group fills: [begin, begin + count), of which the last may have no element.
struct LoaderPoints::Run {
    std::size_t begin = 0;
    std::size_t count = 0;
};

bool LoaderPoints::bind(const stream::Relation& relation) {
    if (width_ != 0 && oid_ == relation.oid && version_ == relation.version) return true;
    width_ = 0;
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
        const auto place = relation.find(kColumns[i]);
        if (!place) return false;
        places_[i] = *place;
    }
    width_ = relation.columns.size();
    oid_ = relation.oid;
    version_ = relation.version;
    return true;
}

std::optional<ObservationKey> LoaderPoints::key(std::span<const Cell> row) const {
    if (row.size() != width_ || width_ == 0) return std::nullopt;
    const auto tenant = int8_of(cell(row, kTenant));
    const auto entity = int8_of(cell(row, kEntity));
    const auto observed_at = micros_of(cell(row, kObservedAt));
    if (!tenant || !entity || !observed_at) return std::nullopt;
    return ObservationKey{.tenant = *tenant, .entity = *entity, .observed_at = *observed_at};
}

// As coalesce(attrs, the shape's).
LoaderPoints::Outcome LoaderPoints::find_attributes(std::span<const Cell> row) {
    const Cell& own = cell(row, kAttributes);
    const Cell& shape = cell(row, kShape);
    attributes_ = {};
    if (own.kind == Cell::Kind::unchanged) return Outcome::unchanged;
    if (own.kind == Cell::Kind::value) {
        own_attributes_.clear();
        pg::ArrayReader array(own.bytes);
        while (array.next()) own_attributes_.push_back(array.int4());
        if (!array.good()) return Outcome::damaged;
        attributes_ = own_attributes_;
        return Outcome::added;
    }
    if (shape.kind == Cell::Kind::null) return Outcome::added;
    if (shape.bytes.size() != 4) return Outcome::damaged;
    const std::int32_t id = load4(shape.bytes.data());
    const auto found = shapes_.find(id);
    if (!found) {
        missing_shape_ = id;
        return Outcome::unknown_shape;
    }
    attributes_ = *found;
    return Outcome::added;
}

LoaderPoints::Outcome LoaderPoints::append(std::span<const Cell> row, Points& points) {
    const auto key = this->key(row);
    const auto received_at = key ? micros_of(cell(row, kReceivedAt)) : std::nullopt;
    if (!received_at) return Outcome::damaged;
    std::array<Array, kGroups> arrays;
    for (std::size_t group = 0; group < kGroups; ++group) {
        const Cell& values = cell(row, kFirstGroup + group);
        if (values.kind == Cell::Kind::unchanged) return Outcome::unchanged;
        const auto array = Array::read(values);
        if (!array) return Outcome::damaged;
        arrays[group] = *array;
    }
    if (const Outcome found = find_attributes(row); found != Outcome::added) return found;
    const std::size_t begin = points.size();
    const std::size_t texts = points.text_bytes.size();
    const std::size_t end = begin + attributes_.size();
    fill(points.tenant, end, key->tenant);
    fill(points.entity, end, key->entity);
    fill(points.observed_at, end, key->observed_at);
    fill(points.received_at, end, *received_at);
    points.attribute.insert(points.attribute.end(), attributes_.begin(), attributes_.end());
    fill(points.group, end, Points::kNoValue);
    fill(points.int_value, end, std::int64_t{0});
    fill(points.double_value, end, 0.0);
    fill(points.text, end, static_cast<std::uint32_t>(texts));
    std::size_t at = begin;
    for (std::size_t group = 0; group < kGroups && at < end; ++group) {
        // What the other groups leave belongs to the texts.
        const std::size_t count =
            group + 1 == kGroups ? end - at : std::min(arrays[group].size, end - at);
        if (!append_group(group, arrays[group], {.begin = at, .count = count}, points)) {
            resize(points, begin);
            points.text_bytes.resize(texts);
            return Outcome::damaged;
        }
        at += count;
    }
    return Outcome::added;
}

bool LoaderPoints::append_group(std::size_t group, const Array& array, Run run,
                                Points& points) const {
    if (array.size == 0) return true;
    const char* at = array.at;
    const auto last = static_cast<std::int64_t>(run.count);
    for (std::size_t i = 0; i < array.size; ++i) {
        if (array.end - at < 4) return false;
        const std::int32_t length = load4(at);
        at += 4;
        if (length == -1) continue;
        if (length < 0 || array.end - at < length) return false;
        const std::string_view bytes(at, static_cast<std::size_t>(length));
        at += length;
        const std::int64_t place = static_cast<std::int64_t>(i) - array.offset;
        if (!array.flat || place < 0 || place >= last) continue;
        const std::size_t point = run.begin + static_cast<std::size_t>(place);
        switch (static_cast<model::Group>(group)) {
            case model::Group::ints:
                if (length != 8) return false;
                points.int_value[point] = load8(bytes.data());
                break;
            case model::Group::doubles:
                if (length != 8) return false;
                points.double_value[point] = std::bit_cast<double>(load8(bytes.data()));
                break;
            case model::Group::decimals:
                if (!pg::append_numeric_text(points.text_bytes, bytes)) return false;
                break;
            case model::Group::texts: points.text_bytes += bytes; break;
        }
        points.group[point] = static_cast<std::uint8_t>(group);
        // Elements come in the order of the points.
        if (group >= 2) points.text[point] = static_cast<std::uint32_t>(points.text_bytes.size());
    }
    if (group < 2) return true;
    // Points without a text end where the one before them ends; those of the next groups, too.
    auto end = static_cast<std::uint32_t>(points.text[run.begin]);
    for (std::size_t point = run.begin; point < points.text.size(); ++point) {
        end = std::max(end, points.text[point]);
        points.text[point] = end;
    }
    return true;
}

void keep_rows(Points& points, std::vector<std::uint32_t>& ends, const std::vector<bool>& keep) {
    std::size_t to = 0;
    std::size_t from = 0;
    std::size_t rows = 0;
    std::uint32_t text_from = 0;
    std::uint32_t text_to = 0;
    for (std::size_t row = 0; row < ends.size(); ++row) {
        const std::size_t end = ends[row];
        for (; from < end; ++from) {
            const std::uint32_t text_end = points.text[from];
            if (keep[row]) {
                points.tenant[to] = points.tenant[from];
                points.entity[to] = points.entity[from];
                points.attribute[to] = points.attribute[from];
                points.observed_at[to] = points.observed_at[from];
                points.received_at[to] = points.received_at[from];
                points.group[to] = points.group[from];
                points.int_value[to] = points.int_value[from];
                points.double_value[to] = points.double_value[from];
                std::memmove(points.text_bytes.data() + text_to,
                             points.text_bytes.data() + text_from, text_end - text_from);
                text_to += text_end - text_from;
                points.text[to++] = text_to;
            }
            text_from = text_end;
        }
        if (keep[row]) ends[rows++] = static_cast<std::uint32_t>(to);
    }
    ends.resize(rows);
    resize(points, to);
    points.text_bytes.resize(text_to);
}

}  // namespace atlas::analytics
