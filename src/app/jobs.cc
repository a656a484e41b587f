// SPDX-License-Identifier: Apache-2.0
#include "app/jobs.h"

#include "jobs/standard_jobs.h"

namespace atlas::app {
namespace {

std::vector<jobs::Job> all_jobs(const config::Config& config, jobs::Reconciler& reconciler) {
    auto jobs = jobs::standard_jobs(config);
    jobs.push_back(reconciler.job(config.reconcile()));
    return jobs;
}

}  // namespace

Jobs::Jobs(const std::string& conninfo, const ProcessContext& process)
    : reconciler_(process.config.reconcile_entities(), process.registry),
      runner_(conninfo, all_jobs(process.config, reconciler_), process.registry, process.clock) {
}

http::StatusPart Jobs::status() const {
    if (runner_.leads()) return {.name = kJobsRole, .state = "running"};
    return {.name = kJobsRole,
            .state = "standby",
            .detail = "another process runs them, or the database cannot be reached"};
}

}  // namespace atlas::app
