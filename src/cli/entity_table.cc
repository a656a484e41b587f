// SPDX-License-Identifier: Apache-2.0
#include "cli/entity_table.h"

#include <algorithm>

#include "cli/server.h"

namespace atlas::cli {
namespace {

std::vector<std::string> names_in(const std::vector<boost::json::value>& entities) {
    std::vector<std::string> names;
    for (const auto& entity : entities) {
        const auto* attributes = member(entity, "attributes").if_object();
        if (attributes == nullptr) continue;
        for (const auto& [name, value] : *attributes) {
            if (std::find(names.begin(), names.end(), name) == names.end())
                names.emplace_back(name);
        }
    }
    return names;
}

bool all_numbers(const std::vector<boost::json::value>& entities, const std::string& name) {
    return std::all_of(entities.begin(), entities.end(), [&](const auto& entity) {
        const auto& value = member(member(entity, "attributes"), name);
        return value.is_null() || value.is_number();
    });
}

}  // namespace

std::string show_with_unit(const boost::json::value& value, const std::string& unit) {
    if (!value.is_number()) return show_value(value);
    if (!unit.empty()) return with_unit(value.to_number<double>(), unit);
    // Without a unit it may be an identifier, such as a pid or a serial number: shown as is.
    return show_value(value);
}

Table entity_table(const std::vector<boost::json::value>& entities,
                   const std::vector<std::string>& attributes,
                   const std::map<std::string, std::string>& units, const Terminal& terminal,
                   Time now) {
    const std::vector<std::string> names = attributes.empty() ? names_in(entities) : attributes;
    std::vector<Table::Column> columns{{"entity"}, {"type"}, {"updated"}};
    for (const auto& name : names) columns.push_back({name, all_numbers(entities, name)});
    Table table(columns);
    for (const auto& entity : entities) {
        std::vector<std::string> row{harmless(text_of(entity, "entity")),
                                     harmless(text_of(entity, "type")),
                                     show_time(text_of(entity, "updated_at"), terminal, now)};
        for (const auto& name : names) {
            const auto unit = units.find(name);
            row.push_back(show_with_unit(member(member(entity, "attributes"), name),
                                         unit == units.end() ? std::string() : unit->second));
        }
        table.add(std::move(row));
    }
    return table;
}

}  // namespace atlas::cli
