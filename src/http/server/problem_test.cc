// SPDX-License-Identifier: Apache-2.0
#include "http/server/problem.h"

#include <gtest/gtest.h>

namespace atlas::http {
namespace {

TEST(Problem, CarriesItsMembers) {
    const Response response = problem("some_code", 409, "Some title", "Do \"this\".", {{"n", "1"}});
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.body,
              R"({"type":"urn:problem-type:atlas:some_code","title":"Some title","status":409,)"
              R"("detail":"Do \"this\".","code":"some_code","n":1})");
}

}  // namespace
}  // namespace atlas::http
