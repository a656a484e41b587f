// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/metrics.h"

namespace atlas::ingest {

Metrics::Metrics(observe::Registry& registry)
    : writes(registry),
      observations(registry, "atlas_ingest_observations_total", "Observations committed."),
      transactions(registry, "atlas_ingest_transactions_total", "Transactions committed."),
      commit_seconds(registry, "atlas_ingest_commit_duration_seconds",
                     "From BEGIN to COMMIT of one group commit."),
      retried(registry, "atlas_ingest_retries_total", "Transactions that had to be repeated.",
              observe::Level::warning),
      poisoned(registry, "atlas_ingest_poisoned_rows_total",
               "Rows that PostgreSQL rejected although they were validated.",
               observe::Level::error),
      shape_failed(
          registry, "atlas_ingest_shape_failures_total",
          "Failed attempts to register a shape, whose rows list their attributes until one "
          "succeeds.",
          observe::Level::warning),
      weak_settings(registry, "atlas_ingest_weak_settings_total",
                    "Writers' sessions on a server whose settings weaken what a 200 promises.",
                    observe::Level::warning, std::chrono::minutes{10}) {
}

}  // namespace atlas::ingest
