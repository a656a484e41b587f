// SPDX-License-Identifier: Apache-2.0
//
// Tenants and tokens straight on the database, without a server: that is how the first token is
// made. Answers have the form of the API's, so that a command shows them alike.
//
//     atlas tokens create … --data DIR | --database CONNINFO → [direct] → PostgreSQL
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
    bool chosen() const { return !data.empty() || !database.empty(); }
};

void add_direct_options(CLI::App& command, DirectOptions& options);

// Sends what `Api` would send, to the server or, where --data or --database say so, to the database
// itself: the same targets (/v1/tenants, /v1/tokens), bodies and answers.
class Accounts {
public:
    Accounts(const ServerOptions& server, const DirectOptions& direct, const ConninfoOf& conninfo);
    ~Accounts();

    // All items of a list ("tenants", "tokens"), as written.
    std::vector<std::string> list(const std::string& name);
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
