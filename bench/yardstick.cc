// SPDX-License-Identifier: Apache-2.0
#include "bench/yardstick.h"

#include <fmt/format.h>

#include <chrono>

#include "pg/copy_binary.h"

namespace atlas::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::int64_t kRowsPerBatch = 6000;
constexpr std::int64_t kBatches = 20;

// A table of its own, beside the real one: same columns, indexes and partitions.
constexpr std::string_view kMakeTable = R"(
CREATE TABLE yardstick (LIKE observations INCLUDING ALL) PARTITION BY RANGE (observed_at);
DO $$ BEGIN
    FOR i IN -365 .. 1 LOOP
        EXECUTE format('CREATE TABLE yardstick_p%s PARTITION OF yardstick '
                           'FOR VALUES FROM (%L) TO (%L)',
                       i + 365, (current_date + i)::timestamp AT TIME ZONE 'UTC',
                       (current_date + i + 1)::timestamp AT TIME ZONE 'UTC');
    END LOOP;
END $$)";

// One batch: every n-th entity, so that batches of one round spread over all.
std::string encode(const FleetShape& shape, std::int64_t batch, std::int64_t start_us) {
    std::string bytes;
    pg::CopyWriter copy(bytes);
    copy.header();
    const std::int64_t batches = std::max<std::int64_t>(shape.entities / kRowsPerBatch, 1);
    const Time at = time_from_micros(start_us + batch / batches * 1'000'000);
    for (std::int64_t i = 0; i < kRowsPerBatch; ++i) {
        const std::int64_t entity = i * batches + batch % batches;
        copy.tuple(10).int8(3 + entity * 1000 / (kRowsPerBatch * batches)).int8(entity);
        copy.timestamptz(at).timestamptz(at).int4(1).null();
        copy.begin_array(pg::kInt8Oid, static_cast<std::size_t>(shape.ints));
        for (int k = 0; k < shape.ints; ++k) copy.element_int8(i * 7 % 100'000);
        copy.end_array().begin_array(pg::kFloat8Oid, static_cast<std::size_t>(shape.doubles));
        for (int k = 0; k < shape.doubles; ++k) {
            copy.element_float8(static_cast<double>(i * 13 % 100'000) / 1000.0 + 0.0005);
        }
        copy.end_array().null().begin_array(pg::kTextOid, static_cast<std::size_t>(shape.strings));
        for (int k = 0; k < shape.strings; ++k) copy.element_text("state-07");
        copy.end_array();
    }
    copy.trailer();
    return bytes;
}

void copy_batch(pg::Connection& connection, const std::string& bytes) {
    auto done = connection.copy_begin("COPY yardstick FROM STDIN (FORMAT binary)");
    if (done) done = connection.copy_put(bytes);
    if (done) {
        if (const auto rows = connection.copy_end(); !rows) done = failure(rows.error());
    }
    if (!done) throw std::runtime_error("yardstick: " + done.error().message);
}

}  // namespace

double copy_points_per_second(Server& server, Fleet& fleet, double seconds, Report& report) {
    auto connection = server.database();
    must(connection.exec_script(kMakeTable));
    const auto start_us = to_micros(now()) - std::int64_t{6} * 3'600'000'000;
    std::int64_t rows = 0;
    double spent = 0;
    for (std::int64_t round = 0; spent < seconds; ++round) {
        // Encoding is not measured.
        std::vector<std::string> batches;
        batches.reserve(kBatches);
        for (std::int64_t b = 0; b < kBatches; ++b) {
            batches.push_back(encode(fleet.shape(), round * kBatches + b, start_us));
        }
        const auto begin = Clock::now();
        for (const std::string& batch : batches) copy_batch(connection, batch);
        spent += seconds_since(begin);
        rows += kBatches * kRowsPerBatch;
    }
    const double rate = static_cast<double>(rows * fleet.shape().points()) / spent;
    report.note(
        fmt::format("COPY BINARY of the same rows, one connection, {} rows a commit: {:.0f} "
                    "points/s over {:.0f} s",
                    kRowsPerBatch, rate, spent));
    return rate;
}

}  // namespace atlas::bench
