// SPDX-License-Identifier: Apache-2.0
#include "app/index_answers.h"

#include <chrono>
#include <thread>

#include "http/routes/read/reading.h"
#include "primary/database_error.h"
#include "primary/entity_list.h"
#include "stream/copy_snapshot.h"
#include "stream/lag.h"

namespace atlas::app {

model::TenantCatalogPtr CachedCatalogs::find(TenantId tenant) {
    if (auto recent = catalog_.recent(tenant)) return recent;
    auto session = pool_.acquire();
    if (!session) return nullptr;
    auto found = catalog_.get_recent(**session, tenant);
    return found ? std::move(*found) : nullptr;
}

query::Answer<void> StoredObservations::find(TenantId tenant, std::span<Wanted> wanted) {
    std::vector<primary::EntityState> entities;
    entities.reserve(wanted.size());
    for (const Wanted& one : wanted) {
        primary::EntityState& entity = entities.emplace_back();
        entity.id = one.entity;
        entity.last_day = one.last_day;
    }
    auto session = pool_.acquire();
    if (!session) return failure(primary::database_error(std::move(session.error())));
    query::Snapshot read;
    auto found = primary::add_last_observed(**session, tenant, entities, read);
    if (!found) return found;
    for (std::size_t i = 0; i < wanted.size(); ++i) wanted[i].newest = entities[i].last_observed_at;
    return {};
}

std::optional<Micros> IndexLag::measured() const {
    if (!index_.follower().complete()) return std::nullopt;
    return stream::lag_after(index_.primary(), index_.index().applied().position.lsn, std::nullopt);
}

std::optional<Time> IndexLag::as_of() const {
    const auto lag = measured();
    const auto time = index_.primary().now();
    return lag && time ? std::optional(*time - *lag) : std::nullopt;
}

std::optional<route::Barrier::Acknowledged> IndexBarrier::acknowledged() {
    const auto end = end_.ask();
    if (!end) return std::nullopt;
    return Acknowledged{.position = end->position, .at = end->as_of};
}

bool IndexBarrier::await(LogPosition position) {
    return index_.follower().await(position, kPatience, [this] { index_.reader().hurry(); });
}

bool IndexBarrier::shows(std::uint32_t xid) {
    const auto visible = end_.visible();
    if (!visible) return false;
    const auto snapshot = stream::parse_copy_snapshot("0 0/0 " + *visible);
    return snapshot && snapshot->shows(xid);
}

void IndexBarrier::settle() {
    const std::uint32_t newest = index_.follower().newest();
    if (newest == 0) return;
    const std::scoped_lock lock(settling_);
    const auto until = std::chrono::steady_clock::now() + kSettled;
    while (settled_ != newest && std::chrono::steady_clock::now() < until) {
        if (shows(newest)) {
            settled_ = newest;
        } else {
            std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
    }
}

IndexAnswers::IndexAnswers(Index& index, const std::string& conninfo, pg::Pool& control,
                           pg::Pool& readers, catalog::Catalog& catalog)
    : index_(index),
      catalogs_(control, catalog),
      observations_(readers),
      reader_(index.index(), catalogs_, observations_),
      lag_(index),
      barrier_(index, conninfo) {
}

std::optional<LogPosition> IndexAnswers::end_of_log() {
    const auto end = barrier_.acknowledged();
    if (!end) return std::nullopt;
    return end->position;
}

http::StatusPart IndexAnswers::status() const {
    http::StatusPart part{.name = std::string(http::kLiveSource), .state = "serving"};
    if (const auto lag = lag_.measured()) {
        part.lag_seconds = std::chrono::duration<double>(*lag).count();
    } else {
        part.state = index_.follower().complete() ? "unreachable" : "copying";
    }
    part.position = index_.index().applied().position.lsn;
    return part;
}

route::Source IndexAnswers::source() {
    return {.name = std::string(http::kLiveSource),
            .reader = reader_,
            .lag = lag_,
            .budget = {.target = index_.config().index_target(),
                       .maximum = index_.config().index_maximum(),
                       .beyond = route::Budget::Beyond::pass_on},
            .barrier = &barrier_,
            .facets = &reader_};
}

}  // namespace atlas::app
