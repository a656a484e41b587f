// SPDX-License-Identifier: Apache-2.0
#include "analytics/duckdb/exact_sum.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <new>
#include <vector>

#include "base/exact_sum.h"

namespace atlas::analytics::duckdb {

namespace {

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// Parts of 53 bits each: sums of what sensors measure need one to three.
constexpr std::size_t kParts = 4;

// Lies in memory of DuckDB, which copies it.
struct State {
    std::array<double, kParts + 1> parts;  // the last one has room for the next term
    std::uint8_t count;
    bool any;    // value
    bool whole;  // no part was lost
    double beyond;

    void add(double term) {
        any = true;
        if (!std::isfinite(term) || !std::isfinite(beyond)) {
            beyond += term;
            return;
        }
        count = static_cast<std::uint8_t>(add_exactly(parts.data(), count, term));
        if (!std::isfinite(parts[count - 1])) beyond = parts[count - 1];
        if (count <= kParts) return;
        whole = false;
        std::ranges::copy(parts.begin() + 1, parts.end(), parts.begin());
        --count;
    }

    void add(double sum, double rest) {
        add(sum);
        if (std::isnan(rest)) {
            whole = false;
        } else if (rest != 0) {
            add(rest);
        }
    }

    void add(const State& other) {
        if (!other.any) return;
        any = true;
        whole = whole && other.whole;
        if (!std::isfinite(other.beyond)) beyond += other.beyond;
        for (std::size_t i = 0; i < other.count; ++i) add(other.parts[i]);
    }

    double sum() const { return std::isfinite(beyond) ? rounded_sum(parts.data(), count) : beyond; }

    double rest() const {
        if (!whole || !std::isfinite(beyond)) return kNotANumber;
        std::array<double, kParts + 2> left{};
        std::ranges::copy_n(parts.begin(), count, left.begin());
        std::size_t size = add_exactly(left.data(), count, -sum());
        const double rest = rounded_sum(left.data(), size);
        size = add_exactly(left.data(), size, -rest);
        return rounded_sum(left.data(), size) == 0 ? rest : kNotANumber;
    }
};

State& state_of(duckdb_aggregate_state state) {
    return *reinterpret_cast<State*>(state);
}

idx_t state_size(duckdb_function_info) {
    return sizeof(State);
}

void begin(duckdb_function_info, duckdb_aggregate_state state) {
    new (state) State{.parts = {}, .count = 0, .any = false, .whole = true, .beyond = 0};
}

struct Doubles {
    const double* values;
    const std::uint64_t* validity;

    explicit Doubles(duckdb_vector vector)
        : values(static_cast<const double*>(duckdb_vector_get_data(vector))),
          validity(duckdb_vector_get_validity(vector)) {}
    bool is_null(std::size_t row) const {
        return validity != nullptr && (validity[row / 64] >> (row % 64) & 1U) == 0;
    }
};

void add_values(duckdb_function_info, duckdb_data_chunk in, duckdb_aggregate_state* states) {
    const Doubles values(duckdb_data_chunk_get_vector(in, 0));
    const idx_t rows = duckdb_data_chunk_get_size(in);
    for (std::size_t row = 0; row < rows; ++row) {
        if (!values.is_null(row)) state_of(states[row]).add(values.values[row]);
    }
}

void add_sums(duckdb_function_info, duckdb_data_chunk in, duckdb_aggregate_state* states) {
    const Doubles sums(duckdb_data_chunk_get_vector(in, 0));
    const Doubles rests(duckdb_data_chunk_get_vector(in, 1));
    const idx_t rows = duckdb_data_chunk_get_size(in);
    for (std::size_t row = 0; row < rows; ++row) {
        if (sums.is_null(row)) continue;
        state_of(states[row]).add(sums.values[row], rests.is_null(row) ? 0 : rests.values[row]);
    }
}

void combine(duckdb_function_info, duckdb_aggregate_state* from, duckdb_aggregate_state* into,
             idx_t count) {
    for (std::size_t i = 0; i < count; ++i) state_of(into[i]).add(state_of(from[i]));
}

void finish(duckdb_function_info, duckdb_aggregate_state* states, duckdb_vector out, idx_t count,
            idx_t offset) {
    const std::array<duckdb_vector, 2> fields{duckdb_struct_vector_get_child(out, 0),
                                              duckdb_struct_vector_get_child(out, 1)};
    for (std::size_t i = 0; i < count; ++i) {
        const State& state = state_of(states[i]);
        const std::size_t row = offset + i;
        if (state.any) {
            static_cast<double*>(duckdb_vector_get_data(fields[0]))[row] = state.sum();
            static_cast<double*>(duckdb_vector_get_data(fields[1]))[row] = state.rest();
            continue;
        }
        // Of a struct that is NULL its fields have to be, too.
        for (const duckdb_vector vector : {out, fields[0], fields[1]}) {
            duckdb_vector_ensure_validity_writable(vector);
            duckdb_validity_set_row_invalid(duckdb_vector_get_validity(vector), row);
        }
    }
}

duckdb_aggregate_function make(duckdb_logical_type number, duckdb_logical_type result,
                               std::size_t parameters, duckdb_aggregate_update_t update) {
    duckdb_aggregate_function function = duckdb_create_aggregate_function();
    duckdb_aggregate_function_set_name(function, "atlas_exact_sum");
    for (std::size_t i = 0; i < parameters; ++i) {
        duckdb_aggregate_function_add_parameter(function, number);
    }
    duckdb_aggregate_function_set_return_type(function, result);
    duckdb_aggregate_function_set_functions(function, state_size, begin, update, combine, finish);
    return function;
}

}  // namespace

StoreExpected<void> register_exact_sum(Connection& connection) {
    duckdb_logical_type number = duckdb_create_logical_type(DUCKDB_TYPE_DOUBLE);
    std::array<duckdb_logical_type, 2> types{number, number};
    std::array<const char*, 2> names{"sum", "rest"};
    duckdb_logical_type result = duckdb_create_struct_type(types.data(), names.data(), 2);
    duckdb_aggregate_function_set set = duckdb_create_aggregate_function_set("atlas_exact_sum");
    std::array<duckdb_aggregate_function, 2> functions{make(number, result, 1, add_values),
                                                       make(number, result, 2, add_sums)};
    duckdb_state state = DuckDBSuccess;
    for (duckdb_aggregate_function& function : functions) {
        if (duckdb_add_aggregate_function_to_set(set, function) != DuckDBSuccess) {
            state = DuckDBError;
        }
        duckdb_destroy_aggregate_function(&function);
    }
    if (state == DuckDBSuccess) {
        state = duckdb_register_aggregate_function_set(connection.raw(), set);
    }
    duckdb_destroy_aggregate_function_set(&set);
    duckdb_destroy_logical_type(&result);
    duckdb_destroy_logical_type(&number);
    if (state == DuckDBSuccess) return {};
    return failure(StoreError{.message = "DuckDB refuses the function atlas_exact_sum"});
}

}  // namespace atlas::analytics::duckdb
