// SPDX-License-Identifier: Apache-2.0
#include "app/change_stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "app/listen.h"
#include "app/stages.h"

namespace atlas::app {
namespace {

// Its slot is one per database, and one process at a time reads it.
constexpr const char* kDurableRole = kAnalyticsRole;

std::vector<stream::Subscriber*> subscribers_of(const std::vector<StreamFollower>& followers) {
    std::vector<stream::Subscriber*> subscribers;
    subscribers.reserve(followers.size());
    for (const auto& follower : followers) subscribers.push_back(&follower.subscriber);
    return subscribers;
}

}  // namespace

ChangeStream::ChangeStream(std::string conninfo, std::vector<StreamFollower> followers,
                           const ProcessContext& process)
    : config_(process.config), followers_(std::move(followers)), primary_(conninfo, process.clock) {
    if (followers_.empty()) return;
    lease_.emplace(
        stream::LeaseOptions{
            .conninfo = conninfo, .role = kDurableRole, .address = own_address(), .durable = true},
        process.registry, process.clock);
    stream::ReaderOptions options;
    options.conninfo = std::move(conninfo);
    // What its followers store is derived: with a gap it is of no use, and filled again by itself.
    options.starts_over = true;
    reader_.emplace(std::move(options), subscribers_of(followers_), *lease_, primary_,
                    process.registry, process.clock);
}

void ChangeStream::start() {
    if (!reader_) return;
    primary_.start();
    lease_->start();
    reader_->start();
}

void ChangeStream::stop() {
    for (const auto& follower : followers_) follower.interrupt();
    if (!reader_) return;
    reader_->stop();
    lease_->stop();
    primary_.stop();
}

http::StatusPart ChangeStream::status() const {
    if (!reader_) {
        return {.name = kStreamRole, .state = "running", .detail = "no follower in this process"};
    }
    const auto status = reader_->status();
    http::StatusPart part{.name = kStreamRole, .state = std::string(to_string(status.state))};
    if (status.received) part.position = status.received->lsn;
    part.rate = status.rows_per_second;
    part.rate_unit = "rows";
    part.detail = status.detail;
    return part;
}

// A follower whose data is not complete lacks commits of any age.
stream::ReaderStatus ChangeStream::read() const {
    stream::ReaderStatus status;
    if (reader_) status = reader_->status();
    for (auto& follower : status.followers) {
        const auto known =
            std::ranges::find(followers_, follower.name,
                              [](const StreamFollower& one) { return one.subscriber.name(); });
        if (known != followers_.end() && !known->incomplete().empty()) follower.lag_seconds.reset();
    }
    return status;
}

std::vector<http::StatusPart> ChangeStream::stages() const {
    if (!reader_) return {};
    auto stages = stream_stages(read(), primary_, config_);
    for (const StreamFollower& follower : followers_) {
        const auto stage =
            std::ranges::find(stages, follower.subscriber.name(), &http::StatusPart::name);
        if (stage == stages.end()) continue;
        stage->rate = follower.points_per_second();
        if (stage->rate) stage->rate_unit = "data_points";
        if (std::string why = follower.failing(); !why.empty() && stage->detail.empty()) {
            stage->state = kFailing;
            stage->detail = std::move(why);
        }
        const std::string why = follower.incomplete();
        if (why.empty() || !stage->detail.empty()) continue;
        stage->state = "copying";
        stage->detail = why;
    }
    return stages;
}

std::unique_ptr<route::Lag> ChangeStream::lag_of(std::string_view follower) const {
    return std::make_unique<FollowerLag>([this] { return read(); }, std::string(follower),
                                         primary_);
}

void ChangeStream::move_to(std::string url) {
    if (lease_) lease_->move_to(std::move(url));
}

bool ChangeStream::stands_by() const {
    return lease_ && lease_->holding().state == stream::Holding::State::standby;
}

std::optional<stream::ReaderStatus::Follower> ChangeStream::follower(std::string_view name) const {
    if (!reader_) return std::nullopt;
    auto status = reader_->status();
    const auto found = std::ranges::find(
        status.followers, name, [](const auto& one) { return std::string_view(one.name); });
    if (found == status.followers.end()) return std::nullopt;
    return std::move(*found);
}

std::vector<std::string> ChangeStream::rebuild(std::string_view follower) {
    std::vector<std::string> names;
    for (const auto& one : followers_) {
        const std::string_view name = one.subscriber.name();
        if (!follower.empty() && follower != name) continue;
        if (reader_->rebuild(name)) names.emplace_back(name);
    }
    return names;
}

}  // namespace atlas::app
