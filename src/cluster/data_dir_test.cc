// SPDX-License-Identifier: Apache-2.0
#include "cluster/data_dir.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "base/startup_error.h"

namespace atlas::cluster {
namespace {

namespace fs = std::filesystem;

class DataDirTest : public ::testing::Test {
protected:
    DataDirTest() {
        std::string pattern = fs::temp_directory_path() / "atlas-data-XXXXXX";
        root_ = mkdtemp(pattern.data());
        fs::permissions(root_, fs::perms(0755));
    }
    ~DataDirTest() override { fs::remove_all(root_); }

    std::string refusal(const fs::path& path) const {
        try {
            DataDir::open(path, user_);
        } catch (const StartupError& error) {
            return error.what();
        }
        return "";
    }

    fs::path root_;
    const ServerUser user_ = server_user();
};

TEST_F(DataDirTest, OneAtATime) {
    const fs::path path = root_ / "a/b";
    {
        const DataDir held = DataDir::open(path, user_);
        EXPECT_EQ(held.cluster(), fs::canonical(path) / "postgres");
        EXPECT_NE(refusal(path).find("another atlas"), std::string::npos);
    }
    EXPECT_EQ(refusal(path), "");
}

TEST_F(DataDirTest, ClusterOfSomebodyElseIsRefused) {
    const fs::path path = root_ / "data";
    fs::create_directories(path / "postgres");
    struct stat made{};
    ASSERT_EQ(stat((path / "postgres").c_str(), &made), 0);
    ServerUser other = user_;
    other.uid = made.st_uid + 1;
    other.switched = false;
    EXPECT_THROW(DataDir::open(path, other), StartupError);
}

// Goal: whatever the length of the path, the socket's own path fits, and each folder has its own.
TEST_F(DataDirTest, SocketPathFits) {
    const fs::path deep = root_ / std::string(120, 'x');
    for (const auto& path : {root_, deep, deep / "y"}) {
        EXPECT_LE((socket_dir(path, user_) / ".s.PGSQL.65535").string().size(), 107) << path;
    }
    EXPECT_EQ(socket_dir(root_, user_), fs::canonical(root_) / "postgres");
    EXPECT_NE(socket_dir(deep, user_), socket_dir(deep / "y", user_));
    EXPECT_EQ(socket_dir(deep, user_), socket_dir(deep / ".", user_));
}

TEST_F(DataDirTest, SocketFolderOfSomebodyElseIsRefused) {
    const fs::path deep = root_ / std::string(120, 'z');
    const fs::path taken = socket_dir(deep, user_);
    fs::create_directory(taken);
    fs::permissions(taken, fs::perms(0777));
    EXPECT_THROW(make_socket_dir(deep, user_), StartupError);
    fs::remove(taken);
    make_socket_dir(deep, user_);
    EXPECT_EQ(fs::status(taken).permissions(), fs::perms(0700));
    fs::remove(taken);
}

TEST(Conninfo, ValuesAreQuoted) {
    ServerUser user;
    user.uid = 1;
    EXPECT_EQ(socket_conninfo("/it's", user, 5433, "atlas", "atlas"),
              "host='/it\\'s/postgres' port=5433 dbname=atlas user=atlas");
}

}  // namespace
}  // namespace atlas::cluster
