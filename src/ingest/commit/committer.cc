// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/committer.h"

#include "base/prefetch.h"

namespace atlas::ingest {

Committer::Committer(catalog::Catalog& catalog, storage::ShapeRegistry& shapes, Metrics& metrics,
                     std::size_t cache_bytes)
    : catalog_(catalog), shapes_(shapes), metrics_(metrics), cache_(cache_bytes), plan_(shapes) {
}

void Committer::use(pg::Connection& connection) {
    connection_ = &connection;
    transaction_.emplace(connection, catalog_, cache_);
}

CommitOutcome Committer::run(std::span<const Part> parts) {
    plan_.begin(parts, trust_fresh_);
    name_shapes();
    auto token = transaction_->lock(plan_)
                     .and_then([this] { return transaction_->read_states(plan_); })
                     .and_then([this] { return leave_out(); })
                     .and_then([this] { return transaction_->read_history(plan_); })
                     .and_then([this] { return write(); });
    if (!token) transaction_->roll_back();
    CommitOutcome outcome = token ? committed(*token) : std::move(token.error());
    plan_.clear();
    return outcome;
}

// Without an id rows take more space, that is all: a failure does not end the transaction.
void Committer::name_shapes() {
    const auto due = plan_.take_due_shapes();
    if (due.empty()) return;
    const auto done = shapes_.assign_ids(*connection_, due);
    if (done) return;
    metrics_.shape_failed.report("cannot register a shape: {}", pg::describe(done.error()));
}

// Rows of retired entities, and tags that are known to be stored.
Step<void> Committer::leave_out() {
    auto refused = plan_.drop_retired();
    if (!refused.empty()) {
        CommitOutcome outcome;
        outcome.status = CommitOutcome::Status::refused;
        outcome.parts = std::move(refused);
        return failure(std::move(outcome));
    }
    plan_.drop_known_tags();
    return {};
}

Step<LogPosition> Committer::write() {
    plan_.decide();
    return transaction_->write(plan_);
}

CommitOutcome Committer::committed(LogPosition token) {
    const auto groups = plan_.groups();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (i + kPrefetchAhead < groups.size()) {
            cache_.prefetch(groups[i + kPrefetchAhead].key.entity);
        }
        cache_.put(groups[i].state);
    }
    plan_.settle();
    trust_fresh_ = true;
    CommitOutcome outcome;
    outcome.status = CommitOutcome::Status::committed;
    outcome.token = token;
    return outcome;
}

pg::Expected<int> Committer::end_stalled(std::chrono::milliseconds patience) {
    return transaction_->end_stalled(plan_.shards(), patience);
}

}  // namespace atlas::ingest
