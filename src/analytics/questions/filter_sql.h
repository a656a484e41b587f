// SPDX-License-Identifier: Apache-2.0
//
// Writes a bound filter as a condition of the analytics store, over `s` (store.entity_jsonb) and
// `e` (store.entities). It means what primary/filter_sql.h means: numbers compare by their digits
// as far as 38 of them, those of a double attribute as the nearest doubles, text byte by byte.
//
// Threading  pure functions; any thread.
#pragma once

#include <string>

#include "analytics/questions/sql_builder.h"
#include "base/ids.h"
#include "query/filter.h"

namespace atlas::analytics {

// Fails with invalid_filter where the filter asks for updated_at, which the store does not hold.
query::Answer<void> check_filter(const query::Filter& filter);

// Of a filter that was checked. Never NULL.
std::string filter_sql(const query::Filter& filter, Params& params);

// The ids of the tenant's entities that match, retired ones left out.
std::string matching_entities_sql(TenantId tenant, const query::Filter& filter, Params& params);

}  // namespace atlas::analytics
