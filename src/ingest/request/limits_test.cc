// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/limits.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "assets/sql.h"

namespace atlas::ingest {
namespace {

using ::testing::HasSubstr;

// Goal: the write path in SQL has the same bounds as this one, and lists look as far ahead as
// observations may lie.
TEST(Limits, AreThoseOfSql) {
    const std::string ahead = fmt::format("+ interval '{} minutes'", kMaxAhead.count());
    for (const char* file : {"57_classify", "65_write", "76_find"}) {
        EXPECT_THAT(std::string(sql::text(fmt::format("objects/{}.sql", file))), HasSubstr(ahead));
    }
    const std::string write(sql::text("objects/65_write.sql"));
    EXPECT_THAT(write, HasSubstr(fmt::format("more than {} minutes ahead", kMaxAhead.count())));
    EXPECT_THAT(write, HasSubstr(fmt::format("exceeds {} bytes", kMaxValueBytes)));
    for (const auto& [file, name] : {std::pair{"35_attributes", "NEW.attribute_name"},
                                     std::pair{"74_upsert_hot", "item.key"}}) {
        EXPECT_THAT(
            std::string(sql::text(fmt::format("objects/{}.sql", file))),
            HasSubstr(fmt::format("NOT public.atlas_is_name({}, {})", name, kMaxNameBytes)));
    }
}

// Goal: the limit counts bytes, and the message names it.
TEST(Limits, AttributeNamesHaveUpTo255Bytes) {
    EXPECT_EQ(attribute_name_fault(std::string(255, 'x')), nullptr);
    EXPECT_THAT(attribute_name_fault(std::string(256, 'x')), HasSubstr("255 bytes"));
    std::string umlauts;
    for (int i = 0; i < 127; ++i) umlauts += "ü";
    EXPECT_EQ(attribute_name_fault(umlauts), nullptr);
    EXPECT_NE(attribute_name_fault(umlauts + "ü"), nullptr);
}

}  // namespace
}  // namespace atlas::ingest
