// SPDX-License-Identifier: Apache-2.0
#include "ingest/resolve/entity_directory.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <thread>

namespace atlas::ingest {
namespace {

TEST(EntityDirectory, FindsInTwoSteps) {
    EntityDirectory directory(1U << 16U);
    directory.insert(TenantId{2}, 0, "pump", EntityId{7});
    const auto known = directory.prefetch(TenantId{2}, "pump");
    const auto unknown = directory.prefetch(TenantId{3}, "pump");
    EXPECT_EQ(directory.find(TenantId{2}, 0, "pump", known), EntityId{7});
    EXPECT_EQ(directory.find(TenantId{2}, 1, "pump", known), std::nullopt);
    EXPECT_EQ(directory.find(TenantId{3}, 0, "pump", unknown), std::nullopt);
}

TEST(EntityDirectory, FindsByTenantAndEveryByteOfTheId) {
    EntityDirectory directory(1 << 16);
    const std::string longest(1024, 'x');
    directory.insert(TenantId{1}, 0, "a", EntityId{10});
    directory.insert(TenantId{2}, 0, "a", EntityId{11});
    directory.insert(TenantId{1}, 0, longest, EntityId{12});
    EXPECT_EQ(directory.find(TenantId{1}, 0, "a"), EntityId{10});
    EXPECT_EQ(directory.find(TenantId{2}, 0, "a"), EntityId{11});
    EXPECT_EQ(directory.find(TenantId{1}, 0, longest), EntityId{12});
    EXPECT_FALSE(directory.find(TenantId{3}, 0, "a"));
    EXPECT_FALSE(directory.find(TenantId{1}, 0, "A"));
    EXPECT_FALSE(directory.find(TenantId{1}, 0, "a "));
    EXPECT_FALSE(directory.find(TenantId{1}, 0, longest.substr(1)));
    for (std::size_t length : {20U, 21U, 22U}) {
        const std::string id(length, 'y');
        directory.insert(TenantId{1}, 0, id, EntityId{static_cast<std::int64_t>(100 + length)});
        EXPECT_EQ(directory.find(TenantId{1}, 0, id)->value,
                  static_cast<std::int64_t>(100 + length));
    }
}

// Goal: what was read before an external id came to mean another entity is not used after it.
TEST(EntityDirectory, AnotherEpochIsAnotherDirectory) {
    EntityDirectory directory(1 << 12);
    for (const std::string_view id : {"a", "an external id beyond what a slot holds"}) {
        directory.insert(TenantId{1}, 1, id, EntityId{10});
        EXPECT_EQ(directory.find(TenantId{1}, 1, id), EntityId{10});
        EXPECT_FALSE(directory.find(TenantId{1}, 2, id));
        directory.insert(TenantId{1}, 2, id, EntityId{11});
        EXPECT_EQ(directory.find(TenantId{1}, 2, id), EntityId{11});
        EXPECT_FALSE(directory.find(TenantId{1}, 1, id));
    }
}

// Goal: far more entities than it holds, from many threads: what it says is always right.
TEST(EntityDirectory, ForgetsButNeverErrs) {
    EntityDirectory directory(1 << 14);
    std::vector<std::thread> threads;
    std::atomic<int> wrong = 0;
    std::atomic<int> found = 0;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&] {
            for (std::int64_t i = 1; i <= 5000; ++i) {
                const std::string id =
                    fmt::format("{}entity-{}", i % 3 == 0 ? "a-long-prefix-" : "", i);
                if (const auto known = directory.find(TenantId{i % 5}, 0, id)) {
                    if (known->value != i) ++wrong;
                    ++found;
                }
                directory.insert(TenantId{i % 5}, 0, id, EntityId{i});
                const auto again = directory.find(TenantId{i % 5}, 0, id);
                if (again && again->value != i) ++wrong;
                found += again ? 1 : 0;
            }
        });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_GT(found, 1000);
}

}  // namespace
}  // namespace atlas::ingest
