// SPDX-License-Identifier: Apache-2.0
#include "app/listen.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <thread>

#include "base/startup_error.h"

namespace atlas::app {
namespace {

using Addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

Addresses resolve(const ListenAddress& address) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_PASSIVE;
    addrinfo* found = nullptr;
    const int failed =
        getaddrinfo(address.host.c_str(), fmt::format("{}", address.port).c_str(), &hints, &found);
    Addresses addresses(found, [](addrinfo* list) {
        if (list != nullptr) freeaddrinfo(list);
    });
    if (failed == 0) return addresses;
    throw StartupError(fmt::format("cannot listen on {}: {}; choose another address with --listen",
                                   address.host, gai_strerror(failed)));
}

// 0 when the address can be bound now, or cannot be tried.
int bind_error(const addrinfo& address) {
    const int probe = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC, address.ai_protocol);
    if (probe < 0) return 0;
    const int yes = 1;
    setsockopt(probe, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    const bool bound = bind(probe, address.ai_addr, address.ai_addrlen) == 0;
    const int error = errno;
    close(probe);
    return bound ? 0 : error;
}

}  // namespace

std::optional<ListenAddress> parse_listen(std::string_view text) {
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos || colon == 0) return std::nullopt;
    ListenAddress address{.host = std::string(text.substr(0, colon)), .port = 0};
    const bool bracketed = address.host.front() == '[' && address.host.back() == ']';
    if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
    if (address.host.empty() || (!bracketed && address.host.find(':') != std::string::npos)) {
        return std::nullopt;
    }
    const std::string_view port = text.substr(colon + 1);
    const char* end = port.data() + port.size();
    const auto [stop, error] = std::from_chars(port.data(), end, address.port);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return address;
}

std::string own_address() {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    return fmt::format("{}:{}", host, getpid());
}

std::string url_of(const ListenAddress& address) {
    const bool ipv6 = address.host.find(':') != std::string::npos;
    return fmt::format("http://{}{}{}:{}", ipv6 ? "[" : "", address.host, ipv6 ? "]" : "",
                       address.port);
}

void check_free(const ListenAddress& address, std::chrono::milliseconds wait) {
    const Addresses addresses = resolve(address);
    const auto until = std::chrono::steady_clock::now() + wait;
    int error = bind_error(*addresses);
    while (error == EADDRINUSE && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        error = bind_error(*addresses);
    }
    if (error == 0) return;
    if (error == EADDRINUSE) {
        throw StartupError(fmt::format(
            "port {} is in use; stop what listens there or choose another with --listen {}:PORT "
            "(0 picks a free one)",
            address.port, address.host));
    }
    throw StartupError(
        fmt::format("cannot listen on {}:{}: {}; choose another address with --listen",
                    address.host, address.port, std::strerror(error)));
}

}  // namespace atlas::app
