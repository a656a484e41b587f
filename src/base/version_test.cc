// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

#include <gtest/gtest.h>

namespace atlas {
namespace {

TEST(Version, IsThreeNumbers) {
    EXPECT_TRUE(
        testing::internal::RE::FullMatch(std::string(version()), "[0-9]+\\.[0-9]+\\.[0-9]+"));
}

}  // namespace
}  // namespace atlas
