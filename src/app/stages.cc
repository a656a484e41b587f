// SPDX-License-Identifier: Apache-2.0
#include "app/stages.h"

#include <fmt/format.h>

#include <utility>

#include "stream/lag.h"

namespace atlas::app {
namespace {

std::optional<double> seconds(std::optional<Micros> time) {
    if (!time) return std::nullopt;
    return std::chrono::duration<double>(*time).count();
}

void set_budget(http::StatusPart& part, Micros target, Micros maximum) {
    part.target = target;
    part.maximum = maximum;
    const bool works = part.state == to_string(stream::ReaderState::streaming);
    if (works && part.lag_seconds && *part.lag_seconds > *seconds(maximum)) {
        part.state = "processing";
    }
}

http::StatusPart follower_stage(const stream::ReaderStatus::Follower& follower,
                                const stream::ReaderStatus& status) {
    http::StatusPart part{.name = follower.name,
                          .state = std::string(to_string(status.state)),
                          .lag_seconds = follower.lag_seconds};
    if (follower.applied) part.position = follower.applied->lsn;
    if (!follower.failed) return part;
    part.state = follower.failed->remedy == stream::Error::Remedy::rebuild ? "rebuild" : "stopped";
    part.detail = follower.failed->message;
    return part;
}

}  // namespace

std::vector<http::StatusPart> stream_stages(const stream::ReaderStatus& status,
                                            const stream::PrimaryClock& primary,
                                            const config::Config& config) {
    http::StatusPart reader{.name = "stream",
                            .state = std::string(to_string(status.state)),
                            .rate = status.rows_per_second,
                            .rate_unit = "rows",
                            .detail = status.detail,
                            .retained_bytes = static_cast<std::int64_t>(status.retained_bytes)};
    if (status.received) {
        reader.position = status.received->lsn;
        reader.lag_seconds =
            seconds(stream::lag_after(primary, status.received->lsn, std::nullopt));
    }
    set_budget(reader, config.stream_target(), config.stream_maximum());
    std::vector<http::StatusPart> stages{std::move(reader)};
    for (const auto& follower : status.followers) {
        http::StatusPart part = follower_stage(follower, status);
        if (follower.name == "analytics") {
            set_budget(part, config.analytics_target(), config.analytics_maximum());
        } else {
            set_budget(part, config.stream_target(), config.stream_maximum());
        }
        stages.push_back(std::move(part));
    }
    return stages;
}

route::Budget analytics_budget(const config::Config& config) {
    return {.target = config.analytics_target(),
            .maximum = config.analytics_maximum(),
            .beyond = config.analytics_fallback() == "answer" ? route::Budget::Beyond::answer
                                                              : route::Budget::Beyond::pass_on};
}

std::optional<Micros> FollowerLag::measured() const {
    for (const auto& follower : read_().followers) {
        if (follower.name != follower_ || !follower.lag_seconds) continue;
        return std::chrono::duration_cast<Micros>(
            std::chrono::duration<double>(*follower.lag_seconds));
    }
    return std::nullopt;
}

std::optional<Time> FollowerLag::as_of() const {
    const auto lag = measured();
    const auto time = primary_.now();
    return lag && time ? std::optional(*time - *lag) : std::nullopt;
}

std::optional<LogPosition> FollowerLag::holds() const {
    for (const auto& follower : read_().followers) {
        if (follower.name == follower_) return follower.applied;
    }
    return std::nullopt;
}

std::string FollowerLag::stopped() const {
    for (const auto& follower : read_().followers) {
        if (follower.name != follower_ || !follower.failed) continue;
        return fmt::format("It has stopped: {}. `atlas stream rebuild {}` starts it over.",
                           follower.failed->message, follower_);
    }
    return {};
}

}  // namespace atlas::app
