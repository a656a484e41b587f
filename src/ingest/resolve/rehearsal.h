// SPDX-License-Identifier: Apache-2.0
//
// What a dry run does instead of changing the database: a copy of the catalog that has the changes,
// and rows whose entities need not exist.
//
//     Job → Validator → [rehearse_rows] → the outcome that a write would have
//
// Threading  any thread with a connection of its own; calls block on it.
#pragma once

#include <span>
#include <vector>

#include "ingest/request/job.h"
#include "ingest/request/row.h"
#include "ingest/resolve/catalog_writer.h"
#include "model/tenant_catalog.h"
#include "pg/connection.h"

namespace atlas::ingest {

// The catalog as it would be after register_attributes(), within the tenant's limit.
pg::Expected<model::TenantCatalogPtr> with_attributes(pg::Connection& connection,
                                                      const model::TenantCatalog& catalog,
                                                      std::span<const NewAttribute> attributes);
// As it would be after apply_change().
model::TenantCatalogPtr with_change(const model::TenantCatalog& catalog,
                                    const CatalogChange& change);

// As it would be after move_tag(); nullptr where the tag cannot be moved.
model::TenantCatalogPtr with_moved_tag(const model::TenantCatalog& catalog, std::string_view name);

// Rejects the rows of retired entities and of those over the tenant's limit, and counts values that
// a later item of the request replaces. Reads the entities; registers none.
pg::Expected<void> rehearse_rows(pg::Connection& connection, Job& job,
                                 const std::vector<Row>& rows);

}  // namespace atlas::ingest
