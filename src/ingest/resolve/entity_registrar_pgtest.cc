// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/entity_registrar.h"

#include <gtest/gtest.h>

#include <array>

#include "ingest/test_database.h"

namespace atlas::ingest {
namespace {

constexpr TenantId kTenant{2};
constexpr std::array<NewEntity, 3> kThree{{{"a", "pump"}, {"b", "pump"}, {"c", "valve"}}};

class EntityRegistrarTest : public ::testing::Test {
protected:
    void SetUp() override { ASSERT_TRUE(EntityRegistrar::prepare(connection_)); }

    std::vector<EntityId> add() {
        auto added = registrar_.add(connection_, kTenant, kThree);
        EXPECT_TRUE(added) << added.error().message;
        return added.value_or(std::vector<EntityId>{});
    }
    std::int64_t stored(std::string_view external_id) {
        const auto rows = connection_.exec("SELECT entity_id FROM entities WHERE external_id = $1",
                                           pg::Params{}.add(external_id));
        return rows && rows->size() == 1 ? rows->int8(0, 0) : 0;
    }

    TestDatabase database_;
    pg::Connection& connection_ = database_.connection();
    EntityRegistrar registrar_;
};

TEST_F(EntityRegistrarTest, RegistersAndReturnsTheIds) {
    const auto ids = add();
    ASSERT_EQ(ids.size(), 3U);
    EXPECT_EQ(ids[0].value, stored("a"));
    EXPECT_EQ(ids[1].value, stored("b"));
    EXPECT_EQ(ids[2].value, stored("c"));
    EXPECT_EQ(database_.query("SELECT external_id, entity_type FROM entities ORDER BY 1"),
              "a|pump\nb|pump\nc|valve\n");
}

// Goal: an entity that another session registered is left to the caller's lookup, the others are
// registered all the same, and no id is used twice.
TEST_F(EntityRegistrarTest, AnotherSessionWasFaster) {
    ASSERT_EQ(database_.query("INSERT INTO entities (tenant_id, external_id) VALUES (2, 'b')"), "");
    const std::int64_t theirs = stored("b");
    const auto ids = add();
    ASSERT_EQ(ids.size(), 3U);
    EXPECT_EQ(ids[0].value, stored("a"));
    EXPECT_EQ(ids[1].value, 0);
    EXPECT_EQ(ids[2].value, stored("c"));
    EXPECT_EQ(stored("b"), theirs);
}

// Goal: ids that a crash gave away a second time are noticed. Method: take the sequence back.
TEST_F(EntityRegistrarTest, ReservedIdsThatSomebodyHasAreNotUsed) {
    add();
    ASSERT_EQ(database_.query("SELECT setval('entity_id_seq', 1, false)"), "1\n");
    constexpr std::array<NewEntity, 1> kFourth{{{"d", "pump"}}};
    for (int attempt = 0; attempt < 4 && stored("d") == 0; ++attempt) {
        static_cast<void>(registrar_.add(connection_, kTenant, kFourth));
    }
    EXPECT_NE(stored("d"), 0);
    EXPECT_EQ(database_.query("SELECT count(*), count(DISTINCT entity_id) FROM entities"), "4|4\n");
}

// Goal: without a lookup all are registered or none.
TEST_F(EntityRegistrarTest, AllOrNone) {
    ASSERT_EQ(database_.query("INSERT INTO entities (tenant_id, external_id) VALUES (2, 'c')"), "");
    auto ids = registrar_.add_all(connection_, kTenant, kThree);
    ASSERT_TRUE(ids) << ids.error().message;
    EXPECT_FALSE(ids->has_value());
    EXPECT_EQ(database_.query("SELECT external_id FROM entities"), "c\n");
    ASSERT_EQ(database_.query("DELETE FROM entities"), "");
    ids = registrar_.add_all(connection_, kTenant, kThree);
    ASSERT_TRUE(ids && ids->has_value());
    EXPECT_EQ((**ids)[2].value, stored("c"));
}

// Goal: a tenant with a limit is left to add(), whose lookup tells what counts against it.
TEST_F(EntityRegistrarTest, ALimitNeedsALookup) {
    ASSERT_EQ(database_.query("UPDATE tenants SET max_entities = 9 WHERE tenant_id = 2"), "");
    const auto ids = registrar_.add_all(connection_, kTenant, kThree);
    ASSERT_TRUE(ids) << ids.error().message;
    EXPECT_FALSE(ids->has_value());
    EXPECT_EQ(database_.query("SELECT count(*) FROM entities"), "0\n");
}

TEST_F(EntityRegistrarTest, ATenantThatIsGoneGetsNoEntities) {
    const auto added = registrar_.add(connection_, TenantId{99}, kThree);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().sqlstate, "23503");
    EXPECT_EQ(database_.query("SELECT count(*) FROM entities"), "0\n");
    EXPECT_FALSE(connection_.in_transaction());
}

TEST_F(EntityRegistrarTest, TheLimitOfTheTenantHolds) {
    ASSERT_EQ(database_.query("UPDATE tenants SET max_entities = 2 WHERE tenant_id = 2"), "");
    const auto ids = add();
    ASSERT_EQ(ids.size(), 3U);
    EXPECT_NE(ids[0].value, 0);
    EXPECT_NE(ids[1].value, 0);
    EXPECT_EQ(ids[2].value, 0);
    EXPECT_EQ(database_.query("SELECT count(*) FROM entities"), "2\n");
}

}  // namespace
}  // namespace atlas::ingest
