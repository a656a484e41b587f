// SPDX-License-Identifier: Apache-2.0
//
// A loader over a store in memory, driven by hand: for tests.
//
// Threading  the test's thread.
#pragma once

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analytics/initial_copy.h"
#include "analytics/loader.h"
#include "analytics/test_changes.h"
#include "analytics/test_memory_store.h"
#include "base/clock.h"
#include "testing/eventually.h"

namespace atlas::analytics {

// Rows that a test puts there.
class FakeSource final : public LoaderSource {
public:
    stream::Expected<void> all_shapes(LoaderShapes& into) override {
        for (const auto& [id, attributes] : shapes) add(id, attributes, into);
        return {};
    }
    stream::Expected<void> shape(std::int32_t id, LoaderShapes& into) override {
        ++asked;
        if (shapes.contains(id))
            add(id, shapes[id], into);
        else
            into.add_empty(id);
        return {};
    }
    stream::Expected<void> observation(const ObservationKey& key, const UseRow& use) override {
        ++asked;
        const auto relation = versioned(observations_relation());
        if (observations.contains(key)) use(relation, observations[key].cells());
        return {};
    }
    stream::Expected<void> dimension(const DimensionKey& key, const UseRow& use) override {
        ++asked;
        for (auto& [row_key, relation, row] : rows) {
            if (row_key == key) use(versioned(relation), row.cells());
        }
        return {};
    }
    stream::Expected<void> range(const TimeRange& times, const UseRow& use) override {
        const auto relation = versioned(observations_relation());
        for (auto& [key, row] : observations) {
            if (times.from <= key.observed_at && key.observed_at < times.until) {
                use(relation, row.cells());
            }
        }
        return {};
    }
    stream::Expected<stream::CopySnapshot> snapshot() override {
        ++snapshots;
        return shown;
    }

    stream::CopySnapshot shown;
    int snapshots = 0;  // asked for

    struct Row {
        DimensionKey key;
        stream::Relation relation;
        TestRow row;
    };
    std::map<std::int32_t, std::vector<std::int32_t>> shapes;
    std::map<ObservationKey, TestRow> observations;
    std::vector<Row> rows;
    int asked = 0;

private:
    static stream::Relation versioned(stream::Relation relation) {
        relation.version = 1000;
        return relation;
    }
    static void add(std::int32_t id, const std::vector<std::int32_t>& attributes,
                    LoaderShapes& into) {
        TestRow row;
        row.int4s(attributes);
        into.add(id, row.cells()[0].bytes);
    }
};

class LoaderTest : public ::testing::Test {
protected:
    static stream::Position at(std::uint64_t lsn) { return {.timeline = 1, .lsn = Lsn{lsn}}; }
    // As a store is whose copy is complete and that holds the log until `lsn`.
    void make_complete(std::uint64_t lsn) {
        Batch batch;
        batch.until = at(lsn);
        batch.notes = {{.name = "copy", .text = "complete"}, {.name = "system", .text = "77"}};
        ASSERT_TRUE(store_.apply(batch));
    }
    void open(LoaderOptions options = {.interval = std::chrono::milliseconds{0}}) {
        loader_.reset();
        copy_.reset();
        registry_ = std::make_unique<observe::Registry>();
        plan_ = std::make_unique<InitialCopyPlan>();
        copy_ = std::make_unique<InitialCopy>("host=/nonexistent", *plan_, store_, *registry_);
        loader_ =
            std::make_unique<Loader>(store_, source_, *plan_, *copy_, *registry_, clock_, options);
        ASSERT_TRUE(loader_->open());
        ASSERT_TRUE(resume());
    }
    // As the reader does after a failure, too.
    stream::Expected<void> resume() {
        const auto checkpoint = loader_->checkpoint();
        return loader_->resume(
            {.system_id = "77", .from = checkpoint ? checkpoint->position : at(0)});
    }

    stream::Transaction transaction(std::uint64_t commit) {
        return {.commit = at(commit),
                .end = at(commit),
                .committed_at = time_from_micros(static_cast<std::int64_t>(commit)),
                .xid = static_cast<std::uint32_t>(commit)};
    }
    stream::Expected<void> begin(std::uint64_t commit) {
        transaction_ = transaction(commit);
        return loader_->begin(transaction_);
    }
    // Ends 8 bytes after its commit record.
    stream::Expected<void> commit() {
        transaction_.end.lsn.value += 8;
        return loader_->commit(transaction_);
    }
    stream::Expected<void> change(stream::Operation operation, TestRow row,
                                  std::optional<TestRow> old = std::nullopt) {
        return change(relation_, operation, std::move(row), std::move(old));
    }
    stream::Expected<void> change(const stream::Relation& relation, stream::Operation operation,
                                  TestRow row, std::optional<TestRow> old = std::nullopt) {
        stream::Change change{
            .operation = operation, .relation = &relation, .row = row.cells(), .old_key = {}};
        if (old) change.old_key = old->cells();
        if (operation == stream::Operation::remove) change.row = {};
        return loader_->change(change);
    }
    // One double, under the attribute 1.
    static TestRow observation(std::int64_t entity, std::int64_t time, double value) {
        TestRow row;
        row.int8(2).int8(entity).time(time).time(time);
        return row.null().int4s({1}).null().doubles({value}).null().null();
    }
    stream::Expected<void> insert(std::int64_t entity, std::int64_t time, double value) {
        return change(stream::Operation::insert, observation(entity, time, value));
    }
    stream::Expected<void> update(std::int64_t entity, std::int64_t time, double value) {
        return change(stream::Operation::update, observation(entity, time, value));
    }
    stream::Expected<void> remove(std::int64_t entity, std::int64_t time) {
        return change(stream::Operation::remove, {}, old_key(2, entity, time));
    }
    // Lets the store take what was collected.
    [[nodiscard]] bool settle() {
        return test::eventually([&] {
            const auto rested = loader_->rest();
            const auto applied = loader_->applied();
            return !rested || (applied && applied->position >= transaction_.end);
        });
    }
    std::string value(std::int64_t entity, std::int64_t time) {
        const auto points = store_.points();
        const auto found = points.find(fmt::format("2 {} {} 1", entity, time));
        return found == points.end() ? "" : found->second;
    }

    SystemClock clock_;
    MemoryStore store_;
    FakeSource source_;
    std::unique_ptr<observe::Registry> registry_;
    std::unique_ptr<InitialCopyPlan> plan_;
    std::unique_ptr<InitialCopy> copy_;
    std::unique_ptr<Loader> loader_;
    stream::Relation relation_ = observations_relation();
    stream::Transaction transaction_;
};

}  // namespace atlas::analytics
