// SPDX-License-Identifier: Apache-2.0
//
// The queries that come with Atlas: the files of sql/analytics/queries/, each with a header that
// says what it is for and lists its parameters.
//
//     -- Entities by the latest value of one attribute.
//     --
//     -- $attribute   attribute  -        the attribute whose values are counted
//     -- $from        timestamp  now-7d   values observed since then
//
// The second word is a type, `attribute` for a string that must name one, or `numeric` for one
// whose values are numbers. The third is the value of a parameter that is not given, "-" where it
// must be.
//
// Lifetime   of the program.
// Threading  constant data; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "query/analytics.h"

namespace atlas::analytics {

// All of them, by name. Throws std::logic_error for a file whose header is not of that form.
const std::vector<query::NamedQuery>& named_queries();
const query::NamedQuery* find_named_query(std::string_view name);

using NamedValues = std::vector<std::pair<std::string, query::ParameterValue>>;

// The parameters of the query, as the store takes them: those of the request, read as their types
// say, and the values of those that are not given. Fails with invalid_field.
query::Answer<NamedValues> read_parameters(const query::NamedQuery& query,
                                           const query::NamedRequest& request, Time now);

// Gives attributes their present names. Fails with unknown_attribute for a value that should name
// one and does not, with invalid_field for one whose values must be numbers and are not.
query::Answer<void> bind_attributes(const query::NamedQuery& query, NamedValues& values,
                                    const model::TenantCatalog& catalog);

}  // namespace atlas::analytics
