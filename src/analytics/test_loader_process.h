// SPDX-License-Identifier: Apache-2.0
//
// A process as far as the loader goes, for tests: everything but the store ends with it.
//
// Lifetime   slot and store outlive it.
// Threading  the test's thread.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "analytics/initial_copy.h"
#include "analytics/loader.h"
#include "base/clock.h"
#include "observe/metrics.h"
#include "stream/primary_clock.h"
#include "stream/stream_reader.h"
#include "testing/test_cluster.h"

namespace atlas::analytics {

class LoaderProcess {
public:
    LoaderProcess(const std::string& conninfo, const stream::SlotHolder& slot,
                  AnalyticsStore& store, std::size_t max_points = LoaderBatch::kMaxPoints)
        : copy_(conninfo, plan_, store, registry_, max_points),
          source_(conninfo),
          primary_(conninfo, clock_),
          loader_(store, source_, plan_, copy_, registry_, clock_,
                  {.interval = std::chrono::milliseconds{5},
                   .position_interval = std::chrono::milliseconds{20},
                   .max_points = max_points}) {
        EXPECT_TRUE(loader_.open());
        stream::ReaderOptions options;
        options.conninfo = test::TestCluster::shared().as_replication(conninfo);
        options.longest_pause = std::chrono::milliseconds{200};
        primary_.start();
        reader_.emplace(std::move(options), std::vector<stream::Subscriber*>{&loader_}, slot,
                        primary_, registry_, clock_);
        reader_->start();
    }
    ~LoaderProcess() {
        loader_.interrupt();
        reader_->stop();
        loader_.stop();
        primary_.stop();
    }
    LoaderProcess(const LoaderProcess&) = delete;
    LoaderProcess& operator=(const LoaderProcess&) = delete;

    bool complete() const { return plan_.complete(); }
    // Why the loader is left out; empty: it is not.
    std::string failed() const {
        const auto failed = reader_->status().followers.at(0).failed;
        return failed ? failed->message : "";
    }
    std::string metrics() const { return registry_.render(); }

    Loader& loader() { return loader_; }
    observe::Registry& registry() { return registry_; }
    const Clock& clock() const { return clock_; }

private:
    SystemClock clock_;
    observe::Registry registry_;
    InitialCopyPlan plan_;
    InitialCopy copy_;
    DatabaseSource source_;
    stream::PrimaryClock primary_;
    Loader loader_;
    std::optional<stream::StreamReader> reader_;
};

}  // namespace atlas::analytics
