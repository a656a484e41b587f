// SPDX-License-Identifier: Apache-2.0
//
// The fast way into a table: whole columns of typed values.
//
//     columns → ChunkWriter (≤ 2,048 rows) → Appender → table
//
// DuckDB's appender outlives a rollback: what is in its buffer is written by the next flush, and
// its destruction flushes, too. So: one appender per transaction, within it from begin to end;
// finish() before COMMIT; without it the destructor clears the buffer and writes nothing more. What
// was flushed before is undone by ROLLBACK.
//
// Lifetime   an appender borrows the connection.
// Errors     after any error the transaction has to be rolled back.
// Threading  that of the connection.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <duckdb.h>

#include "analytics/duckdb/connection.h"

namespace atlas::analytics::duckdb {

class ChunkWriter;

class Appender {
public:
    // `table` lies in `schema`; that of temporary tables is "temp".
    static StoreExpected<Appender> open(Connection& connection, const std::string& schema,
                                        const std::string& table);
    Appender(Appender&& other) noexcept;
    Appender& operator=(Appender&&) = delete;
    ~Appender();

    // Appends the rows of the chunk and empties it.
    StoreExpected<void> append(ChunkWriter& chunk);
    // Writes what is buffered; the appender takes nothing more.
    StoreExpected<void> finish();

private:
    friend class ChunkWriter;
    explicit Appender(duckdb_appender appender) : appender_(appender) {}
    StoreError take_error();

    duckdb_appender appender_;
};

// Rows on their way, of the table's columns. Each row sets every column, to a value or to null.
class ChunkWriter {
public:
    explicit ChunkWriter(const Appender& appender);
    ChunkWriter(const ChunkWriter&) = delete;
    ChunkWriter& operator=(const ChunkWriter&) = delete;
    ~ChunkWriter();

    static std::size_t capacity() { return duckdb_vector_size(); }

    // The values of a column of fixed size, T as the table has it (BIGINT, TIMESTAMP: int64_t;
    // INTEGER: int32_t; DOUBLE: double; BOOLEAN: bool). Valid until the chunk is appended.
    template <class T>
    std::span<T> values(std::size_t column) {
        return {static_cast<T*>(duckdb_vector_get_data(vector(column))), capacity()};
    }
    // VARCHAR; UTF-8 is not checked.
    void set_text(std::size_t column, std::size_t row, std::string_view text);
    void set_null(std::size_t column, std::size_t row);
    // Which rows have a value, 64 to a word, the lowest bit first; all do until it is changed.
    std::span<std::uint64_t> validity(std::size_t column);
    void set_size(std::size_t rows) { duckdb_data_chunk_set_size(chunk_, rows); }
    std::size_t size() const { return duckdb_data_chunk_get_size(chunk_); }

private:
    friend class Appender;
    duckdb_vector vector(std::size_t column) const {
        return duckdb_data_chunk_get_vector(chunk_, column);
    }
    duckdb_data_chunk chunk_;
};

}  // namespace atlas::analytics::duckdb
