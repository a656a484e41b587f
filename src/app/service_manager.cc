// SPDX-License-Identifier: Apache-2.0
#include "app/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "observe/log.h"

namespace atlas::app {
namespace {

// A path, or "@name" for a socket of the abstract namespace. Another kind gets no message.
bool make_address(std::string_view name, sockaddr_un& address, socklen_t& size) {
    if (name.size() < 2 || name.size() >= sizeof address.sun_path) return false;
    if (name.front() != '/' && name.front() != '@') return false;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name.data(), name.size());
    if (name.front() == '@') address.sun_path[0] = '\0';
    size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    return true;
}

void tell_manager(const std::string& state) {
    const char* name = std::getenv("NOTIFY_SOCKET");
    if (name == nullptr) return;
    sockaddr_un address{};
    socklen_t size = 0;
    if (!make_address(name, address, size)) return;
    const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto sent = sendto(descriptor, state.data(), state.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size);
    const int error = errno;
    if (descriptor >= 0) close(descriptor);
    if (sent >= 0) return;
    observe::log_warning("cannot tell the service manager {}: {}",
                         state.substr(0, state.find('\n')), std::strerror(error));
}

}  // namespace

void announce_ready(const std::string& url) {
    fmt::print("Atlas is ready{}\n", url.empty() ? "" : " at " + url);
    std::fflush(stdout);
    tell_manager(fmt::format("READY=1\nSTATUS={}", url.empty() ? "Running" : "Serving at " + url));
}

void announce_stopping(std::chrono::milliseconds drain_delay) {
    observe::log_info("stopping");
    const std::chrono::microseconds longest = drain_delay + kLongestStop;
    tell_manager(
        fmt::format("STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC={}", longest.count()));
}

}  // namespace atlas::app
