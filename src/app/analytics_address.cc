// SPDX-License-Identifier: Apache-2.0
#include "app/analytics_address.h"

#include <utility>

#include "app/service.h"
#include "stream/slot_lease.h"

namespace atlas::app {

AnalyticsAddress::AnalyticsAddress(std::string url, pg::Pool& pool, const Clock& clock)
    : url_(std::move(url)), pool_(pool), clock_(clock) {
}

std::optional<std::string> AnalyticsAddress::find(bool again) {
    if (!url_.empty()) return url_;
    const std::scoped_lock lock(mutex_);
    const auto now = clock_.steady();
    if (!again && asked_ && now - *asked_ < kKnown) return found_;
    found_.reset();
    if (auto session = pool_.acquire(kKnown)) {
        auto address = stream::find_role(**session, kAnalyticsRole);
        if (address) found_ = std::move(*address);
    }
    asked_ = clock_.steady();
    return found_;
}

http::StatusPart AnalyticsAddress::status() {
    const auto url = find(false);
    if (!url) {
        return {.name = kAnalyticsRole,
                .state = "absent",
                .detail = "no process has the role analytics"};
    }
    return {.name = kAnalyticsRole, .state = "elsewhere", .detail = "asked at " + *url};
}

}  // namespace atlas::app
