// SPDX-License-Identifier: Apache-2.0
//
// A follower that remembers what it was handed, for tests of the reader: as a store would, its
// checkpoint and its rows move together, with each commit.
//
// Lifetime   longer than the reader.
// Threading  the reader's thread calls it; the rest from any thread.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "pg/binary_result.h"
#include "stream/subscriber.h"

namespace atlas::stream {

inline std::string cell_text(const Column& column, const Cell& cell) {
    if (cell.kind == Cell::Kind::null) return "NULL";
    if (cell.kind == Cell::Kind::unchanged) return "unchanged";
    switch (column.type_oid) {
        case pg::kInt8Oid: return fmt::format("{}", pg::read_int8(cell.bytes));
        case pg::kInt4Oid: return fmt::format("{}", pg::read_int4(cell.bytes));
        case pg::kBoolOid: return pg::read_bool(cell.bytes) ? "true" : "false";
        case pg::kTextOid:
        case 1043:  // varchar
            return std::string(cell.bytes);
        default: return fmt::format("{} bytes", cell.bytes.size());
    }
}

class TestFollower : public Subscriber {
public:
    using Cells = std::map<std::string, std::string>;
    struct Row {
        Operation operation = Operation::insert;
        std::string table;
        Cells cells;
        Cells old_key;
        Position commit;
        Position end;
    };

    explicit TestFollower(std::string name = "test") : name_(std::move(name)) {}

    std::string_view name() const override { return name_; }
    std::optional<Checkpoint> checkpoint() const override {
        const std::scoped_lock lock(mutex_);
        return durable_;
    }
    std::optional<Checkpoint> applied() const override {
        const std::scoped_lock lock(mutex_);
        return applied_ ? applied_ : durable_;
    }

    Expected<void> ready() override {
        if (is_ready) return {};
        return failure(Error{.message = "not yet"});
    }
    Expected<void> resume(const Session& session) override {
        if (on_resume) on_resume();
        const std::scoped_lock lock(mutex_);
        ++sessions_;
        system_id_ = session.system_id;
        pending_.clear();
        if (!applied_) applied_ = Checkpoint{session.system_id, session.from};
        if (!durable_ && durable_commits) durable_ = applied_;
        return {};
    }
    Expected<void> begin(const Transaction&) override { return {}; }
    Expected<void> change(const Change& change) override {
        if (on_change) {
            if (auto done = on_change(change); !done) return done;
        }
        const std::scoped_lock lock(mutex_);
        ++changes_;
        if (!keep_rows) return {};
        Row row;
        row.operation = change.operation;
        row.table = change.relation->name;
        const auto& columns = change.relation->columns;
        for (std::size_t i = 0; i < change.row.size(); ++i) {
            row.cells[columns[i].name] = cell_text(columns[i], change.row[i]);
        }
        for (std::size_t i = 0; i < change.old_key.size(); ++i) {
            if (columns[i].key) {
                row.old_key[columns[i].name] = cell_text(columns[i], change.old_key[i]);
            }
        }
        pending_.push_back(std::move(row));
        return {};
    }
    Expected<void> message(const Message& message) override {
        const std::scoped_lock lock(mutex_);
        messages_.emplace_back(message.prefix, message.content);
        return {};
    }
    Expected<void> commit(const Transaction& transaction) override {
        const std::scoped_lock lock(mutex_);
        for (Row& row : pending_) {
            row.commit = transaction.commit;
            row.end = transaction.end;
            rows_.push_back(std::move(row));
        }
        pending_.clear();
        ++commits_;
        move_to(transaction.end);
        return {};
    }
    Expected<void> advance(Position position) override {
        const std::scoped_lock lock(mutex_);
        move_to(position);
        return {};
    }
    Expected<void> rest() override { return {}; }
    Expected<void> start_over() override {
        const std::scoped_lock lock(mutex_);
        rows_.clear();
        pending_.clear();
        durable_.reset();
        applied_.reset();
        ++started_over_;
        return {};
    }

    std::vector<Row> rows(std::string_view table = "observations") const {
        const std::scoped_lock lock(mutex_);
        std::vector<Row> found;
        for (const Row& row : rows_) {
            if (row.table == table) found.push_back(row);
        }
        return found;
    }
    // Of one column of a table, in the order of arrival.
    std::vector<std::string> values(std::string_view column,
                                    std::string_view table = "observations") const {
        std::vector<std::string> found;
        for (const Row& row : rows(table)) {
            const auto cell = row.cells.find(std::string(column));
            if (cell != row.cells.end()) found.push_back(cell->second);
        }
        return found;
    }
    std::vector<std::pair<std::string, std::string>> messages() const {
        const std::scoped_lock lock(mutex_);
        return messages_;
    }
    int sessions() const { return locked(sessions_); }
    int started_over() const { return locked(started_over_); }
    std::int64_t changes() const { return locked(changes_); }
    std::int64_t commits() const { return locked(commits_); }
    // What a crash leaves: memory is gone.
    void forget_what_is_not_durable() {
        const std::scoped_lock lock(mutex_);
        applied_ = durable_;
        pending_.clear();
    }
    void set_checkpoint(std::optional<Checkpoint> checkpoint) {
        const std::scoped_lock lock(mutex_);
        durable_ = applied_ = std::move(checkpoint);
    }
    void save() {
        const std::scoped_lock lock(mutex_);
        durable_ = applied_;
    }

    // Before the reader starts.
    bool durable_commits = true;  // else only save() moves the checkpoint
    bool keep_rows = true;
    std::atomic<bool> is_ready{true};
    bool hold_applied = false;  // what it is handed from now on stays unapplied
    std::function<Expected<void>(const Change&)> on_change;
    std::function<void()> on_resume;

private:
    template <class T>
    T locked(const T& value) const {
        const std::scoped_lock lock(mutex_);
        return value;
    }
    void move_to(Position position) {
        if (hold_applied) return;
        applied_ = Checkpoint{system_id_, position};
        if (durable_commits) durable_ = applied_;
    }

    const std::string name_;
    mutable std::mutex mutex_;
    std::string system_id_;
    std::optional<Checkpoint> durable_;
    std::optional<Checkpoint> applied_;
    std::vector<Row> pending_;
    std::vector<Row> rows_;
    std::vector<std::pair<std::string, std::string>> messages_;
    int sessions_ = 0;
    int started_over_ = 0;
    std::int64_t changes_ = 0;
    std::int64_t commits_ = 0;
};

}  // namespace atlas::stream
