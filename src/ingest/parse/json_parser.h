// SPDX-License-Identifier: Apache-2.0
//
// Reads telemetry in JSON (one object, an array) and NDJSON into a batch.
//
//     {"entity": "pump-7", "type": "pump", "at": "2026-11-21T10:00:00Z", "attributes": {…}}
//
// An error inside an item rejects that item or one of its data points. A body that is not JSON is
// rejected as a whole; of NDJSON, only the line. NaN, Infinity and -Infinity, which are no JSON,
// cost their data point.
//
// Lifetime   one parser per thread; its buffers are reused between bodies.
// Threading  one thread at a time.
#pragma once

#include <simdjson.h>

#include <string>
#include <vector>

#include "ingest/request/batch.h"
#include "ingest/request/limits.h"

// Otherwise the parser's size would differ between files compiled with and without optimisation.
static_assert(SIMDJSON_DEVELOPMENT_CHECKS == 0, "set for all by cmake/Dependencies.cmake");

namespace atlas::ingest {

class JsonParser {
public:
    // False when the body as a whole does not parse; fault() then says why, in a sentence.
    bool parse_json(Batch& batch, const ParseContext& context);
    // Lines that do not parse are rejected one by one.
    void parse_ndjson(Batch& batch, const ParseContext& context);
    const std::string& fault() const { return fault_; }

private:
    struct Item;  // what has been read of the current item
    void begin(Batch& batch, const ParseContext& context);
    void parse_line(std::string_view line, std::uint32_t index, std::uint32_t number);
    simdjson::error_code parse_item(simdjson::ondemand::object object, Item& item);
    simdjson::error_code parse_field(simdjson::ondemand::field& field, Item& item);
    simdjson::error_code parse_attributes(simdjson::ondemand::value value, Item& item);
    simdjson::error_code parse_attribute(simdjson::ondemand::field& field, std::size_t position,
                                         Item& item);
    simdjson::error_code read_name(simdjson::ondemand::field& field, std::size_t position,
                                   std::uint32_t& name);
    simdjson::error_code read_value(simdjson::ondemand::value& value, Point& point, Item& item);
    simdjson::error_code read_text(simdjson::ondemand::value& value, TextRef& text);
    simdjson::error_code read_json(simdjson::ondemand::value& value, Point& point, Item& item);
    simdjson::error_code check_json(std::string_view json, const Point& point);
    void refuse_point(const Point& point, ItemCode code, std::string why);
    simdjson::error_code read_time(simdjson::ondemand::value& value, Item& item);
    void finish_item(Item& item);
    void refuse_line(std::uint32_t index, std::uint32_t number, std::string detail);
    bool unreadable(std::string fault);

    simdjson::ondemand::parser parser_;
    simdjson::dom::parser checker_;  // proves nested JSON values valid
    Batch* batch_ = nullptr;
    const ParseContext* context_ = nullptr;
    std::vector<std::uint32_t> expected_names_;  // of the previous item, by position
    std::vector<ItemError> pending_;             // data points rejected in the current item
    std::string fault_;
};

}  // namespace atlas::ingest
