// SPDX-License-Identifier: Apache-2.0
//
// The rows of one statement, in the text or binary format that the caller asked for.
//
//     Connection::exec → [Rows] → text(), int8() …, or pg/binary_result.h for the binary format
//
// Lifetime   owns the result of libpq. Cells borrow from the rows and end with them.
// Threading  any number of readers at once; not while the rows are moved.
#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string_view>

namespace atlas::pg {

// Rows and columns count from 0; asking for one that does not exist is a mistake of ours. A NULL
// reads as an empty cell.
class Rows {
public:
    explicit Rows(PGresult* result) : result_(result, &PQclear) {}

    int size() const { return PQntuples(result_.get()); }
    bool empty() const { return size() == 0; }
    int columns() const { return PQnfields(result_.get()); }
    std::int64_t affected() const;  // rows that an INSERT, UPDATE or DELETE touched
    bool is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }
    std::string_view text(int row, int column) const;  // raw bytes in the binary format

    // Readers of the text format. The column must have the type, and not be NULL.
    std::int64_t int8(int row, int column) const;
    double float8(int row, int column) const;
    bool boolean(int row, int column) const { return text(row, column) == "t"; }

    PGresult* raw() const { return result_.get(); }

private:
    std::unique_ptr<PGresult, void (*)(PGresult*)> result_;
};

}  // namespace atlas::pg
