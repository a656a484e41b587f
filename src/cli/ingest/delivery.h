// SPDX-License-Identifier: Apache-2.0
//
// Delivers one chunk to the server: retries while the server is busy or away, and finds out which
// records were rejected and why. Repeating is safe because every record carries its time.
//
//     Chunk → [Delivery] → POST /v1/telemetry or /write
//
// Lifetime   borrows options and state.
// Threading  one thread and connection per Delivery; `rejected` is called from all of them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <string>

#include "cli/ingest/chunk.h"
#include "client/http_client.h"

namespace atlas::cli {

// What all deliveries of a run share.
struct DeliveryState {
    std::atomic<bool> stopping = false;
    // Steady milliseconds of the latest response that was final.
    std::atomic<std::int64_t> last_success_ms = 0;
};

struct Delivered {
    std::uint64_t records = 0;
    std::uint64_t points = 0;       // accepted; of line protocol the fields
    std::uint64_t rejected = 0;     // data points, or lines of line protocol
    std::uint64_t overwritten = 0;  // accepted, and replaced by a later one of the same request
};

class Delivery {
public:
    Delivery(const IngestOptions& options, FileFormat format, DeliveryState& state,
             OnReject rejected);

    // Blocks until every record is accepted or rejected. Throws CommandError for a status that a
    // retry does not change (no access, no such route), after the run's patience without any
    // success, and when the run stops.
    Delivered deliver(const Chunk& chunk);

private:
    struct Range {
        std::size_t first, count;  // items
    };
    client::Response send(std::string_view body);
    std::optional<client::Response> attempt(std::string_view body,
                                            std::chrono::milliseconds& pause);
    void deliver_json(const Chunk& chunk, Range range, Delivered& sum);
    void deliver_lines(const Chunk& chunk, Range range, Delivered& sum);
    void halve(const Chunk& chunk, Range range, Delivered& sum);
    void report_errors(const Chunk& chunk, Range range, const boost::json::value& response);
    static std::string_view body_of(const Chunk& chunk, Range range);

    const IngestOptions& options_;
    bool lines_;  // line protocol
    DeliveryState& state_;
    OnReject rejected_;
    client::HttpClient client_;
    std::string target_;
};

// Milliseconds of the steady clock.
std::int64_t steady_ms();

}  // namespace atlas::cli
