// SPDX-License-Identifier: Apache-2.0
//
// Whether this process can serve, as GET /readyz tells load balancers. It begins not ready, becomes
// ready once, and ends draining. A shared source that fails does not make it unready.
//
// Threading  any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace atlas::http {

class Readiness {
public:
    // Something that must happen before serving ("migrations"); done() takes it away.
    void await(std::string_view reason) {
        const std::scoped_lock lock(mutex_);
        reasons_.emplace_back(reason);
    }
    void done(std::string_view reason) {
        const std::scoped_lock lock(mutex_);
        std::erase(reasons_, reason);
    }
    void drain() { await("draining"); }

    std::vector<std::string> reasons() const {  // empty: ready
        const std::scoped_lock lock(mutex_);
        return reasons_;
    }
    bool ready() const { return reasons().empty(); }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> reasons_;
};

}  // namespace atlas::http
