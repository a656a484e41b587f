// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/writer.h"

#include <fmt/ranges.h>

#include <algorithm>

#include "assets/sql.h"
#include "catalog/server_check.h"

namespace atlas::ingest {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds kFirstPause{5};
constexpr milliseconds kLongestPause{250};
constexpr std::string_view kLockNotAvailable = "55P03";

std::int32_t day_number(const Row& row) {
    return static_cast<std::int32_t>(day_of(row.observed_at).time_since_epoch().count());
}

pg::SessionSettings writer_session(pg::SessionSettings settings) {
    settings.application_name = "atlas writer";
    return settings;
}

void erase_indices(std::vector<Part>& parts, const std::vector<std::size_t>& ascending) {
    for (std::size_t i = ascending.size(); i-- > 0;) {
        parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(ascending[i]));
    }
}

}  // namespace

Writer::Writer(const Options& options, catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
               EntityDirectory& directory, Metrics& metrics, const Clock& clock)
    : options_(options),
      clock_(clock),
      metrics_(metrics),
      committer_(catalog, shapes, metrics,
                 options.state_cache_bytes / static_cast<std::size_t>(options.writers)),
      validator_(catalog, shapes, options.max_value_bytes),
      resolver_(directory) {
}

Writer::~Writer() {
    stop();
}

void Writer::start() {
    thread_ = std::thread([this] { loop(); });
}

void Writer::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    filled_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Writer::push(Part part) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(std::move(part));
    }
    filled_.notify_one();
}

void Writer::loop() {
    for (Parts parts = take(); !parts.empty(); parts = take()) process(std::move(parts));
}

// Everything queued, up to the limit of a transaction; empty only after stop().
Writer::Parts Writer::take() {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    Parts parts;
    std::size_t rows = 0;
    while (!queue_.empty()) {
        rows += queue_.front().rows.size();
        if (!parts.empty() && rows > options_.max_transaction_rows) break;
        parts.push_back(std::move(queue_.front()));
        queue_.pop_front();
    }
    return parts;
}

void Writer::process(Parts parts) {
    doubted_ = false;
    pause_ = milliseconds{0};
    drop_expired(parts);
    while (!parts.empty()) {
        attempt(parts);
        drop_expired(parts);
    }
}

void Writer::attempt(Parts& parts) {
    if (!connect()) return back_off();
    if (!ensure_partitions(parts) || parts.empty()) return;
    const auto begin = steady_clock::now();
    const CommitOutcome outcome = committer_.run(parts);
    switch (outcome.status) {
        case CommitOutcome::Status::committed:
            metrics_.commit_seconds.observe(steady_clock::now() - begin);
            return committed(parts, outcome);
        case CommitOutcome::Status::stale: return revalidate(parts, outcome.parts);
        case CommitOutcome::Status::vanished: return announce_vanished(parts, outcome.parts);
        case CommitOutcome::Status::refused:
            for (const std::size_t part : outcome.parts) {
                for (const Row& row : parts[part].rows) {
                    parts[part].job->outcome.refuse_item(
                        row.observation, ItemCode::entity_deleted,
                        "an entity of the request is retired; with atomic=true nothing is stored");
                }
                parts[part].job->part_refused();
            }
            return erase_indices(parts, outcome.parts);
        case CommitOutcome::Status::too_large: return divide(parts);
        case CommitOutcome::Status::failed: return failed(parts, outcome);
    }
}

bool Writer::connect() {
    // A session in which ROLLBACK failed is still in its transaction.
    if (connection_ && connection_->usable() && !connection_->in_transaction()) return true;
    connection_.reset();
    auto opened = pg::Connection::open(options_.conninfo, writer_session(options_.session));
    if (!opened) {
        metrics_.retried.report("cannot reach PostgreSQL: {}", pg::describe(opened.error()));
        return false;
    }
    const auto set = opened->exec(sql::text("queries/ingest/writer_settings.sql"));
    if (!set) {
        metrics_.retried.report("cannot set up a session: {}", pg::describe(set.error()));
        return false;
    }
    connection_.emplace(std::move(*opened));
    check_settings();
    committer_.use(*connection_);
    partitions_.forget();
    return true;
}

// Whether committed means safe is also up to the server, where it may have changed since the last
// session. A failure shows in the next statement.
void Writer::check_settings() {
    const auto weak = catalog::weak_settings(*connection_);
    if (weak && !weak->empty()) {
        metrics_.weak_settings.report("{}", fmt::format("{}", fmt::join(*weak, ". ")));
    }
}

void Writer::disconnect() {
    connection_.reset();
}

void Writer::back_off() {
    pause_ = std::min(std::max(pause_ * 2, kFirstPause), kLongestPause);
    // Also while stopping: what is queued waits for the database until its deadline.
    std::this_thread::sleep_for(pause_);
}

// The clients of these have the response that the outcome is unknown.
void Writer::drop_expired(Parts& parts) const {
    const auto now = clock_.steady();
    std::erase_if(parts, [now](Part& part) {
        if (!part.job->expired(now) && !part.job->finished()) return false;
        part.job->part_unavailable(
            "The database did not confirm the commit in time. The outcome is unknown; retry.");
        return true;
    });
}

bool Writer::ensure_partitions(Parts& parts) {
    std::vector<std::int32_t> days;
    for (const Part& part : parts) {
        for (const Row& row : part.rows) {
            const std::int32_t day = day_number(row);
            if (days.empty() || days.back() != day) days.push_back(day);
        }
    }
    const auto refused = partitions_.ensure(*connection_, days);
    if (!refused) {
        CommitOutcome outcome;
        outcome.error = refused.error();
        failed(parts, outcome);
        return false;
    }
    if (refused->empty()) return true;
    for (Part& part : parts) {
        std::erase_if(part.rows, [&](const Row& row) {
            if (std::ranges::find(*refused, day_number(row)) == refused->end()) return false;
            part.job->outcome.refuse_item(row.observation, ItemCode::time_out_of_range,
                                          "no more time partitions can be created; drop old ones "
                                          "or send times closer to now");
            return true;
        });
    }
    std::erase_if(parts, [](Part& part) {
        if (!part.rows.empty() && !part.job->refused_as_a_whole()) return false;
        part.job->part_refused();
        return true;
    });
    return true;
}

void Writer::revalidate(Parts& parts, const std::vector<std::size_t>& stale) {
    std::vector<std::size_t> ended;
    for (const std::size_t i : stale) {
        const auto valid = revalidate_part(parts[i]);
        if (!valid) {  // the next attempt finds the rest stale again
            failed(valid.error());
            break;
        }
        if (!*valid) ended.push_back(i);
    }
    erase_indices(parts, ended);
}

// False when the part has ended.
pg::Expected<bool> Writer::revalidate_part(Part& part) {
    std::vector<std::uint32_t> observations;
    observations.reserve(part.rows.size());
    for (const Row& row : part.rows) observations.push_back(row.observation);
    auto result = validator_.validate(*connection_, *part.job, observations, true);
    if (!result) return failure(std::move(result.error()));
    if (!result->tenant_active) {
        part.job->part_tenant_inactive();
        return false;
    }
    if (!result->tenant_named) {
        part.job->part_tenant_unknown();
        return false;
    }
    // The job's entities are those of another time; its rows may go to other shards than before.
    const std::int64_t epoch = result->layouts->catalog->entities_epoch();
    if (epoch != part.job->entities_epoch) {
        const auto resolved = resolver_.resolve(*connection_, *part.job, epoch, result->rows);
        if (!resolved) return failure(resolved.error());
    }
    part.rows = std::move(result->rows);
    part.layouts = std::move(result->layouts);
    if (!part.rows.empty() && !part.job->refused_as_a_whole()) return true;
    part.job->part_refused();
    return false;
}

// Triggers were disabled when entities of these parts were deleted (sql/objects/37_edits.sql). With
// the raised epochs the next attempt finds the parts stale, and every gateway asks again.
void Writer::announce_vanished(const Parts& parts, const std::vector<std::size_t>& vanished) {
    std::vector<std::int64_t> tenants;
    tenants.reserve(vanished.size());
    for (const std::size_t i : vanished) tenants.push_back(parts[i].job->request.tenant.value);
    const auto done = connection_->exec(sql::text("queries/ingest/raise_entities_epochs.sql"),
                                        pg::Params{}.add_int8s(tenants));
    if (!done) return failed(done.error());
    back_off();
}

void Writer::committed(Parts& parts, const CommitOutcome& outcome) {
    metrics_.transactions.add();
    for (Part& part : parts) {
        metrics_.observations.add(part.rows.size());
        part.job->part_committed(outcome.token);
    }
    parts.clear();
}

void Writer::failed(Parts& parts, const CommitOutcome& outcome) {
    const pg::Error& error = outcome.error;
    if (error.kind == pg::ErrorKind::data) {
        // A cached state may be wrong or a partition gone: drop the caches and try again, once.
        if (!std::exchange(doubted_, true)) {
            committer_.forget();
            partitions_.forget();
            return;
        }
        return split(parts, error);
    }
    if (error.sqlstate == kLockNotAvailable) end_stalled();
    failed(error, outcome.in_doubt);
}

// Whatever failed is repeated after a pause, in a new session if this one is gone.
void Writer::failed(const pg::Error& error, bool in_doubt) {
    metrics_.retried.report("a transaction failed{}: {}",
                            in_doubt ? " in COMMIT, its outcome is unknown and it is repeated" : "",
                            pg::describe(error));
    if (error.kind == pg::ErrorKind::connection || !connection_->usable()) disconnect();
    back_off();
}

void Writer::end_stalled() {
    const auto ended = committer_.end_stalled(options_.session.statement_timeout);
    if (!ended) {
        metrics_.retried.report("cannot terminate stalled sessions: {}",
                                pg::describe(ended.error()));
    } else if (*ended > 0) {
        metrics_.retried.report("terminated {} stalled sessions of other gateways", *ended);
    }
}

// Several parts, or several rows of one.
bool Writer::divisible(const Parts& parts) {
    return parts.size() > 1 ||
           (parts.front().rows.size() > 1 && !parts.front().job->request.atomic);
}

// Together with what is stored at the same instants the parts exceed the memory of a transaction.
void Writer::divide(Parts& parts) {
    if (divisible(parts)) return halve(parts);
    parts.front().job->part_unavailable(
        "With atomic=true the request is one transaction. Merging it with the observations stored "
        "at the same times exceeds the memory limit of a transaction; send smaller requests.");
    parts.clear();
}

// PostgreSQL rejects one of the rows although it was validated: halve the parts until it is alone.
void Writer::split(Parts& parts, const pg::Error& error) {
    if (divisible(parts)) return halve(parts);
    Part& part = parts.front();
    for (const Row& row : part.rows) {
        part.job->outcome.refuse_item(row.observation, ItemCode::not_representable,
                                      "PostgreSQL rejected it: " + error.message);
        metrics_.poisoned.report("PostgreSQL rejected a row: {}", pg::describe(error));
    }
    part.job->part_refused();
    parts.clear();
}

// Attempts the first half; the second is left.
void Writer::halve(Parts& parts) {
    Parts halves;
    if (parts.size() > 1) {
        const auto middle = parts.begin() + static_cast<std::ptrdiff_t>(parts.size() / 2);
        halves.assign(std::move_iterator(middle), std::move_iterator(parts.end()));
        parts.erase(middle, parts.end());
    } else {
        Part& part = parts.front();
        const auto middle = part.rows.begin() + static_cast<std::ptrdiff_t>(part.rows.size() / 2);
        part.job->add_part();
        halves.push_back({part.job, part.layouts, {middle, part.rows.end()}});
        part.rows.erase(middle, part.rows.end());
    }
    while (!parts.empty()) {
        attempt(parts);
        drop_expired(parts);
    }
    parts = std::move(halves);
}

}  // namespace atlas::ingest
