// SPDX-License-Identifier: Apache-2.0
//
// Copies an existing database into a new store, part by part, while the log is applied: the slot
// comes first, then each part in a short snapshot of its own.
//
//     PostgreSQL → [InitialCopy] → Batch → AnalyticsStore        InitialCopyPlan → Loader
//
// How far it is lies in the store, in the transactions of the rows: after a crash it repeats the
// part that it was in, and no other. A part that retention dropped meanwhile is empty. A failure is
// logged and the part is begun again after a pause, without end.
//
// Lifetime   start() and stop() any number of times; the destructor stops. Plan, store and registry
//            outlive it.
// Threading  a thread and a session of its own. start() and stop() from one thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "analytics/initial_copy_plan.h"
#include "analytics/loader_batch.h"
#include "analytics/loader_shapes.h"
#include "analytics/store.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "pg/connection.h"
#include "stream/subscriber.h"

namespace atlas::analytics {

class InitialCopy {
public:
    InitialCopy(std::string conninfo, InitialCopyPlan& plan, AnalyticsStore& store,
                observe::Registry& registry, std::size_t max_points = LoaderBatch::kMaxPoints);
    InitialCopy(const InitialCopy&) = delete;
    InitialCopy& operator=(const InitialCopy&) = delete;
    ~InitialCopy();

    // The parts of a copy that begins now. The slot exists already. Blocks for two statements.
    stream::Expected<std::vector<CopyPart>> list_parts();
    // Copies what the plan has left.
    void start();
    // Returns when nothing more goes to the store.
    void stop();

private:
    struct Job;

    stream::Expected<pg::Connection*> session();
    void run();
    stream::Expected<void> copy(const InitialCopyPlan::Work& work);
    stream::Expected<stream::CopySnapshot> take_snapshot(pg::Connection& session,
                                                         const InitialCopyPlan::Work& work);
    stream::Expected<void> apply(const Batch& batch);
    bool pause(std::chrono::milliseconds wait);  // false: stopping

    const std::string conninfo_;
    const std::size_t max_points_;  // of a batch
    InitialCopyPlan& plan_;
    AnalyticsStore& store_;
    observe::Counter failures_;
    observe::Reading parts_;
    observe::Reading parts_left_;
    std::optional<pg::Connection> session_;
    std::string failed_for_;  // of the thread: why it failed last, in the log
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::atomic<bool> stopping_{false};
};

}  // namespace atlas::analytics
