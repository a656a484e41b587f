// SPDX-License-Identifier: Apache-2.0
//
// Any bytes: the parser neither crashes nor keeps anything that the commit could not store.
#include <simdjson.h>

#include <cstdint>
#include <cstdlib>

#include "ingest/parse/line_parser.h"

namespace {

using namespace atlas::ingest;

void require(bool holds) {
    if (!holds) std::abort();
}

void check(const Batch& batch, const Observation& observation) {
    require(entity_fault(batch.text(observation.entity)) == nullptr);
    require(batch.text(observation.type).size() <= kMaxTypeBytes);
    require(observation.points > 0);
    for (const Point& point : batch.points(observation)) {
        require(point.name < batch.names());
        require(attribute_name_fault(batch.name(point.name)) == nullptr);
        if (point.kind != Kind::string) continue;
        const auto text = batch.text(unpack_text(point.payload));
        require(simdjson::validate_utf8(text) && text.find('\0') == std::string_view::npos);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto now = atlas::time_from_micros(1'795'000'000'000'000);
    const ParseContext context{now, now + atlas::kMaxAhead, std::nullopt};
    Batch batch(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
    parse_lines(batch, static_cast<Precision>(data[0] % 6), context);
    for (const Observation& observation : batch.observations()) check(batch, observation);
    for (const ItemError& error : batch.errors()) {
        require(simdjson::validate_utf8(error.entity) && simdjson::validate_utf8(error.attribute));
    }
    return 0;
}
