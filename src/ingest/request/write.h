// SPDX-License-Identifier: Apache-2.0
//
// What a protocol hands to the ingest path and what it gets back: the bytes of one request, and
// what became of every data point in it.
//
//     HTTP → WriteRequest → [Ingester] → WriteOutcome → response of the protocol
//
// Lifetime   plain data. A sink outlives the requests that were submitted to it.
// Threading  data: one owner at a time. WriteSink: any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/lsn.h"
#include "base/time.h"

namespace atlas::ingest {

enum class Format : std::uint8_t { json, ndjson, line };
enum class Precision : std::uint8_t { ns, us, ms, s, m, h };

// Why one item or data point is rejected; to_string gives the stable code of the API.
enum class ItemCode : std::uint8_t {
    invalid_json,
    invalid_line,
    unknown_field,
    missing_entity,
    invalid_entity,
    invalid_attribute_name,
    invalid_time,
    time_out_of_range,
    wrong_type,
    not_representable,
    value_too_large,
    entity_deleted,
    attribute_limit,
    entity_limit,
    schema_violation,
};
std::string_view to_string(ItemCode code);

struct ItemError {
    std::uint32_t index = 0;     // of the item, from 0
    std::uint32_t line = 0;      // of the body, from 1; 0 where lines mean nothing (a JSON array)
    std::string entity = {};     // empty when unknown
    std::string attribute = {};  // empty when the whole item is rejected
    ItemCode code{};
    std::string detail;  // what happened, the limit or what was expected, what to do
};

inline constexpr std::size_t kMaxItemErrors = 100;

enum class WriteStatus : std::uint8_t {
    done,             // committed, or nothing to store; look at the counts
    unreadable,       // the body as a whole does not parse; nothing stored (400)
    refused,          // every item rejected, or atomic and at least one was; nothing stored (422)
    tenant_inactive,  // nothing stored (403)
    tenant_unknown,   // the tenant was renamed; nothing stored (404)
    busy,             // a queue is full; nothing stored (429)
    unavailable,      // outcome unknown; retry (503)
};

struct WriteOutcome {
    WriteStatus status = WriteStatus::done;
    std::uint64_t accepted = 0;          // data points
    std::uint64_t rejected = 0;          // data points; an item that does not parse counts as one
    std::uint64_t overwritten = 0;       // accepted ones that a later item of the request replaced
    std::uint64_t dropped_lines = 0;     // line protocol: lines that lost something
    std::uint64_t kept_fields = 0;       // if there are such lines: the fields stored of all lines
    std::vector<ItemError> errors = {};  // at most kMaxItemErrors, in the order of the items
    bool errors_truncated = false;
    std::string detail = {};  // for `unreadable`, `unavailable`
    LogPosition token = {};   // at or after the commit of everything stored
};

struct WriteRequest {
    TenantId tenant;
    // The name by which the client chose the tenant; it must still be the tenant's at the commit.
    // Empty where the tenant is that of a token.
    std::string tenant_name = {};
    Format format = Format::json;
    Precision precision = Precision::ns;  // line protocol
    bool atomic = false;
    bool dry_run = false;  // the outcome that it would have; stores and registers nothing
    std::string body;      // decoded
    Time received_at;
    std::chrono::steady_clock::time_point deadline;  // the response by then is `unavailable`
    // Called exactly once, from a thread of the ingester or from submit() itself.
    std::function<void(WriteOutcome)> done;
};

// The entrance that protocols see. Implemented by ingest::Ingester.
class WriteSink {
public:
    virtual ~WriteSink() = default;
    // Never blocks. Any thread.
    virtual void submit(WriteRequest request) = 0;
};

}  // namespace atlas::ingest
