// SPDX-License-Identifier: Apache-2.0
#include "model/tenant_catalog.h"

#include <algorithm>

namespace atlas::model {

TenantCatalog::TenantCatalog(TenantId tenant, std::int64_t epoch, std::int64_t clock, bool active,
                             std::vector<Attribute> attributes, std::int64_t entities_epoch,
                             std::string tenant_name, std::vector<std::string> dropped)
    : tenant_(tenant),
      epoch_(epoch),
      clock_(clock),
      active_(active),
      entities_epoch_(entities_epoch),
      tenant_name_(std::move(tenant_name)),
      attributes_(std::move(attributes)),
      dropped_(std::move(dropped)) {
    by_name_.reserve(attributes_.size());
    bytes_ = sizeof(*this);
    for (std::uint32_t i = 0; i < attributes_.size(); ++i) {
        const Attribute& attribute = attributes_[i];
        by_name_.emplace(attribute.name, i);
        bytes_ += sizeof(Attribute) + 64 + attribute.name.size() + attribute.unit.size() +
                  attribute.description.size() + attribute.category.size() +
                  attribute.superseded.size() * sizeof(Superseded);
    }
    for (std::uint32_t i = 0; i < attributes_.size(); ++i) {
        if (attributes_[i].old_name.empty()) continue;
        by_name_.emplace(attributes_[i].old_name, i);
        renamed_.push_back(&attributes_[i]);
    }
}

const Attribute* TenantCatalog::find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &attributes_[found->second];
}

const Attribute* TenantCatalog::find(AttributeId id) const {
    const auto found = std::lower_bound(attributes_.begin(), attributes_.end(), id,
                                        [](const Attribute& a, AttributeId b) { return a.id < b; });
    return found == attributes_.end() || found->id != id ? nullptr : &*found;
}

}  // namespace atlas::model
