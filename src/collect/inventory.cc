// SPDX-License-Identifier: Apache-2.0
#include "collect/inventory.h"

namespace atlas::collect {
namespace {

const Attribute kHost{"host", "string", "", true, true};
const Attribute kState{"state", "string", "", true, true};

}  // namespace

void Inventory::adopt(std::span<const std::string> entities) {
    for (const std::string& entity : entities) {
        if (entity.starts_with(prefix_)) things_.try_emplace(entity);
    }
}

Rates* Inventory::open(Recorder& recorder, std::string_view name, const Moment& now) {
    const std::string entity = prefix_ + std::string(name);
    auto found = things_.find(entity);
    if (found == things_.end()) {
        allowance_.refill(now.seconds);
        if (!allowance_.take()) return nullptr;
        found = things_.try_emplace(entity).first;
    }
    found->second.sweep = sweep_;
    recorder.begin(entity, type_, now.at);
    recorder.add(kHost, host_);
    recorder.add(kState, "present");
    return &found->second.rates;
}

void Inventory::keep(std::string_view name) {
    const auto found = things_.find(prefix_ + std::string(name));
    if (found != things_.end()) found->second.sweep = sweep_;
}

void Inventory::write_vanished(Recorder& recorder, const Moment& now,
                               std::span<const std::reference_wrapper<const Attribute>> figures) {
    std::erase_if(things_, [&](const auto& thing) {
        if (thing.second.sweep == sweep_) return false;
        recorder.drop(thing.first);
        recorder.begin(thing.first, type_, now.at);
        recorder.add(kState, "gone");
        for (const Attribute& figure : figures) recorder.add_null(figure);
        recorder.end();
        recorder.drop(thing.first);
        return true;
    });
    ++sweep_;
}

}  // namespace atlas::collect
