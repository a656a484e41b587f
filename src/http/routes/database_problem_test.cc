// SPDX-License-Identifier: Apache-2.0
#include "http/routes/database_problem.h"

#include <gtest/gtest.h>

namespace atlas::http {
namespace {

TEST(DatabaseProblem, TellsWhichFailuresOfTheDatabaseMayPass) {
    pg::Error error;
    Request request;
    request.request_id = "abc-1";
    const auto status = [&](pg::ErrorKind kind) {
        error.kind = kind;
        EXPECT_EQ(credentials_problem(error).status, problem(error, request).status);
        return problem(error, request).status;
    };
    EXPECT_EQ(status(pg::ErrorKind::connection), 503);
    EXPECT_EQ(status(pg::ErrorKind::retryable), 503);
    EXPECT_EQ(status(pg::ErrorKind::other), 500);
    error.message = "password of x";
    const std::string body = problem(error, request).body;
    EXPECT_EQ(body.find("password"), std::string::npos);
    EXPECT_NE(body.find("see the server log for request abc-1."), std::string::npos);
    EXPECT_EQ(credentials_problem(error).body.find("password"), std::string::npos);
}

}  // namespace
}  // namespace atlas::http
