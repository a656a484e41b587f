// SPDX-License-Identifier: Apache-2.0
//
// What the tenant's catalog says of attributes, and what a file says for it: the types that exist
// before the first row is sent, those that the user gives, and units after the last.
//
//     GET /v1/attributes → [AttributeTypes] → KnownTypes;  --attribute-type → PUT;  units → PATCH
//
// Lifetime   borrows options and state.
// Threading  one thread at a time; calls block.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/ingest/csv_mapping.h"
#include "cli/ingest/delivery.h"
#include "client/http_client.h"

namespace atlas::cli {

class AttributeTypes {
public:
    AttributeTypes(const IngestOptions& options, const DeliveryState& state);

    // The types of all attributes; none, with a note, where the token may not read. Waits for the
    // server as a delivery does; throws CommandError.
    KnownTypes read();
    // Declares the types of --attribute-type that the tenant does not know, but for string and
    // bool: their values say what they are, and declared they would not be hot. Throws CommandError
    // when the server refuses.
    void declare(const KnownTypes& known);
    // Gives attributes their units, where they have none.
    void set_units(const std::vector<std::pair<std::string, std::string>>& units);

private:
    client::Response send(const client::Request& request);

    const IngestOptions& options_;
    const DeliveryState& state_;
    client::HttpClient client_;
    std::set<std::string> with_unit_;
};

}  // namespace atlas::cli
