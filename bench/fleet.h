// SPDX-License-Identifier: Apache-2.0
//
// A made-up fleet and its telemetry: request bodies prepared beforehand, in which only the instants
// and now and then a value are rewritten, so that the load generator leaves the cores to the
// server.
//
// Lifetime   the bodies live as long as the fleet.
// Threading  advance() and set_time() from any thread, each with a body of its own; all else from
//            one.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <unordered_set>
#include <vector>

#include "bench/bench.h"
#include "pg/connection.h"

namespace atlas::bench {

struct FleetShape {
    std::int64_t entities = 1'000'000;
    int tenants = 1000;  // sizes fall with their rank: 1/rank
    int doubles = 6;
    int ints = 2;
    int strings = 2;            // hot
    double change = 0.01;       // chance that a string differs from the one before
    int lines_per_body = 1000;  // at most; one tenant each
    bool line_protocol = false;
    int points() const { return doubles + ints + strings; }
};
// Entities of each of so many tenants, 1/rank; at least one each.
std::vector<std::int64_t> skewed_sizes(std::int64_t entities, int tenants);

// The same with so many entities and tenants as the settings ask for.
FleetShape scaled(FleetShape shape, const Settings& settings);

struct Body {
    std::string tenant;
    std::string text;
    std::vector<std::uint32_t> times;    // offsets of the instants' 13 digits (milliseconds)
    std::vector<std::uint32_t> strings;  // offsets of the two digits that tell strings apart
    std::int64_t observations = 0;
    std::int64_t next_ms = 0;  // the instant it will carry next
    // Of a mix that repeats instants: every (observation, instant) sent so far.
    std::unordered_set<std::uint64_t> sent;
};

class Fleet {
public:
    Fleet(const FleetShape& shape, std::int64_t first_ms);

    void register_tenants(pg::Connection& connection) const;
    // Registers tenants and entities in bulk.
    void register_all(pg::Connection& connection) const;
    std::vector<Body>& bodies() { return bodies_; }
    const FleetShape& shape() const { return shape_; }
    // Moves a body to its next instant, a second on, and changes some strings.
    void advance(Body& body, std::minstd_rand& random) const;
    static void set_time(Body& body, std::size_t observation, std::int64_t unix_ms);

    std::string tenant_name(int tenant) const;
    std::int64_t tenant_size(int tenant) const { return sizes_[static_cast<std::size_t>(tenant)]; }

private:
    void append_json(Body& body, int tenant, std::int64_t entity);
    void append_line(Body& body, int tenant, std::int64_t entity);
    void append_time(Body& body);
    void append_string(Body& body);

    FleetShape shape_;
    std::vector<std::int64_t> sizes_;
    std::vector<Body> bodies_;
    std::minstd_rand random_{42};
};

}  // namespace atlas::bench
