// SPDX-License-Identifier: Apache-2.0
//
// The statement of an export: the points of a tenant in the columns of fact_telemetry.
//
// Threading  pure functions; any thread.
#pragma once

#include "analytics/questions/points_sql.h"
#include "query/analytics.h"

namespace atlas::analytics {

inline constexpr std::string_view kReadPosition =
    "SELECT timeline, CAST(lsn AS BIGINT), committed_at FROM store.position";

// The request's filter is bound. `narrow`: types that Parquet's readers take, too.
UnitSql export_sql(TenantId tenant, const query::ExportRequest& request, bool narrow);

}  // namespace atlas::analytics
