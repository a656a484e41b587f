// SPDX-License-Identifier: Apache-2.0
//
// Work that gives way to other threads where processors are short: Linux has a niceness per thread.
//
// Threading  any thread.
#pragma once

#include <exception>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace atlas {

// Makes the calling thread give way, and those that it starts. Going back takes rights.
void give_way(int niceness);

// Calls `work` in a thread of its own that gives way, and waits for it. Passes on what it throws.
template <class Work>
std::invoke_result_t<Work> giving_way(int niceness, Work&& work) {
    std::optional<std::invoke_result_t<Work>> result;
    std::exception_ptr thrown;
    std::thread thread([&] {
        give_way(niceness);
        try {
            result.emplace(std::forward<Work>(work)());
        } catch (...) {
            thrown = std::current_exception();
        }
    });
    thread.join();
    if (thrown) std::rethrow_exception(thrown);
    return std::move(*result);
}

}  // namespace atlas
