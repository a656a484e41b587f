// SPDX-License-Identifier: Apache-2.0
#include "cli/server.h"

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>
#include <simdjson.h>

#include <cstdio>
#include <cstdlib>

#include "base/startup_error.h"
#include "client/problem.h"

namespace atlas::cli {
namespace {

bool needs_no_quotes(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || c == '_' || c == '.' || c == '-' || byte >= 0x80;
}

// The server's roles wait for their signals; a command ends at once, as its neighbours in a pipe
// do.
void take_default_signals() {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    signal(SIGPIPE, SIG_DFL);
}

}  // namespace

void add_server_options(CLI::App& command, ServerOptions& options, bool with_json) {
    command.add_option("--url", options.url, "Address of Atlas")
        ->envname("ATLAS_URL")
        ->capture_default_str();
    command.add_option("--tenant", options.tenant, "Tenant, if the server requires no token")
        ->envname("ATLAS_TENANT");
    if (with_json) command.add_flag("--json", options.json, "One JSON object per line");
}

client::Options client_options(const ServerOptions& options) {
    client::Options out;
    out.url = options.url;
    out.tenant = options.tenant;
    if (options.response_timeout) out.response_timeout = *options.response_timeout;
    if (const char* token = std::getenv("ATLAS_TOKEN"); token != nullptr) out.token = token;
    return out;
}

void on_run(CLI::App& command, std::function<int()> body) {
    command.callback([body = std::move(body)] {
        int code = 1;
        take_default_signals();
        try {
            code = body();
        } catch (const CommandError& error) {
            fmt::print(stderr, "atlas: {}\n", error.what());
            code = error.exit_code;
        } catch (const StartupError& error) {
            fmt::print(stderr, "atlas: {}\n", error.what());
        }
        std::fflush(stdout);
        throw CLI::RuntimeError(code);
    });
}

Api::Api(const ServerOptions& options) : client_(client_options(options)) {
}

std::string Api::get_text(const std::string& target) {
    return expect_success(client_.send({.method = "GET", .target = target})).body;
}

std::string Api::send_text(std::string_view method, const std::string& target,
                           const boost::json::value& body) {
    const std::string text = body.is_null() ? std::string() : boost::json::serialize(body);
    return expect_success(client_.send({.method = method,
                                        .target = target,
                                        .body = text,
                                        .content_type = text.empty() ? std::string_view()
                                                                     : "application/json"}))
        .body;
}

boost::json::value Api::parse(const std::string& text) {
    boost::system::error_code error;
    auto value = boost::json::parse(text, error);
    if (error)
        throw CommandError("the server's response is not JSON: check that --url is an Atlas");
    return value;
}

const client::Response& expect_success(
    const Result<client::Response, client::TransportError>& response) {
    if (!response) throw CommandError(response.error().detail);
    if (!response->ok()) {
        const auto problem = client::problem_of(*response);
        throw CommandError(problem.code.empty()
                               ? problem.detail
                               : fmt::format("{} ({})", problem.detail, problem.code));
    }
    return *response;
}

std::vector<std::string> raw_items(const std::string& body, std::string_view name) {
    std::vector<std::string> out;
    simdjson::ondemand::parser parser;
    const simdjson::padded_string padded(body);
    simdjson::ondemand::document document;
    simdjson::ondemand::array list;
    if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
        document[name].get_array().get(list) != simdjson::SUCCESS) {
        throw CommandError(fmt::format(
            "the server's response has no list \"{}\": check that --url is an Atlas", name));
    }
    for (auto item : list) {
        simdjson::ondemand::object object;
        std::string_view text;
        if (item.get_object().get(object) != simdjson::SUCCESS) break;
        if (object.raw_json().get(text) == simdjson::SUCCESS) out.emplace_back(text);
    }
    return out;
}

const boost::json::value& member(const boost::json::value& object, std::string_view name) {
    static const boost::json::value kNull;
    const auto* fields = object.if_object();
    const auto* found = fields == nullptr ? nullptr : fields->if_contains(name);
    return found == nullptr ? kNull : *found;
}

std::string text_of(const boost::json::value& object, std::string_view name) {
    const auto& value = member(object, name);
    return value.is_string() ? std::string(value.get_string()) : std::string();
}

std::string quote_name(std::string_view name) {
    if (!name.empty() && std::all_of(name.begin(), name.end(), needs_no_quotes)) {
        return std::string(name);
    }
    std::string out = "`";
    for (const char c : name) {
        if (c == '`') out += '`';
        out += c;
    }
    return out + "`";
}

void for_each_page(Api& api, const std::function<std::string(const std::string&)>& target,
                   const std::function<bool(const std::string&)>& page) {
    std::string page_token;
    do {
        const std::string body = api.get_text(target(page_token));
        if (!page(body)) return;
        page_token = text_of(Api::parse(body), "next_page_token");
    } while (!page_token.empty());
}

}  // namespace atlas::cli
