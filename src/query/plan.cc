// SPDX-License-Identifier: Apache-2.0
#include "query/plan.h"

#include "base/json_writer.h"

namespace atlas::query {

std::string plan_json(const std::vector<PlanUnit>& units) {
    std::string plan;
    JsonWriter json(plan);
    json.begin_object().key("units").begin_array();
    for (const PlanUnit& unit : units) {
        json.begin_object();
        if (!unit.measures.empty()) {
            json.key("measures").begin_array();
            for (const std::string& name : unit.measures) json.value(name);
            json.end_array();
        }
        json.key("source").value(unit.source).key("attributes").value(unit.attributes);
        if (unit.rollup_from) json.key("rollup_from").value(*unit.rollup_from);
        if (unit.rollup_to) json.key("rollup_to").value(*unit.rollup_to);
        json.end_object();
    }
    json.end_array().end_object();
    return plan;
}

}  // namespace atlas::query
