// SPDX-License-Identifier: Apache-2.0
#include "assets/sql.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "testing/source_dir.h"

namespace atlas::sql {
namespace {

std::string read_file(std::string_view path) {
    std::ifstream file(test::source_dir() / "sql" / path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Goal: what is embedded is what lies in the folder, byte for byte.
TEST(EmbeddedSql, EqualsTheFiles) {
    const auto paths = list("");
    ASSERT_FALSE(paths.empty());
    for (const auto path : paths) EXPECT_EQ(text(path).text, read_file(path)) << path;
}

TEST(EmbeddedSql, NameIsThePathOfTheQuery) {
    EXPECT_EQ(text("queries/tenants/find.sql").name, "tenants/find");
    EXPECT_EQ(text("migrations/0001_tables.sql").name, "migrations/0001_tables");
}

TEST(EmbeddedSql, ListIsSortedAndCutToItsPrefix) {
    const auto all = list("");
    EXPECT_TRUE(std::ranges::is_sorted(all));
    for (const auto path : list("migrations/")) EXPECT_TRUE(path.starts_with("migrations/"));
    EXPECT_TRUE(list("no such folder/").empty());
}

TEST(EmbeddedSql, UnknownPathThrowsItsName) {
    try {
        text("no/such.sql");
        FAIL() << "an unknown path was accepted";
    } catch (const std::out_of_range& error) {
        EXPECT_NE(std::string_view(error.what()).find("no/such.sql"), std::string_view::npos);
    }
}

}  // namespace
}  // namespace atlas::sql
