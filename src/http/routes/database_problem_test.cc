// SPDX-License-Identifier: Apache-2.0
#include "http/routes/database_problem.h"

#include <gtest/gtest.h>

namespace atlas::http {
namespace {

TEST(DatabaseProblem, TellsWhichFailuresOfTheDatabaseMayPass) {
    pg::Error error;
    const auto status = [&error](pg::ErrorKind kind) {
        error.kind = kind;
        return problem(error).status;
    };
    EXPECT_EQ(status(pg::ErrorKind::connection), 503);
    EXPECT_EQ(status(pg::ErrorKind::retryable), 503);
    EXPECT_EQ(status(pg::ErrorKind::other), 500);
    error.message = "password of x";
    EXPECT_EQ(problem(error).body.find("password"), std::string::npos);
}

}  // namespace
}  // namespace atlas::http
