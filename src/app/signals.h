// SPDX-License-Identifier: Apache-2.0
//
// SIGINT and SIGTERM as something to wait for. Created in main before any other thread, so that no
// thread of ours is interrupted and no handler runs.
//
// Threading  any thread may wait; a signal wakes one of them.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace atlas::app {

class Signals {
public:
    Signals();

    // The signal that came, or 0 when none did within `timeout`.
    int wait(std::chrono::milliseconds timeout) const;
    // Blocks until one comes.
    int wait() const;
    // Whether one is waiting, which this takes away.
    bool pending() const { return wait(std::chrono::milliseconds(0)) != 0; }

    // Calls `act` at each signal until the returned thread is stopped: the impatient second
    // Ctrl-C.
    std::jthread on_signal(std::function<void()> act) const;
};

}  // namespace atlas::app
