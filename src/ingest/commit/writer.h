// SPDX-License-Identifier: Apache-2.0
//
// Commits the parts of its shards, as many at a time as have gathered while the last transaction
// ran (group commit). Rides out restarts of PostgreSQL, repeats what is in doubt before anything
// later, and finds the row that PostgreSQL refuses.
//
//     Ingester → push(part) → [Writer] → Committer → Job::part_…()
//
// Lifetime   start() once, stop() commits what is queued and ends the thread.
// Threading  push() from any thread; the rest is the writer's own.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "ingest/commit/committer.h"
#include "ingest/commit/partitions.h"
#include "ingest/request/metrics.h"
#include "ingest/request/options.h"
#include "ingest/request/part.h"
#include "ingest/resolve/validator.h"

namespace atlas::ingest {

class Writer {
public:
    Writer(const Options& options, catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
           Metrics& metrics);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    void start();
    void stop();
    void push(Part part);

private:
    using Parts = std::vector<Part>;

    void loop();
    Parts take();
    void process(Parts parts);
    // One attempt; leaves in `parts` what is still to be done.
    void attempt(Parts& parts);
    bool connect();
    void drop_expired(Parts& parts) const;
    bool ensure_partitions(Parts& parts);
    void revalidate(Parts& parts, const std::vector<std::size_t>& stale);
    bool revalidate_part(Part& part);
    void committed(Parts& parts, const CommitOutcome& outcome);
    void failed(Parts& parts, const CommitOutcome& outcome);
    static bool divisible(const Parts& parts);
    void divide(Parts& parts);
    void halve(Parts& parts);
    void split(Parts& parts, const pg::Error& error);
    void disconnect();
    void back_off();

    const Options& options_;
    Metrics& metrics_;
    Committer committer_;
    Validator validator_;
    Partitions partitions_;
    std::optional<pg::Connection> connection_;
    std::chrono::milliseconds pause_{0};
    bool doubted_ = false;  // a refusal of data has been met with a cleared memory once

    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Part> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace atlas::ingest
