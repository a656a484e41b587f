// SPDX-License-Identifier: Apache-2.0
//
// The role `jobs`: the background jobs of a database, in the one of its processes that leads.
//
// Lifetime   the process context outlives it.
// Threading  as Service.
#pragma once

#include <string>

#include "app/service.h"
#include "app/services.h"
#include "jobs/reconcile.h"
#include "jobs/runner.h"

namespace atlas::app {

class Jobs final : public Service {
public:
    // `conninfo` opens sessions of the owner: jobs drop partitions and refresh views.
    Jobs(const std::string& conninfo, const ProcessContext& process);

    void start() override { runner_.start(); }
    // Cancels what runs.
    void stop() override { runner_.stop(); }
    http::StatusPart status() const override;

private:
    jobs::Reconciler reconciler_;
    jobs::Runner runner_;  // last: its jobs use the reconciler
};

}  // namespace atlas::app
