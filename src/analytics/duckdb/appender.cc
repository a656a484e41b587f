// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/appender.h"

#include <utility>

#include "analytics/duckdb/error.h"

namespace atlas::analytics::duckdb {

StoreExpected<Appender> Appender::open(Connection& connection, const std::string& schema,
                                       const std::string& table) {
    duckdb_appender raw = nullptr;
    const bool temporary = schema == "temp";
    const duckdb_state state =
        duckdb_appender_create_ext(connection.raw(), temporary ? "temp" : nullptr,
                                   temporary ? "main" : schema.c_str(), table.c_str(), &raw);
    Appender appender(raw);
    if (state != DuckDBSuccess) return failure(appender.take_error());
    return appender;
}

Appender::Appender(Appender&& other) noexcept : appender_(std::exchange(other.appender_, nullptr)) {
}

// Destroying flushes what is left, so it is cleared before.
Appender::~Appender() {
    if (appender_ == nullptr) return;
    duckdb_appender_clear(appender_);
    duckdb_appender_destroy(&appender_);
}

StoreError Appender::take_error() {
    duckdb_error_data data = duckdb_appender_error_data(appender_);
    const char* message = duckdb_error_data_message(data);
    StoreError error = make_error(duckdb_error_data_error_type(data),
                                  message == nullptr ? "DuckDB gives no reason" : message);
    duckdb_destroy_error_data(&data);
    return error;
}

StoreExpected<void> Appender::append(ChunkWriter& chunk) {
    if (duckdb_append_data_chunk(appender_, chunk.chunk_) != DuckDBSuccess) {
        return failure(take_error());
    }
    duckdb_data_chunk_reset(chunk.chunk_);
    return {};
}

StoreExpected<void> Appender::finish() {
    if (duckdb_appender_close(appender_) != DuckDBSuccess) return failure(take_error());
    return {};
}

ChunkWriter::ChunkWriter(const Appender& appender) {
    std::vector<duckdb_logical_type> types(duckdb_appender_column_count(appender.appender_));
    for (std::size_t i = 0; i < types.size(); ++i) {
        types[i] = duckdb_appender_column_type(appender.appender_, i);
    }
    chunk_ = duckdb_create_data_chunk(types.data(), types.size());
    for (duckdb_logical_type& type : types) duckdb_destroy_logical_type(&type);
}

ChunkWriter::~ChunkWriter() {
    duckdb_destroy_data_chunk(&chunk_);
}

void ChunkWriter::set_text(std::size_t column, std::size_t row, std::string_view text) {
    duckdb_unsafe_vector_assign_string_element_len(vector(column), row, text.data(), text.size());
}

std::span<std::uint64_t> ChunkWriter::validity(std::size_t column) {
    const duckdb_vector target = vector(column);
    duckdb_vector_ensure_validity_writable(target);
    return {duckdb_vector_get_validity(target), capacity() / 64};
}

void ChunkWriter::set_null(std::size_t column, std::size_t row) {
    validity(column)[row / 64] &= ~(std::uint64_t{1} << row % 64);
}

}  // namespace atlas::analytics::duckdb
