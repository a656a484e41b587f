// SPDX-License-Identifier: Apache-2.0
//
// Reads what a plan asks for, in its transaction and under its locks, and tells it.
//
// Threading  the writer's thread; every function blocks on the connection, unless the plan asks for
//            nothing.
#pragma once

#include "catalog/catalog.h"
#include "ingest/commit/commit_plan.h"
#include "ingest/commit/state_cache.h"
#include "pg/connection.h"

namespace atlas::ingest {

// The states of the plan's groups: from the cache, which gives them away, or from the database,
// together with their newest instants; groups whose entity does not exist are marked. Loads a
// catalog where a state names an attribute that the plan's lacks.
pg::Expected<void> fill_states(pg::Connection& connection, catalog::Catalog& catalog,
                               StateCache& cache, CommitPlan& plan);
// The results of the plan's searches.
pg::Expected<void> fill_later(pg::Connection& connection, CommitPlan& plan);
// The stored observations that the plan's rows meet, as far as they fit.
pg::Expected<void> fill_existing(pg::Connection& connection, CommitPlan& plan);

}  // namespace atlas::ingest
