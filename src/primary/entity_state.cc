// SPDX-License-Identifier: Apache-2.0
#include "primary/entity_state.h"

#include <algorithm>
#include <charconv>

#include "storage/hot_state.h"

namespace atlas::primary {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(std::string_view object) {
    Members members;
    storage::for_each_member(object, [&members](const storage::HotMember& member) {
        members.emplace_back(member.name, member.json);
    });
    return members;
}

void hide(Members& members, std::string_view name) {
    std::erase_if(members, [name](const auto& member) { return member.first == name; });
}

// What a change of attributes did not reach yet, as if it had.
void follow(Members& members, const model::TenantCatalog& catalog) {
    for (const std::string& name : catalog.dropped()) {
        if (catalog.find(name) == nullptr) hide(members, name);
    }
    for (const model::Attribute* attribute : catalog.renamed()) {
        const auto old =
            std::ranges::find(members, attribute->old_name, &Members::value_type::first);
        if (old == members.end()) continue;
        const bool both = std::ranges::find(members, attribute->name,
                                            &Members::value_type::first) != members.end();
        if (both) {
            members.erase(old);
        } else {
            old->first = attribute->name;
        }
    }
}

template <class Range, class Projection>
auto* find(Range& range, std::string_view name, Projection projection) {
    const auto found = std::ranges::find(range, name, projection);
    return found == range.end() ? nullptr : &*found;
}

std::optional<Time> time_of(const Members& times, std::string_view name) {
    const auto* micros = find(times, name, &Members::value_type::first);
    if (micros == nullptr) return std::nullopt;
    std::int64_t at = 0;
    const std::string& text = micros->second;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), at);
    if (read.ec != std::errc{}) return std::nullopt;
    return time_from_micros(at);
}

// Collects what is shown: everything hot, or the requested names in their order, or all there is.
class Chooser {
public:
    Chooser(EntityState& state, const model::TenantCatalog& catalog)
        : catalog_(catalog),
          hot_(members_of(state.hot_attrs)),
          times_(members_of(state.hot_at)),
          cold_(state.cold) {
        follow(hot_, catalog);
        follow(times_, catalog);
    }

    std::vector<query::ShownValue> choose(const std::optional<query::NameList>& names) {
        if (!names || names->everything) {
            for (auto& member : hot_) add(member);
            for (auto& value : cold_) add(value);
            return std::move(shown_);
        }
        for (const std::string& requested : names->names) {
            const model::Attribute* attribute = catalog_.find(requested);
            const std::string& name = attribute == nullptr ? requested : attribute->name;
            if (auto* member = find(hot_, name, &Members::value_type::first)) {
                add(*member);
            } else if (auto* value = find(cold_, name, &ColdValue::name)) {
                add(*value);
            }
        }
        return std::move(shown_);
    }

private:
    void add(Members::value_type& member) {
        const auto at = time_of(times_, member.first);
        shown_.push_back({std::move(member.first), std::move(member.second), at});
    }
    void add(ColdValue& value) {
        shown_.push_back({std::move(value.name), std::move(value.json), value.at});
    }

    const model::TenantCatalog& catalog_;
    Members hot_;
    Members times_;
    std::vector<ColdValue>& cold_;
    std::vector<query::ShownValue> shown_;
};

}  // namespace

query::Entity shown_entity(EntityState&& entity, const std::optional<query::NameList>& shown,
                           const model::TenantCatalog& catalog) {
    return {.external_id = std::move(entity.external_id),
            .type = std::move(entity.type),
            .created_at = entity.created_at,
            .updated_at = entity.updated_at,
            .last_observed_at = entity.last_observed_at,
            .values = Chooser(entity, catalog).choose(shown),
            .truncated_at = entity.truncated_at};
}

}  // namespace atlas::primary
