// SPDX-License-Identifier: Apache-2.0
//
// What follows the log in this process, as others see it: stages of /v1/status, and the lag of a
// follower as that of a source of reads.
//
//     StreamReader::status() → [stream_stages] → /v1/status, page
//                              [FollowerLag]   → router
//
// Lifetime   what the functions read outlives these.
// Threading  any thread, without blocking.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "http/routes/ops/status.h"
#include "route/source.h"
#include "stream/stream_reader.h"

namespace atlas::app {

// The state of what takes nothing at present and tries again.
inline constexpr const char* kFailing = "failing";

using ReadStream = std::function<stream::ReaderStatus()>;

// The stage "stream", then each follower. `processing` is the state of what streams and lags more
// than its maximum.
std::vector<http::StatusPart> stream_stages(const stream::ReaderStatus& status,
                                            const stream::PrimaryClock& primary,
                                            const config::Config& config);

// The row of the budget table for reads from the analytics store.
route::Budget analytics_budget(const config::Config& config);

// The lag of a source that a follower of the stream feeds.
class FollowerLag final : public route::Lag {
public:
    FollowerLag(ReadStream read, std::string follower, const stream::PrimaryClock& primary)
        : read_(std::move(read)), follower_(std::move(follower)), primary_(primary) {}
    std::optional<Micros> measured() const override;
    std::optional<Time> as_of() const override;
    std::optional<LogPosition> holds() const override;
    std::string stopped() const override;

private:
    const ReadStream read_;
    const std::string follower_;
    const stream::PrimaryClock& primary_;
};

}  // namespace atlas::app
