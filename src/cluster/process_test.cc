// SPDX-License-Identifier: Apache-2.0
#include "cluster/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace atlas::cluster {
namespace {

RunResult shell(const std::string& script) {
    return run({.argv = {"/bin/sh", "-c", script}, .user = {}});
}

// Goal: nothing that this process has open reaches a program that it starts.
// Method: the child itself says whether it has a descriptor that was opened to be inherited.
TEST(Process, InheritsNoDescriptor) {
    const int opened = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    const int high = fcntl(opened, F_DUPFD, 200);
    ASSERT_GE(high, 200);
    for (const int descriptor : {opened, high}) {
        ASSERT_EQ(fcntl(descriptor, F_GETFD), 0) << "without FD_CLOEXEC";
        const auto script = "test -e /proc/$$/fd/" + std::to_string(descriptor) + " && echo open";
        EXPECT_EQ(shell(script).output, "");
    }
    close(high);
    close(opened);
    EXPECT_EQ(shell("for n in 0 1 2; do test -e /proc/$$/fd/$n || echo $n; done").output, "");
}

TEST(Process, StatusIsThatOfAShell) {
    EXPECT_EQ(shell("exit 3").status, 3);
    EXPECT_EQ(shell("kill -9 $$").status, 128 + 9);
    EXPECT_EQ(run({.argv = {"/nonexistent"}, .user = {}}).status, 127);
}

}  // namespace
}  // namespace atlas::cluster
