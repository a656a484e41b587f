// SPDX-License-Identifier: Apache-2.0
#include "cli/ingest/attribute_types.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <thread>

#include "client/problem.h"
#include "client/url.h"

namespace atlas::cli {
namespace {

constexpr std::chrono::milliseconds kPause{200};
constexpr int kForbidden = 403;

std::string path_of(std::string_view attribute) {
    return fmt::format("/v1/attributes/{}", client::percent_encode(attribute));
}

}  // namespace

AttributeTypes::AttributeTypes(const IngestOptions& options, const DeliveryState& state)
    : options_(options), state_(state), client_(client_options(options.server)) {
}

// Until the server responds, or the patience of the run ends.
client::Response AttributeTypes::send(const client::Request& request) {
    const std::int64_t begin = steady_ms();
    for (;;) {
        auto response = client_.send(request);
        const bool passing = !response || response->status == 429 || response->status >= 500;
        if (!passing) return std::move(*response);
        const std::string reason =
            response ? client::problem_of(*response).detail : response.error().detail;
        if (!response && response.error().code == client::TransportErrc::bad_url) {
            throw CommandError(reason);
        }
        if (steady_ms() - begin > options_.patience_seconds * 1000LL) {
            throw CommandError(fmt::format("gave up after {} s without success: {}",
                                           options_.patience_seconds, reason));
        }
        if (state_.stopping) throw CommandError("stopped");
        std::this_thread::sleep_for(kPause);
    }
}

KnownTypes AttributeTypes::read() {
    KnownTypes known;
    std::string page_token;
    do {
        const auto response =
            send({.method = "GET",
                  .target = "/v1/attributes?page_size=1000" +
                            (page_token.empty() ? std::string() : "&page_token=" + page_token)});
        if (response.status == kForbidden) {
            fmt::print(stderr,
                       "the token may not read the attributes: types follow the file alone\n");
            return known;
        }
        if (!response.ok()) throw CommandError(client::problem_of(response).detail);
        const auto body = Api::parse(response.body);
        if (const auto* list = member(body, "attributes").if_array()) {
            for (const auto& attribute : *list) {
                known[text_of(attribute, "name")] = text_of(attribute, "type");
                if (!text_of(attribute, "unit").empty()) {
                    with_unit_.insert(text_of(attribute, "name"));
                }
            }
        }
        page_token = text_of(body, "next_page_token");
    } while (!page_token.empty());
    return known;
}

void AttributeTypes::declare(const KnownTypes& known) {
    for (const auto& [name, type] : options_.csv.types) {
        if (known.contains(name) || type == "string" || type == "bool") continue;
        const std::string body = boost::json::serialize(boost::json::object{{"type", type}});
        const auto response = send({.method = "PUT",
                                    .target = path_of(name),
                                    .body = body,
                                    .content_type = "application/json"});
        if (response.ok()) continue;
        const std::string reason = client::problem_of(response).detail;
        const bool by_values = type == "int" || type == "double";
        if (response.status != kForbidden || !by_values) {
            throw CommandError(fmt::format("--attribute-type {}={}: {}", name, type, reason));
        }
        fmt::print(stderr,
                   "{} cannot be declared as {} ({}); its values are sent so that it becomes one\n",
                   name, type, reason);
    }
}

void AttributeTypes::set_units(const std::vector<std::pair<std::string, std::string>>& units) {
    for (const auto& [name, unit] : units) {
        if (with_unit_.contains(name)) continue;
        const std::string body = boost::json::serialize(boost::json::object{{"unit", unit}});
        const auto response = send({.method = "PATCH",
                                    .target = path_of(name),
                                    .body = body,
                                    .content_type = "application/json"});
        // 404: no value of it was in the file.
        if (response.ok() || response.status == 404) continue;
        fmt::print(stderr, "the unit of {} is not set: {}\n", name,
                   client::problem_of(response).detail);
    }
}

}  // namespace atlas::cli
