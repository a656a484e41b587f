// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/committer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <random>
#include <tuple>

#include "assets/sql.h"
#include "ingest/commit/copy_rows.h"

namespace atlas::ingest {
namespace {

using Statement = pg::Connection::Statement;

constexpr std::size_t kCopyChunkBytes = std::size_t{1} << 20U;

std::vector<std::int32_t> shards_in(std::uint64_t bits) {
    std::vector<std::int32_t> shards;
    for (std::int32_t shard = 0; shard < kShards; ++shard) {
        if ((bits >> static_cast<unsigned>(shard) & 1U) != 0) shards.push_back(shard);
    }
    return shards;
}

}  // namespace

Committer::Committer(catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
                     std::size_t cache_bytes)
    : catalog_(catalog), shapes_(shapes), cache_(cache_bytes), merger_(shapes) {
}

void Committer::use(pg::Connection& connection) {
    static thread_local std::mt19937_64 random{std::random_device{}()};
    connection_ = &connection;
    // 0 stands for everybody who is no gateway.
    writer_id_ = std::uniform_int_distribution<std::int64_t>(1)(random);
    has_merge_table_ = false;
    cache_.invalidate_all();
}

CommitOutcome Committer::fail(pg::Error error) {
    CommitOutcome outcome;
    outcome.error = std::move(error);
    if (connection_->usable()) static_cast<void>(connection_->exec("ROLLBACK"));
    return outcome;
}

pg::Expected<void> Committer::exec(std::string_view sql, const pg::Params& params) {
    const auto rows = connection_->exec(sql, params);
    if (!rows) return failure(rows.error());
    return {};
}

CommitOutcome Committer::run(std::span<Part> parts) {
    collect(parts);
    CommitOutcome outcome = commit(parts);
    // It may be much, and the next transaction may be long in coming.
    existing_ = {};
    merger_.clear();
    return outcome;
}

CommitOutcome Committer::commit(std::span<Part> parts) {
    if (const auto done = assign_shapes(); !done) return fail(done.error());
    const auto clock = lock();
    if (!clock) return fail(clock.error());
    auto stale = stale_parts(parts, *clock);
    if (!stale) return fail(stale.error());
    CommitOutcome outcome;
    if (!stale->empty()) {
        fail({});
        outcome.status = CommitOutcome::Status::stale;
        outcome.parts = std::move(*stale);
        return outcome;
    }
    if (const auto done = load_states(parts); !done) return fail(done.error());
    auto refused = drop_deleted(parts);
    if (!refused.empty()) {
        fail({});
        outcome.status = CommitOutcome::Status::refused;
        outcome.parts = std::move(refused);
        return outcome;
    }
    drop_known_tags();
    if (const auto done = search_history(parts); !done) return fail(done.error());
    const auto fits = find_existing(parts);
    if (!fits) return fail(fits.error());
    if (!*fits) {
        fail({});
        outcome.status = CommitOutcome::Status::too_large;
        return outcome;
    }
    plan_rows();
    apply_hot(parts);
    if (const auto done = write_rows(); !done) return fail(done.error());
    const auto token = write_hot_and_commit();
    if (!token) {
        outcome = fail(token.error());
        outcome.in_doubt = token.error().kind == pg::ErrorKind::connection;
        return outcome;
    }
    outcome.token = *token;
    remember();
    for (const std::uint32_t row : deleted_rows_) {
        parts[rows_[row].part].job->refuse_item(
            rows_[row].observation, ItemCode::entity_deleted,
            "the entity is retired; PUT /v1/entities/{entity} revives it");
    }
    for (const auto& [part, points] : overwritten_) parts[part].job->count_overwritten(points);
    outcome.status = CommitOutcome::Status::committed;
    return outcome;
}

int Committer::end_stalled(std::chrono::milliseconds patience) {
    const std::vector<std::int32_t> shards = shards_in(shards_);
    const auto ended =
        connection_->exec(sql::text("queries/ingest/end_stalled.sql"),
                          pg::Params{}.add_int4s(shards).add(std::int64_t{patience.count()}));
    return ended ? ended->size() : 0;
}

void Committer::collect(std::span<Part> parts) {
    rows_.clear();
    groups_.clear();
    layouts_.clear();
    without_tags_.clear();
    existing_of_row_.clear();
    new_rows_.clear();
    merged_rows_.clear();
    hot_.clear();
    overwritten_.clear();
    deleted_rows_.clear();
    shards_ = 0;
    made_merge_table_ = false;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        for (Row row : parts[part].rows) {
            row.part = static_cast<std::uint32_t>(part);
            row.arrival = static_cast<std::uint32_t>(rows_.size());
            shards_ |= std::uint64_t{1} << static_cast<unsigned>(shard_of(row.entity));
            rows_.push_back(row);
        }
    }
    std::ranges::sort(
        rows_, {}, [](const Row& row) { return std::tuple(row.tenant, row.entity, row.arrival); });
    for (std::uint32_t i = 0; i < rows_.size(); ++i) {
        const EntityKey key{rows_[i].tenant, rows_[i].entity};
        if (groups_.empty() || groups_.back().key != key) {
            groups_.push_back({i, i, key, {}});
        }
        groups_.back().end = i + 1;
    }
}

pg::Expected<void> Committer::assign_shapes() {
    std::vector<storage::Shape*> nameless;
    for (const Row& row : rows_) {
        storage::Shape& shape = *row.layout->shape;
        if (shape.id != 0) continue;
        if (shape.rows.fetch_add(1) + 1 == storage::ShapeRegistry::kRowsForId)
            nameless.push_back(&shape);
    }
    if (nameless.empty()) return {};
    return storage::ShapeRegistry::assign_ids(*connection_, nameless);
}

pg::Expected<std::int64_t> Committer::lock() {
    static const std::string_view kLockSql = sql::text("queries/ingest/lock_shards.sql");
    static const std::string_view kReadSql = sql::text("queries/ingest/read_shards.sql");
    const pg::Params shards = pg::Params{}.add_int4s(shards_in(shards_));
    const std::array<Statement, 3> statements{{{.sql = "BEGIN", .name = "begin"},
                                               {kLockSql, &shards, {}, "lock_shards"},
                                               {kReadSql, &shards, {}, "read_shards"}}};
    const auto answers = connection_->exec_pipeline(statements);
    if (!answers) return failure(answers.error());
    const pg::Rows& rows = answers->back();
    std::vector<std::int32_t> foreign;
    for (int i = 0; i < rows.size(); ++i) {
        if (rows.int8(i, 1) == writer_id_) continue;
        foreign.push_back(static_cast<std::int32_t>(rows.int8(i, 0)));
        cache_.invalidate_shard(foreign.back());
    }
    if (!foreign.empty()) {
        const auto done = exec("UPDATE public.shards SET writer = $2 WHERE shard = ANY ($1)",
                               pg::Params{}.add_int4s(foreign).add(writer_id_));
        if (!done) return failure(done.error());
    }
    return rows.int8(0, 2);
}

pg::Expected<std::vector<std::size_t>> Committer::stale_parts(std::span<Part> parts,
                                                              std::int64_t clock) {
    std::vector<std::int64_t> doubtful;
    for (const Part& part : parts) {
        const model::TenantCatalog& catalog = *part.layouts->catalog;
        if (catalog.clock() != clock) doubtful.push_back(catalog.tenant().value);
    }
    std::vector<std::size_t> stale;
    if (doubtful.empty()) return stale;
    const auto rows = connection_->exec(
        "SELECT tenant_id, catalog_epoch FROM public.tenants WHERE tenant_id = ANY ($1)",
        pg::Params{}.add_int8s(doubtful));
    if (!rows) return failure(rows.error());
    std::unordered_map<std::int64_t, std::int64_t> epochs;
    for (int i = 0; i < rows->size(); ++i) epochs[rows->int8(i, 0)] = rows->int8(i, 1);
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const model::TenantCatalog& catalog = *parts[i].layouts->catalog;
        if (catalog.clock() == clock) continue;
        const auto epoch = epochs.find(catalog.tenant().value);
        if (epoch != epochs.end() && epoch->second == catalog.epoch()) {
            catalog.confirm(clock);
        } else {
            stale.push_back(i);
        }
    }
    return stale;
}

std::vector<std::size_t> Committer::drop_deleted(std::span<Part> parts) {
    std::vector<std::size_t> refused;
    for (const Group& group : groups_) {
        if (!group.state.deleted) continue;
        for (std::uint32_t row = group.begin; row < group.end; ++row) {
            deleted_rows_.push_back(row);
            const std::size_t part = rows_[row].part;
            if (parts[part].job->request.atomic) refused.push_back(part);
        }
    }
    std::erase_if(groups_, [](const Group& group) { return group.state.deleted; });
    std::ranges::sort(refused);
    const auto repeated = std::ranges::unique(refused);
    refused.erase(repeated.begin(), repeated.end());
    return refused;
}

void Committer::drop_known_tags() {
    for (Group& group : groups_) {
        std::int64_t newest_us = group.state.newest_us;
        for (std::uint32_t i = group.begin; i < group.end; ++i) {
            Row& row = rows_[i];
            const bool late = to_micros(row.observed_at) < newest_us;
            newest_us = std::max(newest_us, to_micros(row.observed_at));
            if (!row.layout->has_tags) {
                forget_tags(group.state, *row.layout);
                continue;
            }
            const bool reported = group.state.newest_us != EntityState::kNever ||
                                  group.state.last_day != EntityState::kNoDay || i > group.begin;
            if (!knows_tags(group.state, row, reported, late)) continue;
            const storage::Layout* bare = without_tags(*row.layout);
            if (!bare->slots.empty()) row.layout = bare;
        }
    }
}

// A text that came without tags may be the value of one: the next tags are written again.
void Committer::forget_tags(EntityState& state, const storage::Layout& layout) {
    if (state.tags_hash == 0) return;
    const bool text = std::ranges::any_of(layout.slots, [](const storage::Slot& slot) {
        return model::group_of(slot.type) == model::Group::texts;
    });
    if (text) state.tags_hash = 0;
}

bool Committer::knows_tags(EntityState& state, const Row& row, bool reported, bool late) {
    const Observation& item = row.batch->observations()[row.observation];
    if (item.tags_are_identity) return reported;
    const bool same = state.tags_hash == item.tags_hash;
    // Late tags belong to their instant. Where they differ, the present ones were not written
    // since: they are, with the next line.
    if (late) {
        if (!same) state.tags_hash = 0;
        return false;
    }
    state.tags_hash = item.tags_hash;
    return same;
}

const storage::Layout* Committer::without_tags(const storage::Layout& layout) {
    auto [known, added] = without_tags_.try_emplace(&layout, nullptr);
    if (added) {
        std::vector<storage::Slot> slots = layout.slots;
        std::erase_if(slots, [](const storage::Slot& slot) { return slot.tag; });
        layouts_.push_back(storage::make_layout(std::move(slots), shapes_));
        known->second = &layouts_.back();
    }
    return known->second;
}

void Committer::apply_hot(std::span<Part> parts) {
    for (Group& group : groups_) {
        for (std::uint32_t i = group.begin; i < group.end; ++i) {
            hot_.apply(group.state, rows_[i], *parts[rows_[i].part].layouts->catalog);
        }
        hot_.finish_entity(group.key, group.state);
    }
}

pg::Expected<void> Committer::copy(std::string_view target, std::span<const Row> rows) {
    auto done = connection_->copy_begin(
        fmt::format("COPY {} {} FROM STDIN (FORMAT binary)", target, kObservationColumns));
    if (!done) return done;
    buffer_.clear();
    pg::CopyWriter writer(buffer_);
    writer.header();
    for (const Row& row : rows) {
        append_row(writer, row);
        if (buffer_.size() < kCopyChunkBytes) continue;
        if (done = connection_->copy_put(buffer_); !done) return done;
        buffer_.clear();
    }
    writer.trailer();
    if (done = connection_->copy_put(buffer_); !done) return done;
    const auto copied = connection_->copy_end();
    if (!copied) return failure(copied.error());
    return {};
}

pg::Expected<void> Committer::write_rows() {
    if (!merged_rows_.empty()) {
        if (const auto done = update_merged(); !done) return done;
    }
    if (new_rows_.empty()) return {};
    std::ranges::sort(new_rows_, {}, [](const Row& row) {
        return std::tuple(day_of(row.observed_at), row.tenant, row.entity, row.observed_at);
    });
    return copy("public.observations", new_rows_);
}

pg::Expected<void> Committer::update_merged() {
    static const std::string_view kSql = sql::text("queries/ingest/update_merged.sql");
    auto done = copy("pg_temp.merged_observations", merged_rows_);
    if (!done) return done;
    const auto [first, last] = std::ranges::minmax(merged_rows_, {}, &Row::observed_at);
    return exec(kSql, pg::Params{}.add(first.observed_at).add(last.observed_at));
}

// One round trip. The log's position is read after COMMIT: inside the transaction it would come out
// too low.
pg::Expected<Lsn> Committer::write_hot_and_commit() {
    std::vector<Statement> statements = hot_.statements();
    if (!statements.empty()) {
        // Of a table in many partitions planning takes longer than changing a few rows.
        statements.insert(
            statements.begin(),
            {.sql = "SET LOCAL plan_cache_mode = force_generic_plan", .name = "plan_once"});
    }
    statements.push_back({.sql = "COMMIT", .name = "commit"});
    statements.push_back({.sql = "SELECT pg_current_wal_flush_lsn()", .name = "position"});
    const auto answers = connection_->exec_pipeline(statements);
    if (answers) return parse_lsn(answers->back().text(0, 0)).value_or(Lsn{});
    // Where only the position could not be read, all is committed: the answer carries no token.
    const pg::Error& error = answers.error();
    const bool committed = error.kind != pg::ErrorKind::connection &&
                           error.statement + 1 == static_cast<int>(statements.size());
    if (committed) return Lsn{};
    return failure(error);
}

void Committer::remember() {
    has_merge_table_ |= made_merge_table_;
    for (const Group& group : groups_) cache_.put(group.state);
}

}  // namespace atlas::ingest
