// SPDX-License-Identifier: Apache-2.0
//
// What the gateway of a process with an analytics store answers from it.
//
//     Analytics (store), catalog → [AnalyticsAnswers] ─► source()    → router: series
//                                                      └► questions() → routes of analytics
//
// Both under the budget of analytics: see route/source.h.
//
// Lifetime   the analytics service, pool, catalog and clock outlive it.
// Threading  any thread.
#pragma once

#include <filesystem>
#include <memory>

#include "analytics/questions/analytics_reader.h"
#include "app/analytics.h"
#include "config/config.h"
#include "pg/pool.h"
#include "primary/primary_reader.h"
#include "route/analytics_route.h"
#include "route/source.h"

namespace atlas::app {

// Where Parquet files are written on their way out: beside the store, or where that cannot be
// written in a temporary folder, which goes with this.
class ResultsFolder {
public:
    explicit ResultsFolder(const std::filesystem::path& store);
    ResultsFolder(const ResultsFolder&) = delete;
    ResultsFolder& operator=(const ResultsFolder&) = delete;
    ~ResultsFolder();

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
    bool temporary_ = false;
};

class AnalyticsAnswers {
public:
    AnalyticsAnswers(Analytics& analytics, pg::Pool& pool, catalog::Catalog& catalog,
                     const Clock& clock, const config::Config& config);

    route::Source source();
    query::Analytics& questions() { return questions_; }

private:
    const route::Budget budget_;
    const std::unique_ptr<route::Lag> lag_;
    const ResultsFolder results_;
    analytics::AnalyticsReader reader_;
    route::AnalyticsRoute questions_;
};

}  // namespace atlas::app
