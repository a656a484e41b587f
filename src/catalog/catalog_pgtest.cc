// SPDX-License-Identifier: Apache-2.0
#include "catalog/catalog.h"

#include <gtest/gtest.h>

#include "pg/connection.h"
#include "testing/manual_clock.h"
#include "testing/test_cluster.h"

namespace atlas::catalog {
namespace {

using namespace std::chrono_literals;

class CatalogTest : public ::testing::Test {
protected:
    // Another process declares an attribute of this name.
    void declare(const std::string& name) {
        const auto done = connection_.exec_script(
            "INSERT INTO attributes (attribute_name, type) VALUES ('" + name +
            "', 'int');"
            "INSERT INTO tenant_attributes (tenant_id, attribute_id, type) SELECT 2, attribute_id,"
            " type FROM attributes WHERE attribute_name = '" +
            name +
            "';"
            "UPDATE tenants SET catalog_epoch = catalog_epoch + 1 WHERE tenant_id = 2");
        ASSERT_TRUE(done) << done.error().message;
    }
    bool recent_has(std::string_view name) {
        return catalog_.get_recent(connection_, kDefaultTenant).value()->find(name) != nullptr;
    }

    pg::Connection connection_ =
        pg::Connection::open(test::TestCluster::shared().make_database(), {}).value();
    test::ManualClock clock_;
    Catalog catalog_{clock_};
};

TEST_F(CatalogTest, ARecentSnapshotIsAtMostASecondOld) {
    EXPECT_FALSE(recent_has("pressure"));
    declare("pressure");
    clock_.advance(1s - 1us);
    EXPECT_FALSE(recent_has("pressure"));
    clock_.advance(1us);
    EXPECT_TRUE(recent_has("pressure"));
    // What was found unchanged is recent again.
    clock_.advance(1s);
    EXPECT_FALSE(recent_has("flow"));
    declare("flow");
    clock_.advance(1s - 1us);
    EXPECT_FALSE(recent_has("flow"));
}

TEST_F(CatalogTest, ACurrentSnapshotIsNeverOlderThanTheCall) {
    EXPECT_FALSE(recent_has("pressure"));
    declare("pressure");
    const auto current = catalog_.get_current(connection_, kDefaultTenant).value();
    EXPECT_NE(current->find("pressure"), nullptr);
    EXPECT_EQ(catalog_.cached(kDefaultTenant), current);
}

TEST_F(CatalogTest, ATenantThatIsForgottenIsLoadedAgain) {
    const auto first = catalog_.get(connection_, kDefaultTenant).value();
    EXPECT_EQ(catalog_.get(connection_, kDefaultTenant).value(), first);
    catalog_.forget(kDefaultTenant);
    EXPECT_EQ(catalog_.cached(kDefaultTenant), nullptr);
    EXPECT_NE(catalog_.get(connection_, kDefaultTenant).value(), first);
    EXPECT_EQ(catalog_.get(connection_, TenantId{9999}).value(), nullptr);
}

}  // namespace
}  // namespace atlas::catalog
