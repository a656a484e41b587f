// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/facets.h"

#include <fmt/format.h>

#include <charconv>

#include "base/json_writer.h"
#include "http/routes/query_problem.h"

namespace atlas::http {
namespace {

using query::Answer;

Answer<int> read_limit(const Reading& reading, int fallback) {
    const std::string_view text = reading.text("limit");
    if (text.empty()) return fallback;
    int limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error == std::errc{} && end == text.data() + text.size() && limit >= 1 &&
        limit <= query::kMaxFacetValues) {
        return limit;
    }
    return failure(query::parameter_error(
        "limit", fmt::format("limit must be a number from 1 to {}.", query::kMaxFacetValues)));
}

Answer<query::FacetsRequest> read_facets_request(const Reading& reading) {
    query::FacetsRequest facets{.tenant = reading.request().tenant, .demand = reading.demand()};
    auto filter = query::parse_filter(reading.text("filter"));
    if (!filter) return failure(std::move(filter.error()));
    facets.filter = std::move(*filter);
    if (reading.request().query_value("attributes") != nullptr) {
        auto names = query::parse_names(reading.text("attributes"), "attributes");
        if (!names) return failure(std::move(names.error()));
        facets.names = std::move(*names);
    }
    const auto limit = read_limit(reading, facets.limit);
    if (!limit) return failure(limit.error());
    facets.limit = *limit;
    return facets;
}

Answer<Response> count_facets(const Reading& reading) {
    const auto request = read_facets_request(reading);
    if (!request) return failure(request.error());
    const auto answer = reading.timed([&] { return reading.facets().facets(*request); });
    if (!answer) return failure(answer.error());
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("facets").begin_array();
    for (const query::Facet& facet : answer->facets) {
        json.begin_object().key("attribute").value(facet.name).key("values").begin_array();
        for (const auto& value : facet.values) {
            json.begin_object().key("value").raw(value.json).key("count").value(value.count);
            json.end_object();
        }
        json.end_array().key("other").value(facet.other).key("absent").value(facet.absent);
        json.end_object();
    }
    json.end_array().key("total_size").value(answer->total_size);
    return reading.finish(std::move(body), answer->snapshot);
}

}  // namespace

std::vector<Route> facet_routes(ReadContext& context) {
    std::vector<Route> routes(1);
    routes[0].method = "GET";
    routes[0].pattern = "/v1/entities:facets";
    routes[0].parameters = read_parameters({"filter", "attributes", "limit"});
    routes[0].handler = read_handler(context, count_facets);
    return routes;
}

}  // namespace atlas::http
