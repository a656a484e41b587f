// SPDX-License-Identifier: Apache-2.0
//
// Any bytes: the parser neither crashes nor keeps anything that the commit could not store, and
// what it read before leaves no trace.
#include <cstdint>
#include <cstdlib>

#include "ingest/parse/json_parser.h"

namespace {

using namespace atlas::ingest;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const Batch& batch, const Observation& observation, const ParseContext& context) {
    require(entity_fault(batch.text(observation.entity)) == nullptr);
    require(batch.text(observation.type).size() <= kMaxTypeBytes);
    require(observation.observed_at <= context.latest);
    require(observation.points > 0);
    for (const Point& point : batch.points(observation)) {
        require(point.name < batch.names());
        require(attribute_name_fault(batch.name(point.name)) == nullptr);
        if (point.kind != Kind::string && point.kind != Kind::json) continue;
        const auto text = batch.text(unpack_text(point.payload));
        require(simdjson::validate_utf8(text.data(), text.size()));
        if (point.kind == Kind::string) continue;
        simdjson::dom::parser parser;
        require(parser.parse(simdjson::padded_string(text)).error() == simdjson::SUCCESS);
    }
}

std::size_t run(JsonParser& parser, std::string body, bool ndjson) {
    const auto now = atlas::time_from_micros(1'795'000'000'000'000);
    const ParseContext context{now, now + atlas::kMaxAhead, std::nullopt};
    Batch batch(std::move(body));
    if (ndjson) {
        parser.parse_ndjson(batch, context);
    } else if (!parser.parse_json(batch, context)) {
        return 0;
    }
    for (const Observation& observation : batch.observations()) check(batch, observation, context);
    for (const ItemError& error : batch.errors()) {
        require(simdjson::validate_utf8(error.entity.data(), error.entity.size()));
    }
    return batch.points().size() + batch.rejected();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static JsonParser parser;
    if (size == 0) return 0;
    const std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
    const bool ndjson = data[0] % 2 == 1;
    const std::size_t points = run(parser, body, ndjson);
    JsonParser fresh;
    require(run(fresh, body, ndjson) == points);
    return 0;
}
