// SPDX-License-Identifier: Apache-2.0
//
// What the gateway of a process with an analytics store answers from it.
//
//     Analytics (store), catalog → [AnalyticsAnswers] → routes of analytics, series
//
// Lifetime   the analytics service, pool, catalog and clock outlive it.
// Threading  any thread.
#pragma once

#include <optional>

#include "analytics/questions/analytics_reader.h"
#include "app/analytics.h"
#include "config/config.h"
#include "pg/pool.h"
#include "primary/primary_reader.h"

namespace atlas::app {

class AnalyticsAnswers {
public:
    AnalyticsAnswers(Analytics& analytics, pg::Pool& pool, catalog::Catalog& catalog,
                     const Clock& clock, const config::Config& config);

    analytics::AnalyticsReader& reader() { return reader_; }
    // Of the store; nullopt: not known.
    std::optional<Micros> lag() const;

private:
    const Analytics& analytics_;
    analytics::AnalyticsReader reader_;
};

}  // namespace atlas::app
