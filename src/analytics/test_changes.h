// SPDX-License-Identifier: Apache-2.0
//
// Changes as the log brings them, made by hand for tests.
//
// Threading  the test's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pg/copy_binary.h"
#include "stream/change.h"
#include "stream/subscriber.h"

namespace atlas::analytics {

// A row of a relation whose cells own their bytes.
class TestRow {
public:
    TestRow& null() { return add({}, stream::Cell::Kind::null); }
    TestRow& unchanged() { return add({}, stream::Cell::Kind::unchanged); }
    TestRow& bytes(std::string bytes) { return add(std::move(bytes), stream::Cell::Kind::value); }
    TestRow& int4(std::int32_t value) {
        return written([value](pg::CopyWriter& copy) { copy.int4(value); });
    }
    TestRow& int8(std::int64_t value) {
        return written([value](pg::CopyWriter& copy) { copy.int8(value); });
    }
    TestRow& boolean(bool value) {
        return written([value](pg::CopyWriter& copy) { copy.boolean(value); });
    }
    TestRow& time(std::int64_t micros) {
        return written(
            [micros](pg::CopyWriter& copy) { copy.timestamptz(time_from_micros(micros)); });
    }
    TestRow& jsonb(std::string_view json) {
        return written([json](pg::CopyWriter& copy) { copy.jsonb(json); });
    }
    TestRow& int4s(const std::vector<std::int32_t>& values) {
        return written([&values](pg::CopyWriter& copy) {
            copy.begin_array(pg::kInt4Oid, values.size());
            for (const auto value : values) copy.element_int4(value);
            copy.end_array();
        });
    }
    TestRow& int8s(const std::vector<std::optional<std::int64_t>>& values) {
        return array(pg::kInt8Oid, values,
                     [](pg::CopyWriter& copy, std::int64_t value) { copy.element_int8(value); });
    }
    TestRow& doubles(const std::vector<std::optional<double>>& values) {
        return array(pg::kFloat8Oid, values,
                     [](pg::CopyWriter& copy, double value) { copy.element_float8(value); });
    }
    TestRow& decimals(const std::vector<std::optional<std::string>>& values) {
        return array(pg::kNumericOid, values, [](pg::CopyWriter& copy, const std::string& value) {
            static_cast<void>(copy.element_numeric(value));
        });
    }
    TestRow& texts(const std::vector<std::optional<std::string>>& values) {
        return array(pg::kTextOid, values, [](pg::CopyWriter& copy, const std::string& value) {
            copy.element_text(value);
        });
    }

    // Valid until the row changes.
    std::span<const stream::Cell> cells() {
        for (std::size_t i = 0; i < cells_.size(); ++i) cells_[i].bytes = bytes_[i];
        return cells_;
    }

private:
    TestRow& add(std::string bytes, stream::Cell::Kind kind) {
        bytes_.push_back(std::move(bytes));
        cells_.push_back({.kind = kind, .bytes = {}});
        return *this;
    }
    // The writer puts the length in front, which a cell does not have.
    template <class Write>
    TestRow& written(Write write) {
        std::string out;
        pg::CopyWriter copy(out);
        write(copy);
        return bytes(out.substr(4));
    }
    template <class T, class Append>
    TestRow& array(std::uint32_t oid, const std::vector<std::optional<T>>& values, Append append) {
        return written([&](pg::CopyWriter& copy) {
            copy.begin_array(oid, values.size());
            for (const auto& value : values) {
                if (value)
                    append(copy, *value);
                else
                    copy.element_null();
            }
            copy.end_array();
        });
    }

    std::vector<std::string> bytes_;
    std::vector<stream::Cell> cells_;
};

inline stream::Relation relation_of(stream::Table table, const std::vector<std::string>& columns) {
    stream::Relation relation;
    relation.oid = 20000 + static_cast<std::uint32_t>(table);
    relation.version = 1;
    relation.table = table;
    relation.name = table == stream::Table::observations ? "observations" : "small";
    for (const auto& name : columns) {
        relation.columns.push_back({.name = name, .type_oid = 0, .key = false});
    }
    return relation;
}

inline stream::Relation observations_relation() {
    return relation_of(stream::Table::observations,
                       {"tenant_id", "entity_id", "observed_at", "received_at", "shape_id", "attrs",
                        "int_values", "double_values", "decimal_values", "text_values"});
}

// The key of an observation, other columns null: what the log has of a row before its change.
inline TestRow old_key(std::int64_t tenant, std::int64_t entity, std::int64_t at) {
    TestRow row;
    row.int8(tenant).int8(entity).time(at);
    for (int i = 0; i < 7; ++i) row.null();
    return row;
}

}  // namespace atlas::analytics
