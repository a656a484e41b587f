// SPDX-License-Identifier: Apache-2.0
//
// The analytics store as a source of answers: structured questions, SQL of users, named queries,
// export, and series.
//
//     HTTP routes ─► query::Analytics ─┐
//     router ──────► query::Reader ────┴─► [AnalyticsReader] ─► DuckStore, a connection per request
//
// Each answer reads one snapshot of the store: its position in the log and every statement of a
// request are of the same moment. Lists and single entities are not answered here: unavailable.
//
// Lifetime   store, clock and what `catalogs` uses outlive it, and its streams.
// Threading  any thread; each call blocks on a connection of its own. At most max_running calls
//            run at a time, others are refused as busy.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "analytics/duckdb/duck_store.h"
#include "analytics/questions/sandbox.h"
#include "analytics/questions/session.h"
#include "analytics/questions/streams.h"
#include "base/clock.h"
#include "query/analytics.h"
#include "query/reader.h"

namespace atlas::analytics {

// The catalog of a tenant; `newest`: not one that was read before. Fails as a read.
using Catalogs = std::function<query::Answer<model::TenantCatalogPtr>(TenantId, bool newest)>;

struct ReaderOptions {
    std::chrono::milliseconds query_timeout{30'000};
    std::chrono::milliseconds export_timeout{600'000};
    std::int64_t max_rows = query::kMaxAnalyticsRows;  // of a result
    std::size_t max_bytes = std::size_t{64} << 20U;    // of a result that is held in memory
    int max_running = 8;
    // By how many bytes the process may grow during a statement of a user.
    std::uint64_t query_growth = std::uint64_t{1} << 30U;
    // Whether the store holds the whole database; until then there are no answers.
    std::function<bool()> filled = [] { return true; };
    std::filesystem::path folder = {};  // for Parquet on its way out; must exist
};

class AnalyticsReader final : public query::Reader, public query::Analytics {
public:
    AnalyticsReader(duckdb::DuckStore& store, Catalogs catalogs, const Clock& clock,
                    ReaderOptions options);

    query::Answer<query::EntityAnswer> get(const query::GetRequest& request) override;
    query::Answer<query::EntityPage> list(const query::ListRequest& request) override;
    query::Answer<query::SeriesPage> series(const query::SeriesRequest& request) override;

    query::Answer<query::ResultTable> query(const query::AnalyticsRequest& request,
                                            query::ResultFormat format,
                                            const query::Caller& caller) override;
    query::Answer<query::ResultTable> sql(const query::SqlRequest& request,
                                          query::ResultFormat format,
                                          const query::Caller& caller) override;
    std::vector<query::NamedQuery> queries() const override;
    query::Answer<query::ResultTable> named(const query::NamedRequest& request,
                                            query::ResultFormat format,
                                            const query::Caller& caller) override;
    query::Answer<std::unique_ptr<query::ByteStream>> export_points(
        const query::ExportRequest& request, const query::Caller& caller) override;

private:
    query::Answer<Session> begin();
    template <class Resolve>
    query::Answer<model::TenantCatalogPtr> with_catalog(TenantId tenant, Resolve resolve);
    template <class Request>
    query::Answer<model::TenantCatalogPtr> bind(Request& request, TenantId tenant);
    query::Answer<query::ResultTable> run(Sandbox& sandbox, const query::SqlRequest& request,
                                          query::ResultFormat format, bool ordered,
                                          const duckdb::Limits& limits);
    struct Parquet {
        std::string bytes;
        std::int64_t rows = 0;
    };
    query::Answer<Parquet> parquet_of(duckdb::Connection& connection, std::string_view sql,
                                      const query::SqlRequest& params,
                                      const duckdb::Limits& limits);
    std::unique_ptr<TemporaryFile> new_file(std::string_view extension);
    duckdb::Limits limits(const query::Caller& caller) const;

    duckdb::DuckStore& store_;
    const Catalogs catalogs_;
    const Clock& clock_;
    const ReaderOptions options_;
    std::shared_ptr<std::atomic<int>> running_ = std::make_shared<std::atomic<int>>(0);
    std::atomic<std::uint64_t> files_{0};
};

}  // namespace atlas::analytics
