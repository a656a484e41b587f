// SPDX-License-Identifier: Apache-2.0
#include "query/entity_state.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>

namespace atlas::query {
namespace {

using Members = std::vector<std::pair<std::string, std::string>>;

Members members_of(std::string_view object) {
    Members members;
    for_each_member(object, [&members](std::string_view name, std::string_view value) {
        members.emplace_back(name, value);
    });
    return members;
}

const std::string* find(const Members& members, std::string_view name) {
    const auto found = std::ranges::find(members, name, &Members::value_type::first);
    return found == members.end() ? nullptr : &found->second;
}

const ColdValue* find(const std::vector<ColdValue>& values, std::string_view name) {
    const auto found = std::ranges::find(values, name, &ColdValue::name);
    return found == values.end() ? nullptr : &*found;
}

void write_time(JsonWriter& json, std::string_view name, const std::string* micros) {
    std::int64_t at = 0;
    if (micros == nullptr) return;
    const auto read = std::from_chars(micros->data(), micros->data() + micros->size(), at);
    if (read.ec == std::errc{}) json.key(name).value(time_from_micros(at));
}

// What is shown: everything hot, or the names asked for in their order, or all there is.
struct Shown {
    std::vector<std::pair<std::string_view, std::string_view>> values;
    std::vector<std::string_view> hot;
    std::vector<const ColdValue*> cold;
};

Shown choose(const EntityState& entity, const Members& hot, const std::optional<NameList>& names) {
    Shown shown;
    const auto add_hot = [&shown](const Members::value_type& member) {
        shown.values.emplace_back(member.first, member.second);
        shown.hot.push_back(member.first);
    };
    const auto add_cold = [&shown](const ColdValue& value) {
        shown.values.emplace_back(value.name, value.json);
        shown.cold.push_back(&value);
    };
    if (!names || names->everything) {
        for (const auto& member : hot) add_hot(member);
        for (const ColdValue& value : entity.cold) add_cold(value);
        return shown;
    }
    for (const std::string& name : names->names) {
        const auto found = std::ranges::find(hot, name, &Members::value_type::first);
        if (found != hot.end()) {
            add_hot(*found);
        } else if (const ColdValue* value = find(entity.cold, name)) {
            add_cold(*value);
        }
    }
    return shown;
}

}  // namespace

void for_each_member(std::string_view object,
                     const std::function<void(std::string_view, std::string_view)>& use) {
    thread_local simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(object);
    simdjson::ondemand::document document;
    simdjson::ondemand::object root;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document.get_object().get(root) != simdjson::SUCCESS) {
        return;
    }
    for (auto field : root) {
        std::string_view name;
        simdjson::ondemand::value value;
        std::string_view raw;
        if (field.unescaped_key().get(name) != simdjson::SUCCESS ||
            field.value().get(value) != simdjson::SUCCESS) {
            return;
        }
        // The key lives in the parser's buffer, which the value may overwrite.
        const std::string kept(name);
        if (simdjson::to_json_string(value).get(raw) != simdjson::SUCCESS) return;
        while (!raw.empty() && raw.back() == ' ') raw.remove_suffix(1);
        use(kept, raw);
    }
}

void write_entity(JsonWriter& json, const EntityState& entity,
                  const std::optional<NameList>& shown) {
    json.key("entity").value(entity.external_id).key("type").value(entity.type);
    json.key("created_at").value(entity.created_at);
    json.key("updated_at").value(entity.updated_at);
    json.key("last_observed_at");
    if (entity.last_observed_at) {
        json.value(*entity.last_observed_at);
    } else {
        json.null();
    }
    const Members times = members_of(entity.hot_at);
    const Members hot = members_of(entity.hot_attrs);
    const Shown chosen = choose(entity, hot, shown);
    json.key("attributes").begin_object();
    for (const auto& [name, value] : chosen.values) json.key(name).raw(value);
    json.end_object();
    json.key("attribute_times").begin_object();
    for (const std::string_view name : chosen.hot) write_time(json, name, find(times, name));
    for (const ColdValue* value : chosen.cold) json.key(value->name).value(value->at);
    json.end_object();
    if (entity.truncated_at) json.key("truncated_at").value(*entity.truncated_at);
}

}  // namespace atlas::query
