// SPDX-License-Identifier: Apache-2.0
//
// What a statement returns, chunk by chunk and column by column, without a copy.
//
//     Statement::execute() → [Rows] → next() → [Chunk] → column(i) → [Cells] → values
//
//     while (true) {
//         auto chunk = rows.next();
//         if (!chunk) return failure(chunk.error());
//         if (!*chunk) break;
//         const Cells name = (*chunk)->column(0);
//         for (std::size_t row = 0; row < (*chunk)->rows(); ++row) {
//             if (!name.is_null(row)) use(name.text(row));
//         }
//     }
//
// Rows come as they are found: a large result never lies in memory. Until the last one is read, or
// the Rows are destroyed, the connection is busy and its snapshot is held.
//
// Lifetime   Rows may outlive their statement, not their connection. A chunk owns its values, cells
//            and texts borrow from it.
// Errors     of next(): as those of a statement (analytics/store.h).
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <duckdb.h>

#include "analytics/store.h"

namespace atlas::analytics::duckdb {

class Watch;  // connection.h

__extension__ using Int128 = __int128;

enum class Kind : std::uint8_t {
    boolean,
    integer,       // up to 64 bits
    huge,          // beyond: HUGEINT, UBIGINT, and sums of integers
    real,          // FLOAT, DOUBLE
    decimal,       // up to 38 digits
    text,          // VARCHAR, ENUM
    json,          // VARCHAR that is JSON
    timestamp,     // of any precision, read as microseconds
    timestamp_tz,  // an instant
    date,
    other,  // lists, intervals, UUIDs, …: have the statement cast it to VARCHAR
};

struct Column {
    std::string name;
    Kind kind = Kind::other;
    std::uint8_t width = 0;  // of a decimal: digits
    std::uint8_t scale = 0;  // of those, after the point
};

Column make_column(std::string name, duckdb_logical_type type);

// The values of one column of a chunk. Which function reads it depends on the column's kind.
class Cells {
public:
    Cells(duckdb_vector vector, const Column& column);

    const Column& column() const { return *column_; }
    bool is_null(std::size_t row) const {
        return validity_ != nullptr && (validity_[row / 64] >> (row % 64) & 1) == 0;
    }

    // The following read a value that is not null.
    bool boolean(std::size_t row) const;
    std::int64_t integer(std::size_t row) const;  // timestamps: Unix microseconds; date: days
    Int128 wide(std::size_t row) const;  // integer, huge; of a decimal the number without its point
    double real(std::size_t row) const;  // any number, the nearest double
    std::string_view text(std::size_t row) const;  // text, json

    // Any kind but `other`, as it is written: all digits of a number, the shortest that give the
    // same double, true, RFC 3339 in UTC with microseconds, 2026-11-30; NaN, Infinity, -Infinity.
    void append_text(std::string& out, std::size_t row) const;

private:
    template <class T>
    T at(std::size_t row) const {
        return static_cast<const T*>(data_)[row];
    }

    const Column* column_;
    duckdb_type storage_;  // how the values lie in data_
    const void* data_;
    const std::uint64_t* validity_;
    std::shared_ptr<const std::vector<std::string>> words_;  // of an ENUM
};

class Chunk {
public:
    Chunk(duckdb_data_chunk chunk, std::shared_ptr<const std::vector<Column>> columns);

    std::size_t rows() const { return duckdb_data_chunk_get_size(chunk_.get()); }
    Cells column(std::size_t i) const;

private:
    struct Destroy {
        void operator()(duckdb_data_chunk chunk) const { duckdb_destroy_data_chunk(&chunk); }
    };
    std::unique_ptr<std::remove_pointer_t<duckdb_data_chunk>, Destroy> chunk_;
    std::shared_ptr<const std::vector<Column>> columns_;
};

class Rows {
public:
    // Takes the result; `watch` counts until the rows are gone.
    Rows(duckdb_result result, std::shared_ptr<Watch> watch);
    Rows(Rows&& other) noexcept;
    Rows& operator=(Rows&& other) noexcept;
    Rows(const Rows&) = delete;
    Rows& operator=(const Rows&) = delete;
    ~Rows();

    const std::vector<Column>& columns() const { return *columns_; }
    // The next rows, at least one; nullopt: there are no more.
    StoreExpected<std::optional<Chunk>> next();

    // For results of one row and few: the first value, an integer or huge one that fits. nullopt:
    // no row, or null.
    StoreExpected<std::optional<std::int64_t>> one_integer();
    // Reads to the end: of a change, so that its errors are seen. The rows that were changed.
    StoreExpected<std::int64_t> finish();

private:
    void close();

    duckdb_result result_{};
    bool open_ = false;
    std::shared_ptr<const std::vector<Column>> columns_;
    std::shared_ptr<Watch> watch_;
};

// The digits of a decimal: number 1234 with scale 2 is 12.34.
void append_decimal(std::string& out, Int128 number, std::uint8_t scale);

}  // namespace atlas::analytics::duckdb
