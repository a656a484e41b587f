// SPDX-License-Identifier: Apache-2.0
//
// How a gateway answers from the live index of its process: the source "live" of the router.
//
//     Index → [IndexAnswers] → route::Source → Router
//
// Lifetime   what it refers to outlives it.
// Threading  any thread.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "app/index.h"
#include "config/config.h"
#include "index/index_reader.h"
#include "pg/pool.h"
#include "primary/log_end.h"
#include "primary/primary_reader.h"
#include "route/source.h"

namespace atlas::app {

// The catalogs that the gateway caches: at most a second old.
class CachedCatalogs final : public index::Catalogs {
public:
    CachedCatalogs(pg::Pool& pool, catalog::Catalog& catalog) : pool_(pool), catalog_(catalog) {}
    model::TenantCatalogPtr find(TenantId tenant) override;

private:
    pg::Pool& pool_;
    catalog::Catalog& catalog_;
};

// Looks the newest observations of entities up in the database.
class StoredObservations final : public index::Observations {
public:
    explicit StoredObservations(pg::Pool& pool) : pool_(pool) {}
    query::Answer<void> find(TenantId tenant, std::span<Wanted> wanted) override;

private:
    pg::Pool& pool_;
};

// The age of the oldest commit that the index lacks; unknown until it holds the whole database.
class IndexLag final : public route::Lag {
public:
    explicit IndexLag(Index& index) : index_(index) {}
    std::optional<Micros> measured() const override;
    std::optional<Time> as_of() const override;

private:
    Index& index_;
};

class IndexBarrier final : public route::Barrier {
public:
    // A commit is in the index within a millisecond or two; beyond this the primary is faster.
    static constexpr std::chrono::milliseconds kPatience{20};

    // How long the primary has to show what is in the log.
    static constexpr std::chrono::milliseconds kSettled{100};

    IndexBarrier(Index& index, std::string conninfo) : index_(index), end_(std::move(conninfo)) {}
    std::optional<Acknowledged> acknowledged() override;
    bool await(LogPosition position) override;
    void settle() override;

private:
    bool shows(std::uint32_t xid);

    Index& index_;
    primary::LogEnd end_;
    std::mutex settling_;
    std::uint32_t settled_ = 0;  // the newest transaction known to be visible; under settling_
};

class IndexAnswers {
public:
    // `control` is for the catalog, `readers` for observations.
    IndexAnswers(Index& index, const std::string& conninfo, pg::Pool& control, pg::Pool& readers,
                 catalog::Catalog& catalog);
    route::Source source();
    // Where the primary's log ends; nullopt: it does not say.
    std::optional<LogPosition> end_of_log();
    // As a source, in /v1/status.
    http::StatusPart status() const;

private:
    Index& index_;
    CachedCatalogs catalogs_;
    StoredObservations observations_;
    index::IndexReader reader_;
    IndexLag lag_;
    IndexBarrier barrier_;
};

}  // namespace atlas::app
