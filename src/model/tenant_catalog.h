// SPDX-License-Identifier: Apache-2.0
//
// Where names become attributes: all attributes of one tenant, as they were when the snapshot was
// loaded. Immutable but for its clock.
//
//     catalog::Catalog → [TenantCatalog] → validation, filters, orders
//
// Lifetime   shared by all who use it; attributes that find() returns live as long as the snapshot.
// Threading  any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.h"
#include "model/attribute.h"

namespace atlas::model {

class TenantCatalog {
public:
    // `attributes` ascend by id. `dropped`: names that the current state may still show.
    TenantCatalog(TenantId tenant, std::int64_t epoch, std::int64_t clock, bool active,
                  std::vector<Attribute> attributes, std::int64_t entities_epoch = 0,
                  std::string tenant_name = {}, std::vector<std::string> dropped = {});

    TenantId tenant() const { return tenant_; }
    std::int64_t epoch() const { return epoch_; }  // rises when the tenant's catalog changes
    // The reading of catalog_clock up to which the snapshot is known to hold: while the clock
    // shows it, no tenant's catalog has moved.
    std::int64_t clock() const { return clock_.load(std::memory_order_relaxed); }
    void confirm(std::int64_t clock) const { clock_.store(clock, std::memory_order_relaxed); }
    bool active() const { return active_; }
    // Rises, and epoch() with it, when an external id comes to mean another entity or none.
    std::int64_t entities_epoch() const { return entities_epoch_; }
    const std::string& tenant_name() const { return tenant_name_; }
    // nullptr: not in this snapshot. An attribute that is being renamed has two names.
    const Attribute* find(std::string_view name) const;
    const Attribute* find(AttributeId id) const;
    std::span<const Attribute> all() const { return attributes_; }  // ascending by id
    std::span<const std::string> dropped() const { return dropped_; }
    // Those with two names.
    std::span<const Attribute* const> renamed() const { return renamed_; }
    std::size_t bytes() const { return bytes_; }  // of memory, about

private:
    TenantId tenant_;
    std::int64_t epoch_;
    mutable std::atomic<std::int64_t> clock_;
    bool active_;
    std::int64_t entities_epoch_;
    std::string tenant_name_;
    std::vector<Attribute> attributes_;
    std::vector<std::string> dropped_;
    std::vector<const Attribute*> renamed_;
    std::unordered_map<std::string_view, std::uint32_t> by_name_;
    std::size_t bytes_ = 0;
};

using TenantCatalogPtr = std::shared_ptr<const TenantCatalog>;

}  // namespace atlas::model
