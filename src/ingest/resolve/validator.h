// SPDX-License-Identifier: Apache-2.0
//
// Turns the observations of a job into rows: names become attributes (registered when they are
// new), values are checked against their types, and what cannot be stored is rejected data point by
// data point. Tags of line protocol are stored, and registered, with fields only. A tag gives way
// to a field of its name: what only tags have written moves to <name>_tag, and what a field has
// written takes no tag but one that fits.
//
//     Batch + TenantCatalog → [Validator] → rows + rejections
//
// Lifetime   one per thread; the catalog and the shapes outlive it.
// Threading  one thread at a time; blocks on the connection only to load or change the catalog.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "catalog/catalog.h"
#include "ingest/request/job.h"
#include "ingest/request/part.h"
#include "ingest/resolve/catalog_writer.h"
#include "ingest/resolve/value_check.h"
#include "storage/shapes.h"

namespace atlas::ingest {

class Validator {
public:
    Validator(catalog::Catalog& catalog, storage::ShapeRegistry& shapes,
              std::size_t max_value_bytes)
        : catalog_(catalog), shapes_(shapes), max_value_bytes_(max_value_bytes) {}

    struct Result {
        bool tenant_active = true;
        bool tenant_named = true;  // false: the tenant's name is not the request's any more
        std::shared_ptr<const LayoutSet> layouts;
        std::uint64_t overwritten = 0;  // data points that a later one of the same item replaced
        std::vector<Row> rows;          // without entities where the job has not resolved them yet
    };

    // Validates `observations` (indices) of the job against the newest catalog that `connection`
    // needs to see: the cached one unless `reload`. Rejections go to the job. A dry run changes a
    // copy of the catalog.
    pg::Expected<Result> validate(pg::Connection& connection, Job& job,
                                  std::span<const std::uint32_t> observations, bool reload);

private:
    enum class Verdict : std::uint8_t { keep, keep_int, skip, refused };
    struct Pending {  // a rejection, recorded once no catalog change asks for another round
        std::uint32_t observation;
        std::uint32_t place;  // of the point in it
        Refusal refusal;
    };

    void resolve_names(const Batch& batch);
    bool has_unknown_null(const Job& job, std::span<const std::uint32_t> observations) const;
    pg::Expected<bool> register_unknown(pg::Connection& connection, const Job& job,
                                        std::span<const std::uint32_t> observations, bool tags);
    bool stores_a_field(const Job& job, std::uint32_t observation) const;
    const model::Attribute* attribute_of(const Batch& batch, const Point& point);
    bool gives_way(const model::Attribute& attribute, const Job& job, const Point& point) const;
    pg::Expected<bool> move_tags(pg::Connection& connection, const Job& job);
    pg::Expected<bool> move_tag(pg::Connection& connection, const Job& job, std::string_view name);
    pg::Expected<void> change_catalog(pg::Connection& connection, const Job& job);
    bool choose_points(const Job& job, std::uint32_t observation, std::span<const Point> points,
                       bool refused);
    void check_all(const Job& job, std::span<const std::uint32_t> observations, Result& result);
    Verdict check_point(const Job& job, std::uint32_t observation, std::uint32_t place,
                        const Point& point);
    Verdict check_slow(const Job& job, std::uint32_t observation, std::uint32_t place,
                       const Point& point);
    const storage::Layout* layout_of(const Batch& batch, std::span<const Point> points);
    storage::Layout build_layout(const Batch& batch, std::span<const Point> points);

    catalog::Catalog& catalog_;
    storage::ShapeRegistry& shapes_;
    const std::size_t max_value_bytes_;

    // Of the current validation.
    std::shared_ptr<LayoutSet> set_;
    std::vector<const model::Attribute*> attributes_;  // by name id; nullptr: unknown
    // Where a tag of the name goes, by name id: nullopt not looked up, nullptr nowhere.
    std::vector<std::optional<const model::Attribute*>> tag_homes_;
    std::vector<std::uint32_t> moves_;      // name ids of tags that have to give way to a field
    std::vector<std::uint32_t> immovable_;  // and of those that cannot
    std::vector<std::uint32_t> key_;        // name ids to store, with bits; kNoName: left out
    std::vector<std::uint32_t> last_key_;
    const storage::Layout* last_layout_ = nullptr;
    std::unordered_map<std::string, const storage::Layout*> layouts_;  // by the bytes of the key
    std::vector<Pending> pending_;
    std::vector<std::uint32_t> bare_;  // observations of which only tags are left
    CatalogChange change_;
    model::TenantCatalogPtr draft_;  // of a dry run: the catalog with the changes so far
};

}  // namespace atlas::ingest
