// SPDX-License-Identifier: Apache-2.0
#include "app/signals.h"

#include <signal.h>

#include <cerrno>

namespace atlas::app {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

}  // namespace

Signals::Signals() {
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    signal(SIGPIPE, SIG_IGN);
}

int Signals::wait(std::chrono::milliseconds timeout) const {
    const sigset_t set = stop_signals();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds(timeout - seconds).count()};
    const int number = sigtimedwait(&set, nullptr, &limit);
    return number > 0 ? number : 0;
}

int Signals::wait() const {
    for (;;) {
        if (const int number = wait(std::chrono::seconds(60)); number != 0) return number;
    }
}

std::jthread Signals::on_signal(std::function<void()> act) const {
    return std::jthread([this, act = std::move(act)](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            if (wait(std::chrono::milliseconds(100)) != 0) act();
        }
    });
}

}  // namespace atlas::app
