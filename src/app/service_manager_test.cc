// SPDX-License-Identifier: Apache-2.0
//
// Goal: the manager that $NOTIFY_SOCKET names hears of readiness and stop in the words of
// sd_notify(3), by path and by abstract name; without one nothing happens.
#include "app/service_manager.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace atlas::app {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

// The manager's end. The kernel picks an abstract name where none is given.
class Manager {
public:
    explicit Manager(const std::string& path = {}) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        const std::size_t used = path.empty() ? sizeof address.sun_family
                                              : offsetof(sockaddr_un, sun_path) + path.size() + 1;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(bind(socket_, generic, static_cast<socklen_t>(used)), 0);
        socklen_t size = sizeof address;
        EXPECT_EQ(getsockname(socket_, generic, &size), 0);
        const std::string name =
            path.empty() ? fmt::format("@{}", std::string(address.sun_path + 1,
                                                          size - sizeof address.sun_family - 1))
                         : path;
        setenv("NOTIFY_SOCKET", name.c_str(), 1);
    }
    Manager(const Manager&) = delete;
    Manager& operator=(const Manager&) = delete;
    ~Manager() {
        unsetenv("NOTIFY_SOCKET");
        close(socket_);
    }

    // What was said; datagrams are there when the sender returns.
    std::string heard() const {
        std::array<char, 512> text{};
        const auto got = recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
        return got < 0 ? "nothing" : std::string(text.data(), static_cast<std::size_t>(got));
    }

private:
    const int socket_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

TEST(ServiceManager, HearsOfReadinessAndStop) {
    const Manager manager;
    announce_ready("http://127.0.0.1:8470");
    EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=Serving at http://127.0.0.1:8470");
    announce_stopping(10s);
    EXPECT_EQ(manager.heard(), "STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC=310000000");
    EXPECT_EQ(manager.heard(), "nothing");
}

TEST(ServiceManager, HearsWhereNothingIsServed) {
    const Manager manager;
    announce_ready("");
    EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=Running");
}

TEST(ServiceManager, IsReachedByPath) {
    std::array<char, 32> folder{"/tmp/atlas-notify-XXXXXX"};
    ASSERT_NE(mkdtemp(folder.data()), nullptr);
    const std::string path = std::string(folder.data()) + "/socket";
    {
        const Manager manager(path);
        announce_ready("http://[::1]:80");
        EXPECT_EQ(manager.heard(), "READY=1\nSTATUS=Serving at http://[::1]:80");
    }
    unlink(path.c_str());
    rmdir(folder.data());
}

// What a stop logs with this $NOTIFY_SOCKET.
std::string log_of_stop(const std::string& name) {
    setenv("NOTIFY_SOCKET", name.c_str(), 1);
    testing::internal::CaptureStderr();
    announce_stopping(0ms);
    unsetenv("NOTIFY_SOCKET");
    return testing::internal::GetCapturedStderr();
}

TEST(ServiceManager, MayBeMissingOrGone) {
    unsetenv("NOTIFY_SOCKET");
    testing::internal::CaptureStdout();
    announce_ready("http://127.0.0.1:8470");
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "Atlas is ready at http://127.0.0.1:8470\n");
    for (const std::string& name :
         {std::string(), std::string("@"), std::string("vsock:2:1234"), std::string(300, '/')}) {
        EXPECT_THAT(log_of_stop(name), AllOf(HasSubstr("stopping"), Not(HasSubstr("manager"))))
            << name;
    }
    EXPECT_THAT(log_of_stop("/nonexistent/socket"),
                HasSubstr("cannot tell the service manager STOPPING=1: No such file"));
}

}  // namespace
}  // namespace atlas::app
