// SPDX-License-Identifier: Apache-2.0
//
// What the commands share: the options that name a server, calls to it, and how a command ends.
//
//     command → Api → HttpClient → Atlas
//
// A command that cannot continue throws CommandError; on_run() is the one place that catches it.
//
// Lifetime   options live as long as the parse; an Api is one command's.
// Threading  one thread per Api; calls block.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "client/http_client.h"

namespace atlas::cli {

struct CommandError : std::runtime_error {
    explicit CommandError(const std::string& text, int code = 1)
        : std::runtime_error(text), exit_code(code) {}
    int exit_code;
};

struct ServerOptions {
    std::string url = "http://127.0.0.1:8470";
    std::string tenant = {};
    bool json = false;
    std::optional<std::chrono::milliseconds> response_timeout = {};  // nullopt: the client's own
};

// Adds --url (ATLAS_URL), --tenant (ATLAS_TENANT) and, where `with_json`, --json.
void add_server_options(CLI::App& command, ServerOptions& options, bool with_json = true);

// The token comes from ATLAS_TOKEN, so that no list of processes shows it.
client::Options client_options(const ServerOptions& options);

// Makes `command` run `body` when it is the one chosen, and end with the code that it returns, or
// with the message and code of a CommandError.
void on_run(CLI::App& command, std::function<int()> body);

class Api {
public:
    explicit Api(const ServerOptions& options);

    // The body of the response. Each throws CommandError with the server's own words when the
    // response is not 2xx, or when there is none.
    std::string get_text(const std::string& target);
    boost::json::value get(const std::string& target) { return parse(get_text(target)); }
    std::string send_text(std::string_view method, const std::string& target,
                          const boost::json::value& body);
    static boost::json::value parse(const std::string& text);

    client::HttpClient& client() { return client_; }

private:
    client::HttpClient client_;
};

// The response, which is 2xx. Throws CommandError with the server's own words when it is not, and
// with the reason when there is none.
const client::Response& expect_success(
    const Result<client::Response, client::TransportError>& response);

// The items of the list `name` in `body`, each as it was written, digit for digit. Throws
// CommandError when there is no such list.
std::vector<std::string> raw_items(const std::string& body, std::string_view name);
// The string member `name`; empty when there is none.
std::string text_of(const boost::json::value& object, std::string_view name);
// The member `name`; null when there is none.
const boost::json::value& member(const boost::json::value& object, std::string_view name);

// An attribute's name as filters and lists require it: in backquotes where it needs them.
std::string quote_name(std::string_view name);

// Calls `page` with the body of every page of a list until it returns false or pages end.
void for_each_page(Api& api,
                   const std::function<std::string(const std::string& page_token)>& target,
                   const std::function<bool(const std::string& body)>& page);

}  // namespace atlas::cli
