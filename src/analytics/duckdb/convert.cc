// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/convert.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "model/convert.h"

namespace atlas::analytics::duckdb {

namespace {

using model::Group;
using model::Type;
using model::Value;

// The five arguments of a call.
class Arguments {
public:
    explicit Arguments(duckdb_data_chunk chunk) {
        for (idx_t i = 0; i < 5; ++i)
            cells_.emplace_back(duckdb_data_chunk_get_vector(chunk, i), kColumn);
    }
    // Rows as the view has them: nothing but the value differs from one to the next.
    std::optional<Value> convert(std::size_t row, std::string& scratch) const {
        if (cells_[0].is_null(row) || cells_[1].is_null(row)) return std::nullopt;
        const std::optional<Type> from = model::parse_type(cells_[0].text(row));
        const std::optional<Type> to = model::parse_type(cells_[1].text(row));
        if (!from || !to) return std::nullopt;
        Value value;
        if (!cells_[2].is_null(row)) {
            value.integer = cells_[2].integer(row);
        } else if (!cells_[3].is_null(row)) {
            value.group = Group::doubles;
            value.number = cells_[3].real(row);
        } else if (!cells_[4].is_null(row)) {
            value.group = *from == Type::decimal ? Group::decimals : Group::texts;
            value.text = cells_[4].text(row);
        } else {
            value.null = true;
        }
        return model::convert(*from, *to, value, scratch);
    }

private:
    static inline const Column kColumn{};
    std::vector<Cells> cells_;
};

void set_null(duckdb_vector out, std::size_t row) {
    duckdb_vector_ensure_validity_writable(out);
    duckdb_validity_set_row_invalid(duckdb_vector_get_validity(out), row);
}

// Calls put(row, value) for the rows whose value lies in one of the groups.
template <class Wanted, class Put>
void convert_rows(duckdb_data_chunk in, duckdb_vector out, Wanted wanted, Put put) {
    const Arguments arguments(in);
    std::string scratch;
    for (std::size_t row = 0; row < duckdb_data_chunk_get_size(in); ++row) {
        const std::optional<Value> value = arguments.convert(row, scratch);
        if (value && !value->null && wanted(value->group)) {
            put(row, *value);
        } else {
            set_null(out, row);
        }
    }
}

void convert_int(duckdb_function_info, duckdb_data_chunk in, duckdb_vector out) {
    auto* values = static_cast<std::int64_t*>(duckdb_vector_get_data(out));
    convert_rows(
        in, out, [](Group group) { return group == Group::ints; },
        [values](std::size_t row, const Value& value) { values[row] = value.integer; });
}

void convert_double(duckdb_function_info, duckdb_data_chunk in, duckdb_vector out) {
    auto* values = static_cast<double*>(duckdb_vector_get_data(out));
    convert_rows(
        in, out, [](Group group) { return group == Group::doubles; },
        [values](std::size_t row, const Value& value) { values[row] = value.number; });
}

void convert_text(duckdb_function_info, duckdb_data_chunk in, duckdb_vector out) {
    convert_rows(
        in, out, [](Group group) { return group == Group::decimals || group == Group::texts; },
        [out](std::size_t row, const Value& value) {
            duckdb_vector_assign_string_element_len(out, row, value.text.data(), value.text.size());
        });
}

StoreExpected<void> add(Connection& connection, const char* name, duckdb_type result,
                        duckdb_scalar_function_t body) {
    duckdb_scalar_function function = duckdb_create_scalar_function();
    duckdb_scalar_function_set_name(function, name);
    const auto set = [](duckdb_type id, auto use) {
        duckdb_logical_type type = duckdb_create_logical_type(id);
        use(type);
        duckdb_destroy_logical_type(&type);
    };
    for (const duckdb_type id : {DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_VARCHAR, DUCKDB_TYPE_BIGINT,
                                 DUCKDB_TYPE_DOUBLE, DUCKDB_TYPE_VARCHAR}) {
        set(id, [&](duckdb_logical_type type) {
            duckdb_scalar_function_add_parameter(function, type);
        });
    }
    set(result,
        [&](duckdb_logical_type type) { duckdb_scalar_function_set_return_type(function, type); });
    duckdb_scalar_function_set_special_handling(function);  // it is called with NULLs, too
    duckdb_scalar_function_set_function(function, body);
    const duckdb_state state = duckdb_register_scalar_function(connection.raw(), function);
    duckdb_destroy_scalar_function(&function);
    if (state == DuckDBSuccess) return {};
    return failure(StoreError{.message = fmt::format("DuckDB refuses the function {}", name)});
}

}  // namespace

StoreExpected<void> register_conversions(Connection& connection) {
    return add(connection, "atlas_convert_int", DUCKDB_TYPE_BIGINT, convert_int)
        .and_then([&] {
            return add(connection, "atlas_convert_double", DUCKDB_TYPE_DOUBLE, convert_double);
        })
        .and_then([&] {
            return add(connection, "atlas_convert_text", DUCKDB_TYPE_VARCHAR, convert_text);
        });
}

}  // namespace atlas::analytics::duckdb
