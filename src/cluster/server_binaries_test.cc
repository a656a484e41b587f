// SPDX-License-Identifier: Apache-2.0
#include "cluster/server_binaries.h"

#include <gtest/gtest.h>

#include "base/startup_error.h"

namespace atlas::cluster {
namespace {

TEST(ServerBinaries, VersionIsReadFromTheServersOwnWords) {
    EXPECT_EQ(parse_server_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), 15);
    EXPECT_EQ(parse_server_version("postgres (PostgreSQL) 17beta2"), 17);
    EXPECT_EQ(parse_server_version("postgres 15"), std::nullopt);
    EXPECT_EQ(parse_server_version(""), std::nullopt);
}

TEST(ServerBinaries, NewestServerOfThisMachineIsFound) {
    const auto found = find_server();
    EXPECT_GE(found.major, kOldestServer);
    EXPECT_EQ(find_server(found.dir).major, found.major);
    EXPECT_EQ(find_server({}, found.major).dir, found.dir);
}

TEST(ServerBinaries, MissingServerSaysWhatToDo) {
    for (const auto& attempt : {std::pair{std::string("/nonexistent"), std::optional<int>{}},
                                std::pair{std::string(), std::optional<int>{9}}}) {
        try {
            find_server(attempt.first, attempt.second);
            FAIL() << "found a server in " << attempt.first;
        } catch (const StartupError& error) {
            EXPECT_NE(std::string_view(error.what()).find("--pg-bin"), std::string_view::npos);
        }
    }
}

}  // namespace
}  // namespace atlas::cluster
