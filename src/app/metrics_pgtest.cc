// SPDX-License-Identifier: Apache-2.0
//
// docs/metrics.md against the running program: names are a contract with dashboards and alerts, so
// none comes, goes or changes its type unnoticed.
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "app/compose.h"
#include "testing/source_dir.h"
#include "testing/test_cluster.h"

namespace atlas::app {
namespace {

// Families as rows of the document: "| name | type | help |".
std::set<std::string> rows_of(const std::string& rendered) {
    std::set<std::string> rows;
    std::istringstream lines(rendered);
    std::string help;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# HELP ")) help = line.substr(line.find(' ', 7) + 1);
        if (!line.starts_with("# TYPE ")) continue;
        const auto blank = line.find(' ', 7);
        rows.insert(fmt::format("| `{}` | {} | {} |", line.substr(7, blank - 7),
                                line.substr(blank + 1), help));
    }
    return rows;
}

struct Document {
    std::set<std::string> gateway;
    std::set<std::string> up_only;  // of the embedded PostgreSQL
};

Document read_document() {
    Document document;
    std::ifstream file(test::source_dir() / "docs" / "metrics.md");
    bool up_only = false;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("## ")) up_only = line.find("atlas up") != std::string::npos;
        if (line.starts_with("| `")) (up_only ? document.up_only : document.gateway).insert(line);
    }
    return document;
}

TEST(Metrics, AreThoseOfTheDocument) {
    observe::Registry registry;
    const config::Config config;
    const SystemClock clock;
    Services services;
    add_roles(services, up_roles(config),
              {.listen = {.host = "127.0.0.1", .port = 0},
               .conninfo = test::TestCluster::shared().make_database(),
               .auth_off = true},
              {config, registry, clock});
    services.start();
    const auto rendered = rows_of(registry.render());
    services.stop();
    const Document document = read_document();
    for (const auto& row : rendered) {
        EXPECT_TRUE(document.gateway.contains(row)) << "docs/metrics.md lacks: " << row;
    }
    for (const auto& row : document.gateway) {
        EXPECT_TRUE(rendered.contains(row)) << "docs/metrics.md has too much: " << row;
    }
    EXPECT_FALSE(document.up_only.empty());
}

}  // namespace
}  // namespace atlas::app
