// SPDX-License-Identifier: Apache-2.0
#include "pg/error.h"

#include <gtest/gtest.h>

#include "pg/params.h"

namespace atlas::pg {
namespace {

// Goal: a log line names the statement and the SQLSTATE where they are known, and nothing else.
TEST(Error, DescriptionNamesStateAndStatement) {
    EXPECT_EQ(describe({.message = "no route"}), "no route");
    EXPECT_EQ(describe({.sqlstate = "57P01", .message = "ended"}), "ended (SQLSTATE 57P01)");
    EXPECT_EQ(describe({.message = "ended", .statement_name = "tenants/find"}),
              "ended (statement tenants/find)");
    EXPECT_EQ(describe({.sqlstate = "55P03", .message = "late", .statement_name = "tenants/lock"}),
              "late (SQLSTATE 55P03, statement tenants/lock)");
}

TEST(Params, PlaceholderIsThatOfTheNewest) {
    Params params;
    EXPECT_EQ(params.add(1).placeholder(), "$1");
    EXPECT_EQ(params.add("x").add(nullptr).placeholder(), "$3");
}

}  // namespace
}  // namespace atlas::pg
