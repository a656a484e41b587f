// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/entities.h"

#include <fmt/format.h>

#include "base/json_writer.h"
#include "http/routes/paging.h"
#include "http/routes/query_problem.h"
#include "http/routes/read/etag.h"

namespace atlas::http {
namespace {

using query::Answer;

constexpr auto kDefaultWindow = std::chrono::days{7};

// What `attributes` and `window` select.
Answer<query::Shown> read_shown(const Reading& reading) {
    const std::chrono::days widest = reading.max_time_range();
    query::Shown shown{.window = std::min<Micros>(kDefaultWindow, widest)};
    if (const auto window = reading.text("window"); !window.empty()) {
        const auto parsed = parse_duration(window);
        if (!parsed || *parsed <= Micros{0} || *parsed > widest) {
            return failure(query::parameter_error(
                "window", fmt::format("window must be a duration such as 6h or 7d, at most {}d.",
                                      widest.count())));
        }
        shown.window = *parsed;
    }
    if (reading.request().query_value("attributes") == nullptr) return shown;
    auto names = query::parse_names(reading.text("attributes"), "attributes");
    if (!names) return failure(std::move(names.error()));
    shown.names = std::move(*names);
    return shown;
}

// The members of the entity; the caller opens and closes the object.
void write_entity(JsonWriter& json, const query::Entity& entity) {
    json.key("entity").value(entity.external_id).key("type").value(entity.type);
    json.key("created_at").value(entity.created_at);
    json.key("updated_at").value(entity.updated_at);
    json.key("last_observed_at");
    entity.last_observed_at ? json.value(*entity.last_observed_at) : json.null();
    json.key("attributes").begin_object();
    for (const auto& value : entity.values) json.key(value.name).raw(value.json);
    json.end_object();
    json.key("attribute_times").begin_object();
    for (const auto& value : entity.values) {
        if (value.at) json.key(value.name).value(*value.at);
    }
    json.end_object();
    if (entity.truncated_at) json.key("truncated_at").value(*entity.truncated_at);
}

Answer<Response> get_entity(const Reading& reading, const query::GetRequest& request) {
    auto found = reading.timed([&] { return reading.reader().get(request); });
    if (!found) return failure(std::move(found.error()));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    write_entity(json, found->entity);
    const std::string etag = etag_of(body);
    return conditional(reading.finish(std::move(body), found->snapshot), etag, reading.request());
}

Answer<Response> get_entity(const Reading& reading) {
    auto shown = read_shown(reading);
    if (!shown) return failure(std::move(shown.error()));
    return get_entity(reading, {.tenant = reading.request().tenant,
                                .entity = reading.request().segments.front(),
                                .shown = std::move(*shown),
                                .demand = reading.demand()});
}

Answer<query::ListRequest> read_list_request(const Reading& reading) {
    query::ListRequest list{.tenant = reading.request().tenant,
                            .filter = {},
                            .filter_text = std::string(reading.text("filter")),
                            .order = {},
                            .shown = {},
                            .page_token = std::string(reading.text("page_token")),
                            .demand = reading.demand()};
    auto filter = query::parse_filter(list.filter_text);
    if (!filter) return failure(std::move(filter.error()));
    list.filter = std::move(*filter);
    auto order = query::parse_order(reading.text("order_by"));
    if (!order) return failure(std::move(order.error()));
    list.order = std::move(*order);
    const auto size = read_page_size(reading.request(), list.page_size, kMaxPageSize);
    if (!size) return failure(size.error());
    list.page_size = *size;
    const std::string_view count = reading.text("count");
    if (!count.empty() && count != "exact" && count != "estimated") {
        return failure(query::parameter_error("count", "count must be exact or estimated."));
    }
    if (count == "exact") list.count = query::Count::exact;
    if (count == "estimated") list.count = query::Count::estimated;
    auto shown = read_shown(reading);
    if (!shown) return failure(std::move(shown.error()));
    list.shown = std::move(*shown);
    return list;
}

Answer<Response> list_entities(const Reading& reading) {
    const auto request = read_list_request(reading);
    if (!request) return failure(request.error());
    auto page = reading.timed([&] { return reading.reader().list(*request); });
    if (!page) return failure(std::move(page.error()));
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("entities").begin_array();
    for (const query::Entity& entity : page->entities) {
        json.begin_object();
        write_entity(json, entity);
        json.end_object();
    }
    json.end_array().key("next_page_token").value(page->next_page_token);
    if (page->total_size) json.key("total_size").value(*page->total_size);
    return reading.finish(std::move(body), page->snapshot);
}

}  // namespace

std::vector<Route> entity_read_routes(ReadContext& context) {
    std::vector<Route> routes(2);
    routes[0].method = "GET";
    routes[0].pattern = "/v1/entities/{entity}";
    routes[0].parameters = read_parameters({"attributes", "window"});
    routes[0].handler =
        read_handler(context, [](const Reading& reading) { return get_entity(reading); });
    routes[1].method = "GET";
    routes[1].pattern = "/v1/entities";
    routes[1].parameters = read_parameters(
        {"filter", "order_by", "attributes", "window", "count", "page_size", "page_token"});
    routes[1].handler = read_handler(context, list_entities);
    return routes;
}

Response read_entity_strongly(ReadContext& context, const Request& request,
                              const std::string& entity) {
    Reading reading(context, request);
    reading.begin({.level = query::Level::strong});
    const auto response = get_entity(
        reading,
        {.tenant = request.tenant, .entity = entity, .shown = {}, .demand = reading.demand()});
    return response ? *response : problem(response.error(), request, &context.tokens);
}

}  // namespace atlas::http
