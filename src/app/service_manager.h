// SPDX-License-Identifier: Apache-2.0
//
// Says that we serve, and that we stop: to people on stdout or in the log, and to the service
// manager that started us, where one asked for it (systemd with Type=notify; sd_notify(3)).
//
//     up, serve → [this] → the datagram socket that $NOTIFY_SOCKET names
//
// Threading  any thread. Blocks only while the manager's socket is full.
#pragma once

#include <chrono>
#include <string>

namespace atlas::app {

// "Atlas is ready at URL" on stdout, READY=1 to the manager. Call it once requests are served.
void announce_ready(const std::string& url);

// "stopping" in the log, STOPPING=1 to the manager, which is asked to wait for `drain_delay` and
// kLongestStop before it kills us.
void announce_stopping(std::chrono::milliseconds drain_delay);

// What a stop takes at most without its drain delay: twice the two minutes that PostgreSQL gets,
// and the requests under way. TimeoutStopSec= of atlas.service is the same.
inline constexpr std::chrono::minutes kLongestStop{5};

}  // namespace atlas::app
