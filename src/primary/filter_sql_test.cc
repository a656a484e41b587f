// SPDX-License-Identifier: Apache-2.0
#include "primary/filter_sql.h"

#include <gtest/gtest.h>

#include "query/test_filter.h"

namespace atlas::primary {
namespace {

// Goal: what is looked up in the index is implied by the filter, and as much as there is of it.
TEST(FilterSql, IndexedPart) {
    const auto part = [](std::string_view text) {
        auto filter = query::parse_filter(text);
        EXPECT_TRUE(filter && query::bind_filter(*filter, query::filter_catalog())) << text;
        return query::shape(indexed_part(*filter));
    };
    EXPECT_EQ(part(R"(status = "a" AND priority = (1 OR 2) AND priority >= 8)"),
              "(and [status/0 a] [priority/0 1 2])");
    EXPECT_EQ(part("ratio = 9007199254740991"), "[ratio/0 9007199254740991]");
    EXPECT_EQ(part(R"(status = "a" OR priority = 1)"), "(or [status/0 a] [priority/0 1])");
    EXPECT_EQ(part(R"(priority > 1 AND (status = "a" OR (priority = 1 AND ratio < 2)))"),
              "(and (or [status/0 a] (and [priority/0 1])))");
    for (const std::string_view text :
         {"", "priority > 1", R"(status = "a*")", R"(status = ("a" OR "b*"))",
          R"(status = "a" OR priority > 1)", R"(NOT status = "a")", R"(status != "a")", "status:*",
          R"(entity = "a")", "ratio = 9223372036854775807", "ratio = (1 OR -1e16)"}) {
        EXPECT_EQ(part(text), "*") << text;
    }
}

}  // namespace
}  // namespace atlas::primary
