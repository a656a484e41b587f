// SPDX-License-Identifier: Apache-2.0
//
// Everything that can be configured, and where it is read from, in rising order: built-in default,
// atlas.toml, environment (ATLAS_…), flags.
//
//     atlas.toml, environment, flags → [load] → Config → roles
//
// A dot in a name is a table in the file: `ingest.oldest` is `oldest` under `[ingest]`. Unknown
// keys and flags stop the start-up and name the nearest known one; unknown variables do not,
// because container platforms set ATLAS_… variables of their own.
//
// Threading  one thread loads it; after that it does not change, and any thread reads it.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/option.h"

namespace atlas::config {

using namespace std::chrono_literals;

inline constexpr std::chrono::hours kYear{24 * 365};

struct Config : OptionTable {
    // Server
    TextOption listen{*this, "listen", "127.0.0.1:8470",
                      "Address and port of the HTTP server; port 0 picks a free one."};
    ChoiceOption auth{*this,
                      "auth",
                      "auto",
                      {"auto", "off", "token"},
                      "Whether requests require a token; auto: off under `atlas up` on a loopback "
                      "address, token otherwise. off is allowed on loopback only."};
    ListOption roles{*this,
                     "roles",
                     {"gateway", "jobs"},
                     {"gateway", "jobs", "stream", "analytics", "index"},
                     "Roles that `atlas serve` runs in this process; `atlas up` runs all."};
    DurationOption drain_delay{
        *this,
        "drain_delay",
        5s,
        0s,
        10min,
        "How long `atlas serve` keeps serving after SIGTERM, with /readyz at "
        "503; `atlas up` does not wait."};
    IntOption max_body_mb{*this, "http.max_body_mb",
                          32,    1,
                          1024,  "Maximum request body after decompression, in MiB."};
    IntOption http_threads{*this, "http.threads", 2, 1, 64, "Network I/O threads."};
    IntOption read_sessions{
        *this, "http.read_sessions",
        8,     1,
        200,   "Database sessions for reads, and so the maximum of reads at one time."};
    IntOption max_time_range_days{*this, "max_time_range_days",
                                  31,    1,
                                  3660,  "Maximum time range of one series request, in days."};
    ChoiceOption log_level{*this,
                           "log.level",
                           "info",
                           {"debug", "info", "warning", "error"},
                           "Minimum level logged to stderr."};
    // Database
    TextOption database{*this, "database", "",
                        "Conninfo of the PostgreSQL that `atlas serve` and `atlas migrate` use."};
    TextOption data{*this, "data", "",
                    "Data folder of `atlas up`; empty: $XDG_DATA_HOME/atlas, ~/.local/share/atlas, "
                    "or /var/lib/atlas for root."};
    TextOption postgres_bin{
        *this, "postgres.bin", "",
        "Folder of PostgreSQL's server programs; empty: the newest version found."};
    TextOption postgres_listen{*this, "postgres.listen", "",
                               "TCP address of the private PostgreSQL; empty: no TCP."};
    IntOption postgres_port{*this, "postgres.port",
                            5432,  1,
                            65535, "Port of the private PostgreSQL; also names its socket."};
    IntOption hot_partitions{*this,
                             "postgres.hot_partitions",
                             16,
                             1,
                             1024,
                             "Hash partitions of the current state; fixed when the database is "
                             "created."};
    // Ingest
    IntOption writers{*this, "ingest.writers",
                      2,     1,
                      16,    "Database sessions that write; each owns a share of the 64 shards."};
    IntOption queue_mb{
        *this,
        "ingest.queue_mb",
        64,
        1,
        4096,
        "Memory for write requests until they are committed, in MiB; a request takes three times "
        "its body. At the limit requests get 429."};
    DurationOption oldest{*this,       "ingest.oldest",
                          0s,          0s,
                          100 * kYear, "Observations older than this are rejected; 0s: no limit."};
    // Freshness
    DurationOption stream_target{*this, "freshness.stream_target",
                                 30s,   0s,
                                 24h,   "Lag of the change stream up to which it is on target."};
    DurationOption stream_maximum{
        *this, "freshness.stream_maximum",
        2min,  0s,
        24h,   "Lag of the change stream beyond which its state is `processing`."};
    DurationOption index_target{
        *this, "freshness.index_target",
        1s,    0s,
        24h,   "Lag of the live index up to which reads prefer it to the primary."};
    DurationOption index_maximum{*this,
                                 "freshness.index_maximum",
                                 5s,
                                 0s,
                                 24h,
                                 "Lag of the live index beyond which no read is served from "
                                 "it."};
    DurationOption analytics_target{
        *this, "freshness.analytics_target",
        5min,  0s,
        24h,   "Lag of analytics beyond which responses carry the warning analytics_lagging."};
    DurationOption analytics_maximum{
        *this, "freshness.analytics_maximum",
        15min, 0s,
        24h,   "Lag of analytics beyond which analytics_fallback applies."};
    ChoiceOption analytics_fallback{
        *this,
        "freshness.analytics_fallback",
        "answer",
        {"answer", "refuse"},
        "Beyond analytics_maximum: answer with the warning analytics_stale, or refuse with 412."};
    DurationOption export_max_lag{*this, "freshness.export_max_lag",
                                  15min, 0s,
                                  24h,   "Maximum lag of reads with purpose=export."};
    // Jobs
    BoolOption jobs{*this, "jobs.enabled", true,
                    "Whether the role jobs runs; false is the same as leaving it out of `roles`."};
    IntOption partitions_ahead{*this, "jobs.partitions_ahead",
                               3,     0,
                               60,    "Days ahead of today for which partitions are created."};
    DurationOption retention{
        *this,       "jobs.retention",
        0s,          0s,
        100 * kYear, "Whole partitions of history older than this are dropped; 0s: never."};
    DurationOption heartbeat{*this, "jobs.heartbeat", 5s, 1s, 1h, "Interval of the heartbeat row."};
    DurationOption stage_flush{*this, "jobs.stage_flush",
                               100ms, 10ms,
                               1h,    "Interval at which staged rows are moved to history."};
    IntOption stage_flush_rows{*this,   "jobs.stage_flush_rows",
                               50000,   1,
                               1000000, "Maximum number of staged rows moved in one transaction."};
    DurationOption pending_lists{
        *this, "jobs.pending_lists",
        10s,   1s,
        24h,   "Interval at which the pending lists of GIN indexes are flushed."};
    DurationOption reconcile{*this,    "jobs.reconcile",
                             1h,       1s,
                             30 * 24h, "Interval at which current state is compared with history."};
    IntOption reconcile_entities{
        *this,     "jobs.reconcile_entities",
        20000,     1,
        100000000, "Maximum number of entities compared in one run; runs take turns over all."};
    // Change stream
    DurationOption slot_lease{
        *this,
        "stream.slot_lease",
        10min,
        30s,
        30 * 24h,
        "How long a process that follows the log may be gone before its replication slot "
        "is dropped; it then starts over. Slots of stored data are never dropped."};
    // Live index
    BoolOption index{*this, "index.enabled", true,
                     "Whether the role index runs; false is the same as leaving it out of "
                     "`roles`."};
    IntOption index_memory_mb{
        *this,
        "index.memory_mb",
        1024,
        16,
        1048576,
        "Memory for the current state of all entities, in MiB. Beyond it the tenants that "
        "were not read for the longest time are answered by PostgreSQL."};
    // Analytics
    BoolOption analytics{*this, "analytics.enabled", true,
                         "Whether the role analytics runs; false is the same as leaving it out of "
                         "`roles`."};
    TextOption analytics_folder{*this, "analytics.folder", "",
                                "Folder of the analytics store; empty: analytics in the data "
                                "folder."};
    TextOption analytics_url{
        *this, "analytics.url", "",
        "Where other processes reach the one with the analytics store, such as "
        "http://10.0.0.5:8470; empty: where it listens, which it says in the database."};
    IntOption analytics_memory_mb{*this,   "analytics.memory_mb",
                                  512,     64,
                                  1048576, "Maximum memory of the analytics store, in MiB."};
    IntOption analytics_threads{
        *this, "analytics.threads", 1, 1, 256, "Threads that one analytics query may use."};
    DurationOption analytics_reconcile{
        *this,
        "analytics.reconcile",
        1h,
        1s,
        30 * 24h,
        "Interval at which yesterday and some older days of the analytics store are "
        "compared with history."};
    IntOption analytics_reconcile_days{
        *this, "analytics.reconcile_days",
        1,     0,
        10000, "Older days compared at each interval; they take turns."};
    DurationOption analytics_query_timeout{*this, "analytics.query_timeout",
                                           30s,   100ms,
                                           1h,    "Time that one analytics query may take."};
    // Collector
    BoolOption collect{*this, "collect", true,
                       "Whether `atlas up` collects the telemetry of this machine."};
};

// What to read; a source that is not given is not read.
struct Sources {
    std::optional<std::filesystem::path> file;
    std::function<const char*(const char*)> environment;     // as getenv
    std::vector<std::pair<std::string, std::string>> flags;  // name, text
};

// Sets the options and returns every problem, a line each; empty when there is none.
std::vector<std::string> load(Config& config, const Sources& sources);

// The file to read when none is named: atlas.toml in $XDG_CONFIG_HOME/atlas or ~/.config/atlas, or
// in /etc/atlas where we may read it; nullopt when there is none.
std::optional<std::filesystem::path> default_file();

// All options with values and where they come from, as a valid atlas.toml. Passwords in conninfos
// are shown as ***.
std::string print(const OptionTable& options);

// The value as it may be shown: without passwords.
std::string shown_value(const Option& option);

// docs/configuration.md.
std::string render_markdown(const OptionTable& options);

}  // namespace atlas::config
