// SPDX-License-Identifier: Apache-2.0
#include "bench/log_reader.h"

#include <atomic>
#include <chrono>
#include <mutex>

#include "base/clock.h"
#include "observe/metrics.h"
#include "stream/primary_clock.h"
#include "stream/slot_lease.h"
#include "stream/stream_reader.h"

namespace atlas::bench {
namespace {

using stream::Expected;

class Counter final : public stream::Subscriber {
public:
    std::string_view name() const override { return "count"; }
    std::optional<stream::Checkpoint> checkpoint() const override {
        const std::scoped_lock lock(mutex_);
        return checkpoint_;
    }
    Expected<void> resume(const stream::Session& session) override {
        const std::scoped_lock lock(mutex_);
        checkpoint_ = stream::Checkpoint{session.system_id, session.from};
        return {};
    }
    Expected<void> begin(const stream::Transaction&) override { return {}; }
    Expected<void> change(const stream::Change& change) override {
        if (change.relation->table == stream::Table::observations) ++rows_;
        return {};
    }
    Expected<void> commit(const stream::Transaction& transaction) override {
        return advance(transaction.end);
    }
    Expected<void> advance(stream::Position position) override {
        const std::scoped_lock lock(mutex_);
        if (checkpoint_) checkpoint_->position = position;
        return {};
    }
    Expected<void> rest() override { return {}; }
    Expected<void> start_over() override {
        const std::scoped_lock lock(mutex_);
        checkpoint_.reset();
        return {};
    }
    std::int64_t rows() const { return rows_; }

private:
    mutable std::mutex mutex_;
    std::optional<stream::Checkpoint> checkpoint_;
    std::atomic<std::int64_t> rows_{0};
};

}  // namespace

struct LogReader::Parts {
    Parts(const std::string& conninfo, const std::string& name)
        : primary(conninfo, clock),
          lease({.conninfo = conninfo, .role = "bench", .address = name, .durable = false},
                registry, clock),
          reader({.conninfo = conninfo}, {&counter}, lease, primary, registry, clock) {
        primary.start();
        lease.start();
        reader.start();
    }
    ~Parts() {
        reader.stop();
        lease.stop();
        primary.stop();
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    SystemClock clock;
    observe::Registry registry;
    Counter counter;
    stream::PrimaryClock primary;
    stream::SlotLease lease;
    stream::StreamReader reader;
};

LogReader::LogReader(const Server& server, const std::string& name)
    : parts_(std::make_unique<Parts>(server.conninfo(), name)) {
    await_that("a follower of the log has begun", 60, std::chrono::milliseconds{10},
               [this] { return parts_->counter.checkpoint().has_value(); });
}

LogReader::~LogReader() = default;

void LogReader::await(Lsn lsn, double seconds) const {
    await_that("a follower has everything", seconds, std::chrono::milliseconds{5}, [this, lsn] {
        const auto checkpoint = parts_->counter.checkpoint();
        return checkpoint && checkpoint->position.lsn >= lsn;
    });
}

std::int64_t LogReader::rows() const {
    return parts_->counter.rows();
}

}  // namespace atlas::bench
