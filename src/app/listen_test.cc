// SPDX-License-Identifier: Apache-2.0
#include "app/listen.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/startup_error.h"

namespace atlas::app {
namespace {

TEST(Listen, HostAndPortAreTakenApart) {
    EXPECT_EQ(parse_listen("127.0.0.1:8470")->host, "127.0.0.1");
    EXPECT_EQ(parse_listen("127.0.0.1:8470")->port, 8470);
    EXPECT_EQ(parse_listen("[::1]:0")->host, "::1");
    EXPECT_EQ(url_of(*parse_listen("[::1]:80")), "http://[::1]:80");
    EXPECT_EQ(url_of(*parse_listen("localhost:80")), "http://localhost:80");
    for (const char* bad :
         {"", "8470", ":8470", "a:", "a:x", "a:65536", "::1:80", "a:-1", "[]:1"}) {
        EXPECT_FALSE(parse_listen(bad)) << bad;
    }
}

TEST(Listen, TakenPortSaysWhatToDo) {
    const int taken = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ASSERT_EQ(bind(taken, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_EQ(listen(taken, 1), 0);
    socklen_t size = sizeof address;
    ASSERT_EQ(getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
    const ListenAddress same{.host = "127.0.0.1", .port = ntohs(address.sin_port)};
    try {
        check_free(same);
        FAIL() << "the port is taken";
    } catch (const StartupError& error) {
        EXPECT_NE(std::string_view(error.what()).find("in use"), std::string_view::npos);
    }
    close(taken);
    check_free(same);
}

}  // namespace
}  // namespace atlas::app
