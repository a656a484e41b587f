// SPDX-License-Identifier: Apache-2.0
#include "primary/database_error.h"

#include <gtest/gtest.h>

namespace atlas::primary {
namespace {

using query::ErrorCode;

ErrorCode code_of(pg::ErrorKind kind, std::string sqlstate) {
    pg::Error error;
    error.kind = kind;
    error.sqlstate = std::move(sqlstate);
    return database_error(std::move(error)).code;
}

TEST(DatabaseError, SaysWhetherAnotherTryMaySucceed) {
    EXPECT_EQ(code_of(pg::ErrorKind::connection, ""), ErrorCode::unavailable);
    EXPECT_EQ(code_of(pg::ErrorKind::retryable, "40P01"), ErrorCode::busy);
    EXPECT_EQ(code_of(pg::ErrorKind::data, "22003"), ErrorCode::internal);
    EXPECT_EQ(code_of(pg::ErrorKind::other, "42P01"), ErrorCode::internal);
}

// Goal: a statement that ran into its timeout is the request's to make smaller, whatever its kind.
TEST(DatabaseError, ATimeoutIsTooMuchData) {
    EXPECT_EQ(code_of(pg::ErrorKind::retryable, "57014"), ErrorCode::too_much_data);
    EXPECT_EQ(code_of(pg::ErrorKind::other, "57014"), ErrorCode::too_much_data);
}

// Goal: the line of the log with the request's id names the statement, too.
TEST(DatabaseError, AFaultOfOursNamesItsStatement) {
    pg::Error error;
    error.kind = pg::ErrorKind::other;
    error.message = "relation \"x\" does not exist";
    error.sqlstate = "42P01";
    error.statement_name = "read/position";
    EXPECT_EQ(database_error(error).detail,
              "relation \"x\" does not exist (SQLSTATE 42P01, statement read/position)");
}

}  // namespace
}  // namespace atlas::primary
