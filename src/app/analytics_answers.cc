// SPDX-License-Identifier: Apache-2.0
#include "app/analytics_answers.h"

#include <stdlib.h>

#include "app/stages.h"
#include "observe/log.h"
#include "primary/database_error.h"

namespace atlas::app {
namespace {

namespace fs = std::filesystem;

// What a killed process left there is removed.
bool make_empty(const fs::path& folder) {
    std::error_code error;
    fs::remove_all(folder, error);
    fs::create_directories(folder, error);
    return !error;
}

// Where Parquet files are written on their way out: beside the store, or where that cannot be
// written in the folder of temporary files.
fs::path make_folder(const fs::path& store) {
    const fs::path home = store.parent_path();
    std::error_code error;
    // As the store makes it, which may come later: nobody else may read it.
    if (!store.empty() && fs::create_directories(home, error)) {
        fs::permissions(home, fs::perms::owner_all, error);
    }
    if (!store.empty() && make_empty(home / "results")) return home / "results";
    std::string temporary = fs::temp_directory_path(error) / "atlas-results-XXXXXX";
    if (::mkdtemp(temporary.data()) == nullptr) {
        observe::log_warning("no folder {} can be made: no results as Parquet", temporary);
    }
    return temporary;
}

// By how much a statement of a user may let the process grow: the store's own memory, and 512 MiB
// for texts and lists, which it does not count.
std::uint64_t query_growth(const config::Config& config) {
    return static_cast<std::uint64_t>(config.analytics_memory_mb() + 512) << 20U;
}

analytics::Catalogs catalogs_of(pg::Pool& pool, catalog::Catalog& catalog) {
    return
        [&pool, &catalog](TenantId tenant, bool newest) -> query::Answer<model::TenantCatalogPtr> {
            auto session = pool.acquire();
            if (!session) return failure(primary::database_error(std::move(session.error())));
            auto found =
                newest ? catalog.reload(**session, tenant) : catalog.get_recent(**session, tenant);
            if (!found) return failure(primary::database_error(std::move(found.error())));
            if (*found && (*found)->active()) return std::move(*found);
            return failure(query::Error{.code = query::ErrorCode::tenant_inactive,
                                        .detail = "This tenant is inactive."});
        };
}

}  // namespace

AnalyticsAnswers::AnalyticsAnswers(Analytics& analytics, pg::Pool& pool, catalog::Catalog& catalog,
                                   const Clock& clock, const config::Config& config)
    : budget_(analytics_budget(config)),
      lag_(analytics.lag()),
      reader_(analytics.store(), catalogs_of(pool, catalog), clock,
              {.query_timeout = config.analytics_query_timeout(),
               .query_growth = query_growth(config),
               .filled = [&analytics] { return analytics.filled(); },
               .folder = make_folder(analytics.store().path())}),
      questions_(kAnalyticsRole, reader_, *lag_, budget_) {
}

route::Source AnalyticsAnswers::source() {
    return {.name = kAnalyticsRole,
            .reader = reader_,
            .lag = *lag_,
            .authoritative = false,
            .budget = budget_,
            .analytics = true};
}

}  // namespace atlas::app
