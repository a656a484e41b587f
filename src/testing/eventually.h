// SPDX-License-Identifier: Apache-2.0
//
// Waits in a test for what other threads or processes bring about: for the condition, never for
// time to pass, and for a bounded time.
//
//     ASSERT_TRUE(eventually([&] { return ran == 2; }));
//
// Threading  calls the condition on the calling thread.
#pragma once

#include <chrono>
#include <thread>

namespace atlas::test {

// Far beyond what a busy machine under a sanitizer needs: only a fault lasts longer.
inline constexpr std::chrono::seconds kPatience{60};

// Blocks until `condition` holds and returns true; false when it does not hold within `patience`.
// Asks a thousand times a second at most, so that waiting takes no time from what it waits for.
template <class Condition>
[[nodiscard]] bool eventually(Condition condition, std::chrono::milliseconds patience = kPatience) {
    const auto until = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

}  // namespace atlas::test
