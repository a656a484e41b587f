// SPDX-License-Identifier: Apache-2.0
//
// Ingests one file: a thread that reads, several that deliver, and the caller's, which shows the
// progress and stores the state.
//
//     Input → ChunkReader → divide → bounded lanes → Delivery (one a lane) → done, in order
//
// The state is the place before the first chunk that is not yet delivered: the next run delivers
// again what follows, which changes nothing.
//
// Lifetime   borrows the options; its threads end before run() returns.
// Threading  one thread constructs and runs it.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "cli/ingest/attribute_types.h"
#include "cli/ingest/chunk.h"
#include "cli/ingest/delivery.h"
#include "cli/ingest/state.h"

namespace atlas::cli {

struct IngestTotals {
    std::uint64_t records = 0;
    std::uint64_t points = 0;
    std::uint64_t rejected = 0;
    std::uint64_t overwritten = 0;
    TimeNotes times;
    double seconds = 0;
};

class IngestRun {
public:
    // Opens the file; throws CommandError when that fails. `format` is that of its name.
    IngestRun(const IngestOptions& options, std::string file, FileFormat format);
    ~IngestRun();

    // Blocks until the file is delivered or SIGINT or SIGTERM arrives. Throws CommandError; what
    // was delivered until then is in the state. Once per object.
    IngestTotals run();
    // The file of rejected records; it exists only when there were any.
    const std::string& rejects_path() const { return rejects_path_; }

private:
    void read_all(const Place& place);
    void pass_on(Chunk& chunk);
    void deliver_all(std::size_t lane);
    std::optional<Chunk> take(std::size_t lane);
    void advance();
    void finish(const Chunk& chunk, const Delivered& delivered);
    void reject(const Reject& reject);
    void reject_here(const Reject& reject);
    void fail(std::exception_ptr error);
    void watch();
    void show_progress(bool last);
    void save_state();
    void join();

    // A chunk of the reader, and how many of its requests are not yet delivered.
    struct Passed {
        Place end;
        std::size_t open = 0;
    };

    const IngestOptions& options_;
    const std::string file_;
    std::string rejects_path_;
    std::unique_ptr<Input> input_;
    const FileFormat format_;
    std::optional<IngestState> state_;

    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::deque<Chunk>> lanes_;  // one a connection
    std::size_t queued_ = 0;
    std::map<std::uint64_t, Passed> passed_;  // by sequence, from next_done_ on
    std::uint64_t next_done_ = 0;
    Place place_;
    Place saved_;
    bool resumed_ = false;
    bool read_ = false;
    int working_ = 0;
    std::exception_ptr error_;
    IngestTotals totals_;
    std::ofstream rejects_;

    DeliveryState delivery_;
    AttributeTypes catalog_;  // used by the reader, and after it
    std::vector<std::pair<std::string, std::string>> units_;
    std::thread reader_;
    std::vector<std::thread> workers_;
    std::chrono::steady_clock::time_point begin_;
};

}  // namespace atlas::cli
