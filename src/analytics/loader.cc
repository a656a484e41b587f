// SPDX-License-Identifier: Apache-2.0
//
// The order of changes, and what each does to the batch. loader_apply.cc has the other half: from
// the batch to the store.
#include "analytics/loader.h"

#include <fmt/format.h>

#include "pg/binary_result.h"

namespace atlas::analytics {

using stream::Cell;
using stream::Operation;
using stream::Table;
using Remedy = stream::Error::Remedy;

stream::Expected<void> Loader::begin(const stream::Transaction& transaction) {
    if (auto ok = check_failure(); !ok) return ok;
    transaction_ = transaction;
    changes_ = 0;
    changes_stored_ = 0;
    in_transaction_ = true;
    if (!plan_.complete()) plan_.delivered(transaction);
    if (!repair_wanted_) running_.reset();
    if (running_) delivered_.push_back(transaction.xid);
    stored_ = transaction.commit < seen_;
    if (!part_ || part_->commit < seen_ || stored_) return {};
    if (part_->commit != transaction.commit) {
        return failure(fail(Remedy::rebuild,
                            fmt::format("the store has a part of the transaction at {}, which the "
                                        "log no longer has",
                                        to_string(part_->commit.lsn))));
    }
    changes_stored_ = part_->changes;
    return {};
}

stream::Expected<void> Loader::change(const stream::Change& change) {
    // Not a question of the position: shapes never change.
    const Table table = change.relation->table;
    if (table == Table::shapes) return learn_shape(change);
    if (stored_ || table == Table::heartbeat || table == Table::other) return {};
    if (++changes_ <= changes_stored_) return {};
    if (change.operation == Operation::truncate) return truncate(table);
    if (auto done = table == Table::observations ? observation(change) : small_row(change); !done) {
        return done;
    }
    return filling_.full() ? close() : stream::Expected<void>{};
}

stream::Expected<void> Loader::commit(const stream::Transaction& transaction) {
    in_transaction_ = false;
    if (!plan_.complete()) plan_.passed(transaction.end);
    if (!stored_) {
        seen_ = transaction.end;
        seen_committed_at_ = transaction.committed_at;
        note_idle();
    }
    return close_if_due();
}

stream::Expected<void> Loader::advance(stream::Position position) {
    if (auto ok = check_failure(); !ok) return ok;
    if (!plan_.complete()) plan_.passed(position);
    if (position <= seen_) return {};
    seen_ = position;
    note_idle();
    return close_if_due();
}

// Where nothing is to be applied, readers see everything until here as soon as the store is idle.
void Loader::note_idle() {
    if (!filling_.empty()) return;
    const std::scoped_lock lock(mutex_);
    idle_until_ = seen_;
}

stream::Expected<void> Loader::rest() {
    if (auto ok = check_failure(); !ok) return ok;
    return close_if_due();
}

// Whether a change is to be applied. While an initial copy runs, waits for the part that it falls
// into.
stream::Expected<bool> Loader::admit(Table table, std::int64_t observed_at) {
    if (plan_.complete()) return true;
    for (;;) {
        switch (plan_.admit(transaction_, table, observed_at)) {
            case InitialCopyPlan::Verdict::apply: return true;
            case InitialCopyPlan::Verdict::skip: return false;
            case InitialCopyPlan::Verdict::wait: break;
        }
        if (!plan_.await(table, observed_at)) {
            return failure(stream::Error{.message = "stopping"});
        }
    }
}

stream::Expected<void> Loader::observation(const stream::Change& change) {
    if (!rows_.bind(*change.relation)) return damaged(change);
    if (!change.old_key.empty()) {
        const auto old = rows_.key(change.old_key);
        if (!old) return damaged(change);
        const auto admitted = admit(Table::observations, old->observed_at);
        if (!admitted) return failure(admitted.error());
        if (*admitted) filling_.remove(*old);
    }
    if (change.operation == Operation::remove) return {};
    if (!plan_.complete()) {
        const auto key = rows_.key(change.row);
        if (!key) return damaged(change);
        const auto admitted = admit(Table::observations, key->observed_at);
        if (!admitted) return failure(admitted.error());
        if (!*admitted) return {};
    }
    return add_observation(change);
}

stream::Expected<void> Loader::add_observation(const stream::Change& change) {
    const bool is_new = change.operation == Operation::insert &&
                        transaction_.commit >= replace_until_ && !comparing_;
    const auto outcome = add_with_shape(rows_, source_, shapes_, [&] {
        return is_new ? filling_.add(rows_, change.row) : filling_.replace(rows_, change.row);
    });
    if (!outcome) return failure(outcome.error());
    const bool complete = *outcome == LoaderPoints::Outcome::added;
    const bool to_fetch =
        *outcome == LoaderPoints::Outcome::unchanged && change.operation == Operation::update;
    return complete || to_fetch ? stream::Expected<void>{} : damaged(change);
}

stream::Expected<void> Loader::small_row(const stream::Change& change) {
    if (!small_.bind(*change.relation)) return damaged(change);
    const auto admitted = admit(change.relation->table, 0);
    if (!admitted) return failure(admitted.error());
    if (!*admitted) return {};
    if (!change.old_key.empty()) {
        const auto old = small_.key(change.old_key);
        if (!old) return damaged(change);
        filling_.remove(*old);
    }
    if (change.operation == Operation::remove) return {};
    const auto key = small_.key(change.row);
    return key ? write_small(*key, change) : damaged(change);
}

stream::Expected<void> Loader::write_small(const DimensionKey& key, const stream::Change& change) {
    switch (small_.read(change.row, filling_.dimension(key))) {
        case LoaderDimensions::Outcome::read: return {};
        case LoaderDimensions::Outcome::unchanged:
            // What the row is until it is looked up, should a later change make that needless.
            missing_.push_back(key);
            return {};
        case LoaderDimensions::Outcome::damaged: break;
    }
    return damaged(change);
}

stream::Expected<void> Loader::truncate(Table table) {
    if (!plan_.complete()) {
        return failure(fail(Remedy::rebuild, "a table was truncated during the initial copy"));
    }
    filling_.truncate(table);
    std::erase_if(missing_, [table](const DimensionKey& key) { return key.table == table; });
    return {};
}

stream::Expected<void> Loader::learn_shape(const stream::Change& change) {
    if (change.operation != Operation::insert) return {};
    const auto id = change.relation->find("shape_id");
    const auto attributes = change.relation->find("attrs");
    if (!id || !attributes || change.row.size() <= std::max(*id, *attributes)) {
        return damaged(change);
    }
    return shapes_.add(pg::read_int4(change.row[*id].bytes), change.row[*attributes].bytes)
               ? stream::Expected<void>{}
               : damaged(change);
}

// Rows that the log did not bring whole are read as they are now.
stream::Expected<void> Loader::fetch_missing() {
    for (const ObservationKey& key : filling_.missing()) {
        stream::Expected<void> kept;
        bool found = false;
        auto done = source_.observation(key, [&](const stream::Relation& relation,
                                                 std::span<const Cell> row) {
            found = true;
            const stream::Change change{
                .operation = Operation::update, .relation = &relation, .row = row, .old_key = {}};
            kept = rows_.bind(relation) ? add_observation(change) : damaged(change);
        });
        if (!done) return done;
        if (!kept) return kept;
        if (!found) filling_.remove(key);
    }
    for (const DimensionKey& key : std::exchange(missing_, {})) {
        stream::Expected<void> kept;
        bool found = false;
        auto done = source_.dimension(key, [&](const stream::Relation& relation,
                                               std::span<const Cell> row) {
            found = true;
            const stream::Change change{
                .operation = Operation::update, .relation = &relation, .row = row, .old_key = {}};
            kept = small_.bind(relation) ? write_small(key, change) : damaged(change);
        });
        if (!done) return done;
        if (!kept) return kept;
        if (!found) filling_.remove(key);
    }
    return {};
}

stream::Expected<void> Loader::damaged(const stream::Change& change) {
    return failure(fail(Remedy::stop,
                        fmt::format("a row of {} in the transaction at {} is not what this version "
                                    "of Atlas reads; run atlas migrate",
                                    change.relation->name, to_string(transaction_.commit.lsn))));
}

}  // namespace atlas::analytics
