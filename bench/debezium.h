// SPDX-License-Identifier: Apache-2.0
//
// Debezium's connector for PostgreSQL, in its embedded engine, as the peer of the change stream.
//
//     bench/debezium/build → java → slot of the benchmark's server, over TCP
//
// Needs Java 17 and Maven, which fetches what bench/debezium/pom.xml pins.
//
// Lifetime   the server is the caller's.
// Threading  the benchmark's; calls block.
#pragma once

#include <cstdint>
#include <string>

#include "pg/connection.h"

namespace atlas::bench {

class Debezium {
public:
    // Builds it when it is not built yet, and picks a free port for servers that start after it
    // (ATLAS_POSTGRES_PORT). Throws std::runtime_error.
    Debezium();

    // Makes the slot, and gives the superuser a password for TCP.
    void prepare(pg::Connection& database) const;

    struct Run {
        std::int64_t rows = 0;
        double cpu_seconds = 0;  // of the Java process
        double walsender_cpu_seconds = 0;
    };
    // Reads the slot until `rows` rows of observations have come.
    Run read(pg::Connection& database, std::int64_t rows) const;

private:
    std::string command_;
    int port_ = 0;
};

// Of all walsenders that run now: user and system.
double walsender_cpu_seconds(pg::Connection& database);

}  // namespace atlas::bench
