// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/hot_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/json_writer.h"
#include "ingest/resolve/value_check.h"
#include "model/value.h"

namespace atlas::ingest {
namespace {

std::int32_t day_number(Time time) {
    return static_cast<std::int32_t>(day_of(time).time_since_epoch().count());
}

// A name as an element of a text[] literal.
void append_array_element(std::string& out, std::string_view name) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : name) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    out += '"';
}

}  // namespace

void HotChanges::clear() {
    pending_.clear();
    for (auto* column : {&values_.tenants, &values_.entities}) column->clear();
    for (auto* column : {&values_.changed, &values_.removed, &values_.hot_at}) column->clear();
    values_.days.clear();
    for (auto* column : {&days_.tenants, &days_.entities}) column->clear();
    days_.days.clear();
    for (auto* column : {&new_states_.tenants, &new_states_.entities}) column->clear();
    for (auto* column : {&new_states_.hot_attrs, &new_states_.hot_at}) column->clear();
    new_states_.days.clear();
}

bool HotChanges::needs_search(const EntityState& state, const Row& row, const storage::Slot& slot) {
    const std::int64_t at = to_micros(row.observed_at);
    if (at > state.newest_us) return false;
    const HotValue* known = state.find(slot.attribute);
    // History may hold a null that SQL wrote, which leaves no trace in the state.
    if (known == nullptr) return true;
    if (known->exact || at < known->observed_us) return false;
    return fingerprint(*row.batch, row.point(slot), slot.type) != known->value;
}

void HotChanges::apply(EntityState& state, const Row& row, const model::TenantCatalog& catalog) {
    const std::int64_t at = to_micros(row.observed_at);
    const bool newest = at >= state.newest_us;
    for (const std::uint32_t index : row.layout->hot) {
        const storage::Slot& slot = row.layout->slots[index];
        const Fingerprint value = fingerprint(*row.batch, row.point(slot), slot.type);
        HotValue* known = state.find(slot.attribute);
        if (known != nullptr && at < known->observed_us) continue;  // something later is known
        const bool changed = known == nullptr || known->value != value;
        if (known == nullptr) {
            state.hot.push_back({{}, at, slot.attribute, true});
            known = &state.hot.back();
        }
        known->exact = known->exact || newest;
        known->observed_us = at;
        known->value = value;
        if (!changed) continue;
        const model::Attribute* attribute = catalog.find(AttributeId{slot.attribute});
        // By id: the rows of one transaction may follow different snapshots of the catalog.
        const auto before = std::ranges::find(
            pending_, attribute->id, [](const Change& change) { return change.attribute->id; });
        if (before != pending_.end()) {
            *before = {&row, &slot, attribute};
        } else {
            pending_.push_back({&row, &slot, attribute});
        }
    }
    state.newest_us = std::max(state.newest_us, at);
}

void HotChanges::finish_entity(const EntityKey& key, EntityState& state) {
    const std::int32_t day = state.newest_us == EntityState::kNever
                                 ? state.last_day
                                 : day_number(time_from_micros(state.newest_us));
    const bool day_moved = day > state.last_day;
    state.last_day = std::max(state.last_day, day);
    if (std::exchange(state.absent, false)) {
        Texts texts = pending_texts();
        new_states_.tenants.push_back(key.tenant.value);
        new_states_.entities.push_back(key.entity.value);
        new_states_.hot_attrs.push_back(std::move(texts.changed));
        new_states_.hot_at.push_back(std::move(texts.hot_at));
        new_states_.days.push_back(state.last_day);
    } else if (!pending_.empty()) {
        Texts texts = pending_texts();
        values_.tenants.push_back(key.tenant.value);
        values_.entities.push_back(key.entity.value);
        values_.changed.push_back(std::move(texts.changed));
        values_.removed.push_back(std::move(texts.removed));
        values_.hot_at.push_back(std::move(texts.hot_at));
        values_.days.push_back(state.last_day);
    } else if (day_moved) {
        days_.tenants.push_back(key.tenant.value);
        days_.entities.push_back(key.entity.value);
        days_.days.push_back(day);
    }
    pending_.clear();
}

namespace {

// A large double with its shortest digits and an exponent, which is the number that PostgreSQL
// makes of it. All its digits would be another one in jsonb: the check of the state would differ.
void append_hot_json(std::string& out, model::Type type, const model::Value& value) {
    constexpr double kExactInts = 9007199254740992;
    if (value.group != model::Group::doubles || std::abs(value.number) < kExactInts) {
        return model::append_value_json(out, type, value);
    }
    std::array<char, 32> digits{};
    const auto written = std::to_chars(digits.data(), digits.data() + digits.size(), value.number,
                                       std::chars_format::scientific);
    out.append(digits.data(), written.ptr);
}

}  // namespace

HotChanges::Texts HotChanges::pending_texts() const {
    std::string changed = "{";
    std::string removed = "{";
    std::string hot_at = "{";
    for (const Change& change : pending_) {
        const Point& point = change.row->point(*change.slot);
        const std::string& name = change.attribute->name;
        if (!change.attribute->old_name.empty()) {
            append_array_element(removed, change.attribute->old_name);
        }
        if (point.kind == Kind::null) {
            append_array_element(removed, name);
        } else {
            if (changed.size() > 1) changed += ',';
            append_json_string(changed, name);
            changed += ':';
            append_hot_json(changed, change.slot->type,
                            stored_value(*change.row->batch, point, change.slot->type));
        }
        if (hot_at.size() > 1) hot_at += ',';
        append_json_string(hot_at, name);
        fmt::format_to(std::back_inserter(hot_at), ":{}", to_micros(change.row->observed_at));
    }
    return {changed + "}", removed + "}", hot_at + "}"};
}

}  // namespace atlas::ingest
