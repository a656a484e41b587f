// SPDX-License-Identifier: Apache-2.0
//
// The rows of one request that one transaction writes. A request is split by shard into parts, at
// least one for each writer that has rows of it.
//
// Lifetime   a part keeps its job and the layouts of its rows alive.
// Threading  one owner at a time: the ingester, then a writer.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "ingest/request/job.h"
#include "ingest/request/row.h"
#include "model/tenant_catalog.h"
#include "storage/layout.h"

namespace atlas::ingest {

// The layouts of one validation and the catalog they follow.
struct LayoutSet {
    model::TenantCatalogPtr catalog;
    std::deque<storage::Layout> layouts;
};

struct Part {
    std::shared_ptr<Job> job;
    std::shared_ptr<const LayoutSet> layouts;
    std::vector<Row> rows;  // in the order of the items
};

}  // namespace atlas::ingest
