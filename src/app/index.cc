// SPDX-License-Identifier: Apache-2.0
#include "app/index.h"

#include <fmt/format.h>

#include "app/listen.h"

namespace atlas::app {
namespace {

index::FollowerOptions follower_options(const std::string& conninfo, const config::Config& config,
                                        std::function<void()> request_rebuild) {
    return {.conninfo = conninfo,
            .memory_bytes = static_cast<std::size_t>(config.index_memory_mb()) << 20U,
            .request_rebuild = std::move(request_rebuild)};
}

stream::ReaderOptions reader_options(const std::string& conninfo) {
    stream::ReaderOptions options;
    options.conninfo = conninfo;
    options.role = kIndexRole;
    // Nothing is stored, so a gap is filled by starting over.
    options.starts_over = true;
    return options;
}

}  // namespace

Index::Index(const std::string& conninfo, const ProcessContext& process)
    : config_(process.config),
      index_(process.clock),
      primary_(conninfo, process.clock),
      lease_({.conninfo = conninfo, .role = kIndexRole, .address = own_address()}, process.registry,
             process.clock),
      follower_(follower_options(conninfo, process.config,
                                 [this] { reader_.rebuild(index::Follower::kName); }),
                index_, primary_, process.registry, process.clock),
      reader_(reader_options(conninfo), {&follower_}, lease_, primary_, process.registry,
              process.clock) {
    const auto add = [&](std::string_view name, std::string_view help, auto read) {
        readings_.push_back(std::make_unique<observe::Reading>(
            process.registry, std::string(name), std::string(help),
            [this, read] { return static_cast<double>(read(index_.usage())); }));
    };
    add("atlas_index_bytes", "Memory that the live index takes.",
        [](const index::Usage& usage) { return usage.bytes; });
    add("atlas_index_entities", "Entities in the live index that lists show.",
        [](const index::Usage& usage) { return usage.entities; });
    add("atlas_index_left_out", "Tenants that the memory budget keeps out of the live index.",
        [](const index::Usage& usage) { return usage.left_out; });
}

void Index::start() {
    primary_.start();
    lease_.start();
    reader_.start();
}

void Index::stop() {
    reader_.stop();
    lease_.stop();
    primary_.stop();
}

http::StatusPart Index::part() const {
    const auto status = reader_.status();
    http::StatusPart part{.name = kIndexRole,
                          .state = std::string(to_string(status.state)),
                          .rate = follower_.changes_per_second(),
                          .rate_unit = "rows",
                          .detail = status.detail,
                          .retained_bytes = static_cast<std::int64_t>(status.retained_bytes),
                          .target = config_.index_target(),
                          .maximum = config_.index_maximum()};
    const auto& follower = status.followers.front();
    if (follower.applied) part.position = follower.applied->lsn;
    if (follower.failed) {
        part.state = "stopped";
        part.detail = follower.failed->message;
    } else if (status.state != stream::ReaderState::streaming) {
        return part;
    } else if (!follower_.complete()) {
        part.state = "copying";
        part.detail = fmt::format("{} entities loaded", follower_.loaded());
    } else {
        part.lag_seconds = follower.lag_seconds;
        const auto usage = index_.usage();
        if (usage.left_out > 0) {
            part.detail = fmt::format(
                "{} of {} tenants do not fit index.memory_mb and are answered by PostgreSQL",
                usage.left_out, usage.tenants);
        }
    }
    return part;
}

http::StatusPart Index::status() const {
    http::StatusPart own = part();
    if (own.state == to_string(stream::ReaderState::streaming)) own.state = "running";
    return own;
}

std::vector<http::StatusPart> Index::stages() const {
    return {part()};
}

std::vector<std::string> Index::rebuild(std::string_view follower) {
    const std::string name(index::Follower::kName);
    if (!follower.empty() && follower != name) return {};
    return reader_.rebuild(name) ? std::vector{name} : std::vector<std::string>{};
}

}  // namespace atlas::app
