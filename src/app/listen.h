// SPDX-License-Identifier: Apache-2.0
//
// Where the HTTP server listens: "127.0.0.1:8470", "[::1]:0", "localhost:8470".
//
// Threading  pure functions, but check_free(), which blocks on the name server; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlas::app {

struct ListenAddress {
    std::string host;
    std::uint16_t port = 0;
};

// nullopt for anything but HOST:PORT.
std::optional<ListenAddress> parse_listen(std::string_view text);

// "http://127.0.0.1:8470", "http://[::1]:8470".
std::string url_of(const ListenAddress& address);

// Where this process is found, for an operator who asks who has a slot: until it listens.
std::string own_address();

// A predecessor that was killed a moment ago holds its port until its last thread has ended.
inline constexpr std::chrono::milliseconds kPredecessor{2000};

// Throws StartupError when another process has the port and does not give it back within `wait`,
// before anything expensive is started.
void check_free(const ListenAddress& address, std::chrono::milliseconds wait = {});

}  // namespace atlas::app
