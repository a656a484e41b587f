// SPDX-License-Identifier: Apache-2.0
//
// Support for tests of the store: batches written in one line, results as text, a folder that goes
// away.
//
// Threading  one thread at a time.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <variant>
#include <vector>

#include "analytics/duckdb/duck_store.h"
#include "testing/manual_clock.h"

namespace atlas::analytics::duckdb::test {

struct Digits {
    std::string text;
};
using TestValue = std::variant<std::monostate, std::int64_t, double, Digits, std::string>;

struct TestPoint {
    std::int64_t tenant = 1;
    std::int64_t entity = 1;
    std::int32_t attribute = 1;
    std::int64_t at = 0;
    TestValue value;
};

inline void add(Points& points, const TestPoint& point) {
    points.tenant.push_back(point.tenant);
    points.entity.push_back(point.entity);
    points.attribute.push_back(point.attribute);
    points.observed_at.push_back(point.at);
    points.received_at.push_back(point.at + 1'000);
    points.int_value.push_back(0);
    points.double_value.push_back(0);
    std::uint8_t group = Points::kNoValue;
    if (const auto* number = std::get_if<std::int64_t>(&point.value)) {
        group = static_cast<std::uint8_t>(model::Group::ints);
        points.int_value.back() = *number;
    } else if (const auto* real = std::get_if<double>(&point.value)) {
        group = static_cast<std::uint8_t>(model::Group::doubles);
        points.double_value.back() = *real;
    } else if (const auto* digits = std::get_if<Digits>(&point.value)) {
        group = static_cast<std::uint8_t>(model::Group::decimals);
        points.text_bytes += digits->text;
    } else if (const auto* text = std::get_if<std::string>(&point.value)) {
        group = static_cast<std::uint8_t>(model::Group::texts);
        points.text_bytes += *text;
    }
    points.group.push_back(group);
    points.text.push_back(static_cast<std::uint32_t>(points.text_bytes.size()));
}

inline Batch batch_of(const std::vector<TestPoint>& points, std::uint64_t lsn) {
    Batch batch;
    for (const TestPoint& point : points) add(batch.points, point);
    batch.until = stream::Position{.timeline = 1, .lsn = {lsn}};
    batch.committed_at = time_from_micros(1'700'000'000'000'000);
    return batch;
}

// Attributes 1, 2, 3 … of the tenant, of these types; tenant 1 brings their names.
inline void add_attributes(Batch& batch, std::int64_t tenant,
                           const std::vector<std::string>& types) {
    for (std::size_t i = 0; i < types.size(); ++i) {
        const std::string id = std::to_string(i + 1);
        const std::optional<std::string> none;
        if (tenant == 1) {
            batch.dimensions.push_back(
                {.table = stream::Table::attributes,
                 .cells = {id, types[i] + "_attribute", "x", "false", "0", types[i], none}});
        }
        batch.dimensions.push_back(
            {.table = stream::Table::tenant_attributes,
             .cells = {std::to_string(tenant), id, id, types[i], "false", "bar", none,
                       i == 0 ? std::optional<std::string>("wear") : none, "0", "active", none,
                       none, none}});
    }
}

class TempFolder {
public:
    TempFolder() {
        std::string pattern = std::filesystem::temp_directory_path() / "atlas-store-XXXXXX";
        path_ = ::mkdtemp(pattern.data());
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() { std::filesystem::remove_all(path_); }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

// Every cell as text, columns by |, rows by newline; the message of an error.
inline std::string all(Connection& connection, std::string_view sql) {
    auto rows = connection.query(sql);
    if (!rows) return rows.error().message;
    std::string out;
    while (true) {
        auto chunk = rows->next();
        if (!chunk) return chunk.error().message;
        if (!*chunk) return out;
        for (std::size_t row = 0; row < (*chunk)->rows(); ++row) {
            for (std::size_t i = 0; i < rows->columns().size(); ++i) {
                if (i > 0) out += '|';
                const Cells cells = (*chunk)->column(i);
                if (cells.is_null(row)) {
                    out += "null";
                } else {
                    cells.append_text(out, row);
                }
            }
            out += '\n';
        }
    }
}

inline std::string all(DuckStore& store, std::string_view sql) {
    auto connection = store.connect();
    return connection ? all(*connection, sql) : connection.error().message;
}

}  // namespace atlas::analytics::duckdb::test
