// SPDX-License-Identifier: Apache-2.0
//
// Tenants and tokens, through a server or directly in the database: the first token is created
// without a server. Results have the form of the API's, so that a command shows them alike.
//
//     atlas tokens create … --data DIR | --database CONNINFO → [Accounts] → PostgreSQL
//
// Threading  the main thread; calls block.
#pragma once

#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cli/server.h"

namespace atlas::cli {

// The conninfo of the private PostgreSQL in a data folder; throws when there is none.
using ConninfoOf = std::function<std::string(const std::string& data)>;

struct DirectOptions {
    std::string data;
    std::string database;
    bool chosen() const { return !data.empty() || !database.empty(); }  // no server
};

// Adds --data and --database; `options` outlives the parse.
void add_direct_options(CLI::App& command, DirectOptions& options);

// The same targets (/v1/tenants, /v1/tokens), bodies and responses for both ways. Everything throws
// CommandError: not reachable, refused, or unknown.
class Accounts {
public:
    Accounts(const ServerOptions& server, const DirectOptions& direct, const ConninfoOf& conninfo);
    ~Accounts();

    // All items of a list ("tenants", "tokens"), each as JSON.
    std::vector<std::string> list(const std::string& name);
    // The new tenant or token as JSON; the token's secret is in it, this once.
    std::string create_tenant(const std::string& name);
    std::string create_token(const boost::json::object& body);
    void delete_token(const std::string& id);

private:
    struct Database;
    std::string tenant_name_;
    std::unique_ptr<Api> api_;
    std::unique_ptr<Database> database_;
};

}  // namespace atlas::cli
