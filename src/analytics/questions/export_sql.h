// SPDX-License-Identifier: Apache-2.0
//
// The statement of an export: the points of a tenant in the columns of fact_telemetry.
//
// Threading  pure functions; any thread.
#pragma once

#include "analytics/questions/points_sql.h"
#include "query/analytics.h"

namespace atlas::analytics {

// The position of the store: timeline, lsn, committed_at.
std::string_view read_position_sql();

// Which points: as DuckDB cannot hand over the rows of a UNION ALL while it finds them (see
// formatted_sql()), those of superseded attributes have a statement of their own.
enum class ExportPart { all, current, superseded };

// The request's filter is bound. `narrow`: types that Parquet's readers take, too.
UnitSql export_sql(TenantId tenant, const query::ExportRequest& request, ExportPart part,
                   bool narrow);

}  // namespace atlas::analytics
