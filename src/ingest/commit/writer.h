// SPDX-License-Identifier: Apache-2.0
//
// Commits the parts of its shards, in one transaction as many as arrived during the last one (group
// commit). Waits for PostgreSQL while it restarts, repeats a commit whose outcome is unknown before
// anything later, and finds the row that PostgreSQL rejects.
//
//     Ingester → push(part) → [Writer] → Committer → Job::part_…()
//
// Lifetime   start() once; stop() commits what is queued and ends the thread.
// Threading  push() from any thread; the rest on its own thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "ingest/commit/committer.h"
#include "ingest/commit/partitions.h"
#include "ingest/request/metrics.h"
#include "ingest/request/options.h"
#include "ingest/request/part.h"
#include "ingest/resolve/entity_resolver.h"
#include "ingest/resolve/validator.h"

namespace atlas::ingest {

class Writer {
public:
    Writer(const Options& options, catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
           EntityDirectory& directory, Metrics& metrics, const Clock& clock);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Starts the thread.
    void start();
    // Commits what is queued, as far as its deadlines allow, and ends the thread. Blocks.
    void stop();
    // Queues a part. Does not block and is not bounded here: the ingester's memory limit bounds it.
    void push(Part part);

private:
    using Parts = std::vector<Part>;

    void loop();
    Parts take();
    void process(Parts parts);
    // One attempt; leaves in `parts` what has not ended.
    void attempt(Parts& parts);
    bool connect();
    void check_settings();
    void drop_expired(Parts& parts) const;
    bool ensure_partitions(Parts& parts);
    void revalidate(Parts& parts, const std::vector<std::size_t>& stale);
    pg::Expected<bool> revalidate_part(Part& part);
    void announce_vanished(const Parts& parts, const std::vector<std::size_t>& vanished);
    void committed(Parts& parts, const CommitOutcome& outcome);
    void failed(Parts& parts, const CommitOutcome& outcome);
    void failed(const pg::Error& error, bool in_doubt = false);
    void end_stalled();
    static bool divisible(const Parts& parts);
    void divide(Parts& parts);
    void halve(Parts& parts);
    void split(Parts& parts, const pg::Error& error);
    void disconnect();
    void back_off();

    const Options& options_;
    const Clock& clock_;  // of deadlines
    Metrics& metrics_;
    Committer committer_;
    Validator validator_;
    EntityResolver resolver_;
    Partitions partitions_;
    std::optional<pg::Connection> connection_;
    std::chrono::milliseconds pause_{0};
    bool doubted_ = false;  // caches were dropped because PostgreSQL rejected data

    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<Part> queue_;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace atlas::ingest
