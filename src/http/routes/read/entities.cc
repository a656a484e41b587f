// SPDX-License-Identifier: Apache-2.0
#include "http/routes/read/entities.h"

#include <fmt/format.h>

#include "query/entity_list.h"

namespace atlas::http {
namespace {

using query::Answer;
using query::NameList;

constexpr int kDefaultPage = 100;
constexpr int kLargestPage = 1000;
constexpr auto kDefaultWindow = std::chrono::days{7};
// Telemetry may be stamped somewhat ahead of its arrival.
constexpr auto kAhead = std::chrono::minutes{11};

// What `attributes` and `window` ask for.
struct Shown {
    std::optional<NameList> names;
    Micros window{};
    std::vector<model::Attribute> cold;
};

Answer<Shown> read_shown(Reading& reading) {
    const std::chrono::days widest = reading.context().max_time_range;
    Shown shown;
    shown.window = std::min<Micros>(kDefaultWindow, widest);
    if (const auto window = reading.text("window"); !window.empty()) {
        const auto parsed = parse_duration(window);
        if (!parsed || *parsed <= Micros{0} || *parsed > widest) {
            return failure(query::parameter_error(
                "window", fmt::format("window is a duration such as 6h or 7d, at most {}d.",
                                      widest.count())));
        }
        shown.window = *parsed;
    }
    if (reading.request().query_value("attributes") == nullptr) return shown;
    auto names = query::parse_names(reading.text("attributes"), "attributes");
    if (!names) return failure(std::move(names.error()));
    for (const std::string& name : names->names) {
        const model::Attribute* attribute = reading.catalog().find(name);
        if (attribute == nullptr) {
            query::Error error = query::unknown_attribute(name);
            error.parameter = "attributes";
            return failure(std::move(error));
        }
        if (!attribute->hot) shown.cold.push_back(*attribute);
    }
    if (shown.cold.size() > query::kMaxColdAttributes && !names->everything) {
        return failure(query::parameter_error(
            "attributes", fmt::format("At most {} cold attributes at once; * shows all.",
                                      query::kMaxColdAttributes)));
    }
    shown.names = std::move(*names);
    return shown;
}

Answer<void> add_cold(Reading& reading, const Shown& shown,
                      std::vector<query::EntityState>& entities, query::Snapshot& snapshot) {
    if (!shown.names) return {};
    const Time to = now() + kAhead;
    const Time from = now() - shown.window;
    ReadContext& context = reading.context();
    if (shown.names->everything) {
        return query::add_all_cold_values(reading.connection(), context.shapes, reading.catalog(),
                                          from, to, entities, snapshot);
    }
    return query::add_cold_values(reading.connection(), context.shapes, reading.request().tenant,
                                  shown.cold, from, to, entities, snapshot);
}

// `read` may meet a name that is newer than the catalog at hand: then once more, with a new one.
template <class Read>
auto with_catalog(Reading& reading, Read read) {
    auto first = read();
    if (first || first.error().code != query::ErrorCode::unknown_attribute) return first;
    if (auto reloaded = reading.reload_catalog(); !reloaded) return first;
    return read();
}

Answer<Response> get_entity(Reading& reading) {
    auto shown = with_catalog(reading, [&reading] { return read_shown(reading); });
    if (!shown) return failure(std::move(shown.error()));
    const std::string& name = reading.request().segments.front();
    auto found =
        reading.context().entities.get(reading.connection(), reading.request().tenant, name);
    if (!found) return failure(std::move(found.error()));
    if (found->deleted) return failure(query::entity_deleted(name));
    std::vector<query::EntityState> one{std::move(found->entity)};
    if (auto added = add_cold(reading, *shown, one, found->snapshot); !added)
        return failure(std::move(added.error()));
    std::string body;
    JsonWriter json(body);
    json.begin_object();
    query::write_entity(json, one.front(), shown->names);
    return reading.finish(std::move(body), found->snapshot);
}

Answer<query::ListRequest> read_list_request(Reading& reading) {
    query::ListRequest list{.tenant = reading.request().tenant,
                            .filter = {},
                            .filter_text = std::string(reading.text("filter")),
                            .order = {},
                            .page_token = std::string(reading.text("page_token"))};
    auto filter = query::parse_filter(list.filter_text);
    if (!filter) return failure(std::move(filter.error()));
    list.filter = std::move(*filter);
    if (auto bound = query::bind_filter(list.filter, reading.catalog()); !bound) {
        return failure(std::move(bound.error()));
    }
    auto order = query::parse_order(reading.text("order_by"), reading.catalog());
    if (!order) return failure(std::move(order.error()));
    list.order = std::move(*order);
    auto size = reading.page_size(kDefaultPage, kLargestPage);
    if (!size) return failure(std::move(size.error()));
    list.page_size = *size;
    const std::string_view count = reading.text("count");
    if (!count.empty() && count != "exact" && count != "estimated") {
        return failure(query::parameter_error("count", "count is exact or estimated."));
    }
    if (count == "exact") list.count = query::Count::exact;
    if (count == "estimated") list.count = query::Count::estimated;
    return list;
}

Answer<Response> list_entities(Reading& reading) {
    auto request = with_catalog(reading, [&reading] { return read_list_request(reading); });
    if (!request) return failure(std::move(request.error()));
    auto shown = with_catalog(reading, [&reading] { return read_shown(reading); });
    if (!shown) return failure(std::move(shown.error()));
    auto page = query::list_entities(reading.connection(), reading.context().searches, *request);
    if (!page) return failure(std::move(page.error()));
    if (auto added = query::add_last_observed(reading.connection(), request->tenant, page->entities,
                                              page->snapshot);
        !added) {
        return failure(std::move(added.error()));
    }
    if (auto added = add_cold(reading, *shown, page->entities, page->snapshot); !added) {
        return failure(std::move(added.error()));
    }
    std::string body;
    JsonWriter json(body);
    json.begin_object().key("entities").begin_array();
    for (const query::EntityState& entity : page->entities) {
        json.begin_object();
        query::write_entity(json, entity, shown->names);
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
    routes[0].handler = read_handler(context, get_entity);
    routes[1].method = "GET";
    routes[1].pattern = "/v1/entities";
    routes[1].parameters = read_parameters(
        {"filter", "order_by", "attributes", "window", "count", "page_size", "page_token"});
    routes[1].handler = read_handler(context, list_entities);
    return routes;
}

}  // namespace atlas::http
