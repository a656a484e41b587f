// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "bench/analytics.h"
#include "bench/command.h"
#include "bench/follower.h"
#include "collect/collector.h"

namespace atlas::bench {
namespace {

constexpr double kGoal = 8;  // bytes a data point, of what was recorded

// Recorded telemetry as CSV: where it is, and how each of its columns of values is sent.
struct Recording {
    const char* name;
    const char* file;
    std::int64_t records;
    std::vector<const char*> passes;  // commands between the file and the server
};

const std::vector<Recording>& recordings() {
    static const std::vector<Recording> all{
        {"fleet_azure_vm",
         "fleet_azure_vm/telemetry.csv.zst",
         4'083'691,
         {"{0} --entity entity_id --time starttime --name-column attr_id --value-column value",
          R"(sed '2,$ s/,\(a[0-9]*\),/,\1_runtime,/' | {0} --entity entity_id --time starttime )"
          "--name-column attr_id --value-column runtime"}},
        {"many_attrs_hpc_ipmi",
         "many_attrs_hpc_ipmi/readings.csv.zst",
         5'660'922,
         {"{0} --entity node --time ts --name-column sensor --value-column value "
          "--null 'no reading,Not Readable'"}},
    };
    return all;
}

void describe(const Report& report, std::string_view name, const StoreSize& size,
              std::optional<double> goal) {
    const auto each = [&](double bytes) { return bytes / static_cast<double>(size.points); };
    report.note(fmt::format(
        "{}: {} points: points {:.2f}, rollups {:.2f} (those of days are made of those of hours), "
        "dimensions {:.2f} bytes a point; the file {:.2f}, with blocks that are free",
        name, size.points, each(size.points_bytes), each(size.hourly_bytes),
        each(size.dimension_bytes), each(size.file_bytes)));
    report.metric({fmt::format("bytes_per_point_{}", name), each(size.used_bytes), goal, {}, {}});
    report.metric({fmt::format("bytes_per_point_{}_points_alone", name),
                   each(size.points_bytes),
                   {},
                   {},
                   {}});
}

// Everything that the server has, in a store of its own, as if two days had passed.
void measure(const Server& server, const Settings& settings, Report& report,
             std::string_view name) {
    auto database = server.database();
    const auto points =
        must(database.exec("SELECT coalesce(sum(cardinality(coalesce(o.attrs, s.attrs))), 0) "
                           "FROM observations o LEFT JOIN shapes s USING (shape_id)"))
            .int8(0, 0);
    Follower follower(server, settings, {.folder = {}, .min_settled_points = 1});
    follower.start();
    follower.await_copy();
    follower.stop();
    follower.compact(std::chrono::hours{48});
    const StoreSize size = measure_store(follower.store());
    if (size.points != points || points == 0) {
        report.wrong(
            fmt::format("{}: {} points in the database, {} stored", name, points, size.points));
        return;
    }
    describe(report, name, size, kGoal);
}

void measure_recording(const Recording& recording, const Settings& settings, Report& report) {
    const auto file = std::filesystem::path(settings.recorded) / recording.file;
    if (settings.recorded.empty() || !std::filesystem::exists(file)) {
        report.note(fmt::format("not measured: {}, for want of {}; --recorded names its folder",
                                recording.name, recording.file));
        return;
    }
    const Server server(settings);
    // Rejected records are no failure: exit code 1.
    const std::string ingest = fmt::format(
        "'{}' ingest - --url {} --format csv --rejects /dev/null", settings.program, server.url());
    for (const char* pass : recording.passes) {
        // All in a shell of its own, so that it is its exit code that counts.
        output_of(fmt::format("zstd -dcq '{}' | head -n {} | ({} >&2 || [ $? = 1 ])", file.string(),
                              settings.scaled(recording.records, 1000) + 1,
                              fmt::format(fmt::runtime(pass), ingest)));
    }
    measure(server, settings, report, recording.name);
}

void measure_collected(const Settings& settings, Report& report) {
    const Server server(settings);
    const double seconds = settings.seconds_or(60);
    collect::CollectorOptions options;
    options.server.url = server.url();
    collect::Collector collector(std::move(options));
    collector.start();
    // The passing of time is what is recorded.
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
    collector.stop();
    report.note(fmt::format("atlas collect for {:.0f} s; an hour is --seconds 3600", seconds));
    measure(server, settings, report, "atlas_collect");
}

}  // namespace

// Goal: what a data point takes in the store once its day is settled and its hours are aggregated.
// Method: the blocks of the file that are in use. The recorded sets lie in a folder that is named.
void analytics_storage(SharedMonth& shared, const Settings& settings, Report& report) {
    describe(report, "made", shared.get(settings, report).size(), {});
    for (const Recording& one : recordings()) measure_recording(one, settings, report);
    measure_collected(settings, report);
}

}  // namespace atlas::bench
