// SPDX-License-Identifier: Apache-2.0
//
// The ingest path as a whole: a bounded queue, threads that parse and validate, writers that
// commit.
//
//     submit(request) → queue → parse → validate → resolve entities → split by shard → writers
//
// Lifetime   start() once, then stop(); what the constructor is given outlives it.
// Threading  submit() from any thread, never blocks.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "ingest/commit/writer.h"
#include "ingest/parse/json_parser.h"
#include "ingest/request/metrics.h"
#include "ingest/request/options.h"
#include "ingest/request/part.h"
#include "ingest/request/write.h"
#include "ingest/resolve/entity_directory.h"
#include "ingest/resolve/entity_resolver.h"
#include "ingest/resolve/validator.h"
#include "storage/shapes.h"

namespace atlas::ingest {

class Ingester final : public WriteSink {
public:
    Ingester(Options options, catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
             observe::Registry& registry, const Clock& clock);
    ~Ingester() override;

    // Starts the threads.
    void start();
    // Takes no more requests, commits or responds to those that were taken, ends the threads.
    // Blocks, at most until the deadline of the last request and a transaction. A second call does
    // nothing.
    void stop();
    // `busy` when the memory limit is reached, `unavailable` after stop(): both respond at once.
    void submit(WriteRequest request) override;

    // What became of all requests; lives as long as this.
    const WriteMeter& meter() const { return metrics_.writes; }

private:
    struct Parser;  // what one parsing thread owns

    void parse_loop();
    void serve(Parser& parser, const std::shared_ptr<Job>& job);
    pg::Expected<void> connect(Parser& parser);
    bool parse(Parser& parser, Job& job);
    pg::Expected<void> prepare(Parser& parser, const std::shared_ptr<Job>& job);
    pg::Expected<void> rehearse(Parser& parser, const std::shared_ptr<Job>& job,
                                Validator::Result result);
    void hand_out(const std::shared_ptr<Job>& job, Validator::Result result);
    ParseContext context_of(const WriteRequest& request) const;
    std::shared_ptr<Job> next();
    void expire_loop();

    const Options options_;
    const Clock& clock_;  // of deadlines
    catalog::Catalog& catalog_;
    Metrics metrics_;
    storage::ShapeRegistry& shapes_;
    EntityDirectory directory_;
    std::atomic<std::size_t> charged_{0};  // memory of the requests that have not been freed
    observe::Reading queued_bytes_;
    std::vector<std::unique_ptr<Writer>> writers_;

    std::mutex mutex_;
    std::condition_variable queued_;   // wakes parsers: work, or the end
    std::condition_variable stopped_;  // wakes the rest: the end
    std::deque<std::shared_ptr<Job>> queue_;
    std::multimap<std::chrono::steady_clock::time_point, std::weak_ptr<Job>> deadlines_;
    bool stopping_ = false;
    bool ended_ = false;
    std::vector<std::thread> parsers_;
    std::thread expirer_;
};

}  // namespace atlas::ingest
