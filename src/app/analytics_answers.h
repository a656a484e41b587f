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

#include <memory>

#include "analytics/questions/analytics_reader.h"
#include "app/analytics.h"
#include "config/config.h"
#include "pg/pool.h"
#include "primary/primary_reader.h"
#include "route/analytics_route.h"
#include "route/source.h"

namespace atlas::app {

class AnalyticsAnswers {
public:
    AnalyticsAnswers(Analytics& analytics, pg::Pool& pool, catalog::Catalog& catalog,
                     const Clock& clock, const config::Config& config);

    route::Source source();
    query::Analytics& questions() { return questions_; }

private:
    const route::Budget budget_;
    const std::unique_ptr<route::Lag> lag_;
    analytics::AnalyticsReader reader_;
    route::AnalyticsRoute questions_;
};

}  // namespace atlas::app
