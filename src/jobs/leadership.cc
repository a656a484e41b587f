// SPDX-License-Identifier: Apache-2.0
#include "jobs/leadership.h"

#include "assets/sql.h"
#include "observe/log.h"
#include "pg/reopen.h"

namespace atlas::jobs {
namespace {

constexpr std::chrono::seconds kLookInterval{1};

pg::SessionSettings leader_session() {
    pg::SessionSettings settings;
    settings.application_name = "atlas leader";
    settings.connect_timeout = std::chrono::seconds(2);
    settings.statement_timeout = std::chrono::seconds(5);
    return settings;
}

}  // namespace

Leadership::Leadership(std::string conninfo, observe::Registry& registry, const Clock& clock)
    : conninfo_(std::move(conninfo)),
      clock_(clock),
      gauge_(registry, "atlas_jobs_leader",
             "1 in the process that runs the jobs of its database, else 0.") {
}

Leadership::~Leadership() {
    stop();
}

void Leadership::start() {
    thread_ = std::thread([this] { watch(); });
}

void Leadership::stop() {
    {
        const std::scoped_lock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

// One statement asks whether the session lives and whether it holds the lock, and takes the lock
// where it is free.
bool Leadership::look() {
    if (!pg::reopen(session_, conninfo_, leader_session())) return false;
    const auto rows = session_->exec(sql::text("queries/jobs/lead.sql"));
    if (!rows) session_.reset();
    return rows && rows->boolean(0, 0);
}

void Leadership::watch() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        lock.unlock();
        const bool now = look();
        if (now != leads_.exchange(now)) {
            observe::log_info("{} the background jobs of this database",
                              now ? "running" : "no longer running");
            gauge_.set(now ? 1 : 0);
        }
        lock.lock();
        clock_.wait_for(wake_, lock, kLookInterval, [this] { return stopping_; });
    }
    leads_ = false;
    session_.reset();
}

}  // namespace atlas::jobs
