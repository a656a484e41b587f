// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "analytics/duckdb/appender.h"
#include "analytics/duckdb/open_hours.h"
#include "analytics/duckdb/writer.h"

namespace atlas::analytics::duckdb {

namespace {

// Of store.recent.
enum Column : std::uint8_t {
    kTenant,
    kAttribute,
    kEntity,
    kDay,
    kObservedAt,
    kDelay,
    kInt,
    kDouble,
    kText
};

template <class T>
void copy(ChunkWriter& chunk, Column column, const std::vector<T>& from, std::size_t begin,
          std::size_t count) {
    std::memcpy(chunk.values<T>(column).data(), from.data() + begin, count * sizeof(T));
}

void fill_days(ChunkWriter& chunk, const std::int64_t* observed_at, std::size_t count) {
    const auto days = chunk.values<std::int32_t>(kDay);
    std::int64_t begin = 0;
    std::int64_t end = 0;
    std::int32_t day = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (i == 0 || observed_at[i] < begin || observed_at[i] >= end) {
            day = day_number(observed_at[i]);
            // The first and the last day that there is are cut off.
            if (__builtin_mul_overflow(std::int64_t{day}, kDayMicros, &begin)) begin = INT64_MIN;
            if (__builtin_mul_overflow(day + std::int64_t{1}, kDayMicros, &end)) end = INT64_MAX;
        }
        days[i] = day;
    }
}

void fill_delays(ChunkWriter& chunk, const Points& points, std::size_t begin, std::size_t count) {
    const auto delays = chunk.values<std::int64_t>(kDelay);
    for (std::size_t i = 0; i < count; ++i) {
        delays[i] = delay_of(points.observed_at[begin + i], points.received_at[begin + i]);
    }
}

// Says which of the three values each point has.
void fill_validity(ChunkWriter& chunk, const std::uint8_t* group, std::size_t count) {
    const auto ints = chunk.validity(kInt);
    const auto doubles = chunk.validity(kDouble);
    const auto texts = chunk.validity(kText);
    for (std::size_t word = 0; word * 64 < count; ++word) {
        std::array<std::uint64_t, 3> bits{};
        const std::size_t end = std::min<std::size_t>(64, count - word * 64);
        for (std::size_t bit = 0; bit < end; ++bit) {
            const auto is = static_cast<model::Group>(group[word * 64 + bit]);
            bits[0] |= std::uint64_t{is == model::Group::ints} << bit;
            bits[1] |= std::uint64_t{is == model::Group::doubles} << bit;
            bits[2] |= std::uint64_t{is == model::Group::decimals || is == model::Group::texts}
                       << bit;
        }
        ints[word] = bits[0];
        doubles[word] = bits[1];
        texts[word] = bits[2];
    }
}

// DuckDB's checkpoint gives zeros of both signs that lie together one of the two. Here none has
// one.
void fill_doubles(ChunkWriter& chunk, const Points& points, std::size_t begin, std::size_t count) {
    const auto doubles = chunk.values<double>(kDouble);
    for (std::size_t i = 0; i < count; ++i) doubles[i] = points.double_value[begin + i] + 0.0;
}

void fill_texts(ChunkWriter& chunk, const Points& points, std::size_t begin, std::size_t count) {
    std::uint32_t from = begin == 0 ? 0 : points.text[begin - 1];
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t end = points.text[begin + i];
        const auto group = static_cast<model::Group>(points.group[begin + i]);
        if (group == model::Group::decimals || group == model::Group::texts) {
            chunk.set_text(kText, i, {points.text_bytes.data() + from, end - from});
        }
        from = end;
    }
}

}  // namespace

StoreExpected<void> append_points(Connection& connection, const Points& points) {
    if (points.size() == 0) return {};
    StoreExpected<Appender> appender = Appender::open(connection, "store", "recent");
    if (!appender) return failure(appender.error());
    ChunkWriter chunk(*appender);
    for (std::size_t begin = 0; begin < points.size(); begin += ChunkWriter::capacity()) {
        const std::size_t count = std::min(ChunkWriter::capacity(), points.size() - begin);
        copy(chunk, kTenant, points.tenant, begin, count);
        copy(chunk, kAttribute, points.attribute, begin, count);
        copy(chunk, kEntity, points.entity, begin, count);
        fill_days(chunk, points.observed_at.data() + begin, count);
        copy(chunk, kObservedAt, points.observed_at, begin, count);
        fill_delays(chunk, points, begin, count);
        copy(chunk, kInt, points.int_value, begin, count);
        fill_doubles(chunk, points, begin, count);
        fill_validity(chunk, points.group.data() + begin, count);
        fill_texts(chunk, points, begin, count);
        chunk.set_size(count);
        if (auto appended = appender->append(chunk); !appended) return appended;
    }
    return appender->finish();
}

}  // namespace atlas::analytics::duckdb
