// SPDX-License-Identifier: Apache-2.0
#include "http/routes/ops/web.h"

#include "assets/web.h"
#include "http/server/coding.h"

namespace atlas::http {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

constexpr std::string_view kNotBuilt =
    "<!doctype html><title>Atlas</title><p>Atlas is running. This build does not include the page; "
    "see <a href=\"/openapi.yaml\">the API</a>.\n";

// Files below /assets/ carry a hash in their names, so they never change.
std::string_view caching(std::string_view path) {
    return path.starts_with("/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
}

void add_common(Response& response, std::string_view path) {
    response.headers.emplace_back("Content-Security-Policy", kPolicy);
    response.headers.emplace_back("Referrer-Policy", "no-referrer");
    response.headers.emplace_back("Cache-Control", caching(path));
}

Response answer(const web::Asset& asset, const Request& request) {
    Response response{.content_type = std::string(asset.content_type)};
    add_common(response, asset.path);
    response.headers.emplace_back("ETag", asset.etag);
    response.headers.emplace_back("Vary", "Accept-Encoding");
    const std::string* known = request.header("if-none-match");
    if (known != nullptr && known->find(asset.etag) != std::string::npos) {
        response.status = 304;
        return response;
    }
    const std::string* accepted = request.header("accept-encoding");
    const bool zipped = accepted != nullptr && asset.gzip.size() < asset.bytes.size() &&
                        accepts(*accepted, Coding::gzip);
    if (zipped) response.headers.emplace_back("Content-Encoding", "gzip");
    response.body = zipped ? asset.gzip : asset.bytes;
    return response;
}

Route file(std::string pattern, std::function<Response(const Request&)> make) {
    return {
        .method = "GET",
        .pattern = std::move(pattern),
        .scope = Scope::none,
        .parameters = {"*"},
        .async_handler = [make = std::move(make)](const Request& request,
                                                  const std::function<void(Response)>& respond) {
            respond(make(request));
        }};
}

}  // namespace

std::vector<Route> web_routes() {
    std::vector<Route> routes;
    for (const web::Asset& asset : web::assets()) {
        const bool index = asset.path == "/index.html";
        routes.push_back(file(index ? "/" : std::string(asset.path),
                              [&asset](const Request& request) { return answer(asset, request); }));
    }
    if (web::find("/index.html") == nullptr) {
        routes.push_back(file("/", [](const Request&) {
            Response response{.content_type = "text/html; charset=utf-8",
                              .body = std::string(kNotBuilt)};
            add_common(response, "/");
            return response;
        }));
    }
    return routes;
}

}  // namespace atlas::http
