// SPDX-License-Identifier: Apache-2.0
//
// Entities as a response shows them, from the rows of a pinned version.
//
//     Row → [Projection] → query::Entity
//
// As primary/entity_state.h: under present names, without dropped attributes, whatever the current
// state still has; without requested names in the order of jsonb.
//
// Lifetime   borrows the view, the catalog and the request.
// Threading  one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "index/tenant.h"
#include "model/tenant_catalog.h"
#include "query/answers.h"
#include "query/order.h"

namespace atlas::index {

class Projection {
public:
    // Without names: all that the current state has.
    Projection(const View& view, const model::TenantCatalog& catalog,
               const std::optional<query::NameList>& names);

    // last_observed_at is set where it is known.
    query::Entity show(Row row);

private:
    // Where a value and its instant are: under the name, or under the other one that a rename has
    // left; in each pair the first that has one counts.
    struct Source {
        std::string name;  // as it is shown
        const ColumnView* value = nullptr;
        const ColumnView* other_value = nullptr;
        const ColumnView* instant = nullptr;
        const ColumnView* other_instant = nullptr;
        const ColumnView* unless = nullptr;  // has a value, too: that one is shown instead
    };
    void add_all(const model::TenantCatalog& catalog);
    void add_named(const model::TenantCatalog& catalog, const std::vector<std::string>& names);

    const View& view_;
    std::vector<Source> sources_;
    std::string scratch_;
};

}  // namespace atlas::index
