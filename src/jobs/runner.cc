// SPDX-License-Identifier: Apache-2.0
#include "jobs/runner.h"

#include <algorithm>

#include "assets/sql.h"
#include "pg/connection.h"

namespace atlas::jobs {
namespace {

using namespace std::chrono_literals;

// A job that rests longer than this gives its session back meanwhile.
constexpr std::chrono::milliseconds kKeepSession{30'000};
// A process that does not lead, or cannot reach the database, checks again this often.
constexpr std::chrono::milliseconds kRetry{1'000};
constexpr std::chrono::milliseconds kEarliestRetry{100};
constexpr std::chrono::milliseconds kShortestRest{1};

pg::SessionSettings job_session(const std::string& job) {
    pg::SessionSettings settings;
    settings.application_name = "atlas " + job;
    settings.statement_timeout = std::chrono::minutes(30);
    settings.idle_in_transaction_timeout = std::chrono::minutes(1);
    return settings;
}

}  // namespace

struct Runner::Worker {
    Worker(Job given, observe::Registry& registry)
        : job(std::move(given)),
          runs(registry, "atlas_jobs_runs_total", "Runs of background jobs.", label()),
          failed(registry, "atlas_jobs_failures_total", "Runs of background jobs that failed.",
                 observe::Level::warning, 60s, label()),
          duration(registry, "atlas_jobs_duration_seconds", "Duration of background jobs.",
                   label()) {}

    observe::Labels label() const { return {{"job", job.name}}; }

    const Job job;
    observe::Counter runs;
    observe::Event failed;
    observe::Histogram duration;
    bool ended = false;
    std::optional<pg::Connection> session;  // opened and closed under the runner's lock
    std::thread thread;
};

Runner::Runner(std::string conninfo, std::vector<Job> jobs, observe::Registry& registry,
               const Clock& clock)
    : conninfo_(std::move(conninfo)), clock_(clock) {
    if (std::ranges::any_of(jobs, &Job::leader_only)) {
        leadership_.emplace(conninfo_, registry, clock);
    }
    for (auto& job : jobs) workers_.push_back(std::make_unique<Worker>(std::move(job), registry));
}

Runner::~Runner() {
    stop();
}

void Runner::start() {
    if (leadership_) leadership_->start();
    for (auto& worker : workers_) {
        worker->thread = std::thread([this, &one = *worker] { loop(one); });
    }
}

void Runner::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    // A request to cancel that arrives between two statements is lost, so it is repeated.
    std::unique_lock lock(mutex_);
    for (auto& worker : workers_) {
        while (worker->thread.joinable() && !worker->ended) {
            if (worker->session) worker->session->cancel();
            wake_.wait_for(lock, 50ms);
        }
    }
    lock.unlock();
    for (auto& worker : workers_) {
        if (worker->thread.joinable()) worker->thread.join();
    }
    if (leadership_) leadership_->stop();
}

// False when the runner stops before.
bool Runner::wait_until(Clock::Steady until) {
    std::unique_lock lock(mutex_);
    return !clock_.wait_until(wake_, lock, until, [this] { return stopping_; });
}

void Runner::close(Worker& worker) {
    const std::scoped_lock lock(mutex_);
    worker.session.reset();
}

void Runner::run_once(Worker& worker) {
    if (!worker.session || !worker.session->usable()) {
        auto opened = pg::Connection::open(conninfo_, job_session(worker.job.name));
        if (!opened) {
            worker.failed.report("job {} has no session: {}", worker.job.name,
                                 pg::describe(opened.error()));
            return;
        }
        // A server that cannot watch its client still bounds each statement.
        static_cast<void>(opened->exec(sql::text("queries/jobs/watch_client.sql")));
        const std::scoped_lock lock(mutex_);
        if (stopping_) return;
        worker.session.emplace(std::move(*opened));
    }
    const auto began = clock_.steady();
    const auto done = worker.job.run(*worker.session);
    worker.runs.add();
    worker.duration.observe(clock_.steady() - began);
    if (done) return;
    close(worker);
    const std::scoped_lock lock(mutex_);
    if (!stopping_)
        worker.failed.report("job {} failed: {}", worker.job.name, pg::describe(done.error()));
}

void Runner::loop(Worker& worker) {
    for (;;) {
        const bool mine = !worker.job.leader_only || leads();
        auto due = clock_.steady() + worker.job.interval;
        if (mine) run_once(worker);
        const bool failed = mine && !worker.session;
        if (!mine || (!failed && worker.job.interval > kKeepSession)) close(worker);
        const auto ended = clock_.steady();
        if (!mine || failed) due = std::clamp(due, ended + kEarliestRetry, ended + kRetry);
        if (!wait_until(std::max(due, ended + kShortestRest))) break;
    }
    close(worker);
    const std::scoped_lock lock(mutex_);
    worker.ended = true;
    wake_.notify_all();
}

}  // namespace atlas::jobs
