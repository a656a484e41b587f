// SPDX-License-Identifier: Apache-2.0
//
// Rows of the catalog and of current state edited in SQL between writes through two gateways that
// cache them: every acknowledged data point can be read under the name it was sent to, or under the
// one that its entity or tenant was given since; otherwise the write is refused.
//
// ATLAS_SEED=n repeats a round; ATLAS_ROUNDS=n runs that many instead of some seconds' worth.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "app/compose.h"
#include "http/server/test_server.h"
#include "pg/connection.h"
#include "testing/eventually.h"
#include "testing/manual_clock.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::app {
namespace {

namespace json = boost::json;
using http::RawAnswer;
using http::RawClient;
using test::TestCluster;
using ::testing::HasSubstr;

constexpr auto kForgets = std::chrono::seconds{6};  // a gateway, the names of tenants

// Two gateways on one database, and a session of its owner.
class TwoGateways {
public:
    TwoGateways() {
        for (One& one : gateways_) {
            one.gateway = add_roles(one.services, {kGatewayRole},
                                    {.listen = {.host = "127.0.0.1", .port = 0},
                                     .conninfo = conninfo_,
                                     .auth_off = true},
                                    {config_, one.registry, clock_});
            one.services.start();
            const std::string url = one.gateway->url();
            one.port = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
        }
    }

    RawAnswer ask(std::size_t gateway, std::string_view what, std::string_view body = "",
                  std::string_view tenant = "default") const {
        RawClient client(gateways_.at(gateway).port);
        const std::string headers = fmt::format("X-Atlas-Tenant: {}\r\n", tenant);
        return client.ask(http::request_text(what, headers, body)).value();
    }
    // One value, at an instant after those before it. `value` as JSON writes it; a string or an
    // int.
    RawAnswer post(std::size_t gateway, bool lines, std::string_view entity,
                   std::string_view attribute, std::string_view value,
                   std::string_view tenant = "default") {
        const std::int64_t at = ++milliseconds_;
        if (lines) {
            return ask(gateway, "POST /write?precision=ms",
                       fmt::format("{},entity={} value={}{} {}", attribute, entity, value,
                                   value.starts_with('"') ? "" : "i", at),
                       tenant);
        }
        return ask(gateway, "POST /v1/telemetry",
                   fmt::format(R"({{"entity": "{}", "at": {}, "attributes": {{"{}": {}}}}})",
                               entity, at, attribute, value),
                   tenant);
    }
    // JSON through the first gateway, line protocol through the second.
    RawAnswer write(std::size_t gateway, std::string_view entity, std::string_view status,
                    std::string_view tenant = "default") {
        return post(gateway, gateway == 1, entity, "status", fmt::format("\"{}\"", status), tenant);
    }
    // The status of an entity as a gateway shows it, or the HTTP status of a refusal.
    std::string status(std::size_t gateway, std::string_view entity,
                       std::string_view tenant = "default") const {
        const RawAnswer answer =
            ask(gateway, fmt::format("GET /v1/entities/{}", entity), "", tenant);
        if (answer.status != 200) return std::to_string(answer.status);
        const json::value body = json::parse(answer.body);
        const json::value* value = body.at("attributes").as_object().if_contains("status");
        return value == nullptr ? "none" : std::string(value->as_string());
    }
    // "" or the SQLSTATE.
    std::string sql(std::string_view statement) {
        const auto done = connection_.exec_script(statement);
        if (done) return "";
        static_cast<void>(connection_.exec("ROLLBACK"));
        return done.error().sqlstate;
    }
    std::string one(std::string_view query) {
        const auto rows = connection_.exec(query);
        if (!rows) return "error: " + rows.error().message;
        return rows->empty() ? "none" : std::string(rows->text(0, 0));
    }
    pg::Connection superuser() const {
        return pg::Connection::open(TestCluster::shared().as_superuser(conninfo_), {}).value();
    }
    pg::Connection& connection() { return connection_; }
    test::ManualClock& clock() { return clock_; }

private:
    struct One {
        observe::Registry registry;
        Services services;
        const Gateway* gateway = nullptr;
        std::uint16_t port = 0;
    };
    const std::string conninfo_ = TestCluster::shared().make_database();
    const config::Config config_{};
    test::ManualClock clock_;
    std::array<One, 2> gateways_;
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    std::atomic<std::int64_t> milliseconds_ = to_micros(now()) / 1000 - 3'600'000;
};

struct Edits : ::testing::Test, TwoGateways {
    // Both gateways cache the entity.
    void written(std::string_view entity) {
        for (const std::size_t gateway : {0U, 1U}) {
            ASSERT_LT(write(gateway, entity, "old").status, 300);
        }
    }
    void expect_both(std::string_view entity, std::string_view expected) {
        for (const std::size_t gateway : {0U, 1U}) EXPECT_EQ(status(gateway, entity), expected);
    }
};

TEST_F(Edits, AnEntityWithHistoryIsNotDeleted) {
    written("pump-1");
    EXPECT_EQ(sql("DELETE FROM entities WHERE external_id = 'pump-1'"), "23503");
    EXPECT_EQ(sql("TRUNCATE entities"), "0A000");
    EXPECT_EQ(sql("DELETE FROM entity_jsonb"), "23503");
    expect_both("pump-1", "old");
}

TEST_F(Edits, WhatIsSentToADeletedEntityRegistersAnother) {
    written("pump-1");
    const std::string before = one("SELECT entity_id FROM entities");
    ASSERT_EQ(sql("DELETE FROM observations; DELETE FROM entities"), "");
    expect_both("pump-1", "404");
    for (const std::size_t gateway : {0U, 1U}) {
        const std::string value = fmt::format("new {}", gateway);
        EXPECT_LT(write(gateway, "pump-1", value).status, 300);
        expect_both("pump-1", value);
    }
    EXPECT_NE(one("SELECT entity_id FROM entities"), before);
    EXPECT_EQ(ask(0, "PUT /v1/entities/pump-1").status, 200);
}

TEST_F(Edits, DataForTheOldNameDoesNotReachTheRenamedEntity) {
    written("pump-1");
    ASSERT_EQ(sql("UPDATE entities SET external_id = 'pump-2'"), "");
    expect_both("pump-1", "404");
    expect_both("pump-2", "old");
    for (const std::size_t gateway : {0U, 1U}) {
        EXPECT_LT(write(gateway, "pump-1", fmt::format("first {}", gateway)).status, 300);
        EXPECT_LT(write(gateway, "pump-2", fmt::format("second {}", gateway)).status, 300);
    }
    expect_both("pump-1", "first 1");
    expect_both("pump-2", "second 1");
    EXPECT_EQ(one("SELECT count(*) FROM entities"), "2");
}

// Goal: the same of what was under way, its entity found, when the name changed.
TEST_F(Edits, DataUnderWayToTheOldNameDoesNotReachTheRenamedEntity) {
    written("pump-1");
    ASSERT_EQ(sql("BEGIN; UPDATE entities SET external_id = 'pump-2'"), "");
    std::array<RawAnswer, 2> answers;
    std::vector<std::thread> writers;
    for (const std::size_t gateway : {0U, 1U}) {
        writers.emplace_back(
            [&, gateway] { answers.at(gateway) = write(gateway, "pump-1", "under way"); });
    }
    EXPECT_TRUE(test::eventually([&] {
        return one("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'advisory' "
                   "AND classid = 1635019891") == "2";
    }));
    ASSERT_EQ(sql("COMMIT"), "");
    for (std::thread& writer : writers) writer.join();
    for (const RawAnswer& answer : answers) EXPECT_LT(answer.status, 300) << answer.body;
    expect_both("pump-1", "under way");
    expect_both("pump-2", "old");
}

// Goal: a state edited by hand is read again before the next value is compared with it.
TEST_F(Edits, AValueThatWasTakenOutOfTheStateByHandIsWrittenAgain) {
    written("pump-1");
    ASSERT_EQ(sql("UPDATE entity_jsonb SET hot_attrs = '{}'"), "");
    expect_both("pump-1", "none");
    EXPECT_LT(write(1, "pump-1", "old").status, 300);
    expect_both("pump-1", "old");
    EXPECT_EQ(sql("UPDATE entity_jsonb SET is_deleted = true"), "0A000");
}

// Goal: what goes around the triggers is shown at once and repaired by the job or the next write.
TEST_F(Edits, AStateDeletedAroundTheTriggersIsMadeAgain) {
    written("pump-1");
    pg::Connection superuser = this->superuser();
    ASSERT_TRUE(
        superuser.exec_script("SET session_replication_role = replica;"
                              "DELETE FROM entity_jsonb; UPDATE shards SET writer = 0"));
    expect_both("pump-1", "none");
    EXPECT_EQ(one("SELECT restored FROM atlas_restore_missing_states(0, 100)"), "1");
    expect_both("pump-1", "old");
    ASSERT_TRUE(superuser.exec_script("DELETE FROM entity_jsonb; UPDATE shards SET writer = 0"));
    EXPECT_LT(post(1, false, "pump-1", "level", "1").status, 300);
    expect_both("pump-1", "old");
    ASSERT_TRUE(superuser.exec_script("DELETE FROM entity_jsonb; UPDATE shards SET writer = 0"));
    EXPECT_EQ(ask(0, "PUT /v1/entities/pump-1").status, 200);
    expect_both("pump-1", "old");
}

TEST_F(Edits, AnEntityDeletedAroundTheTriggersIsRegisteredAgain) {
    written("pump-1");
    pg::Connection superuser = this->superuser();
    ASSERT_TRUE(superuser.exec_script(
        "SET session_replication_role = replica; DELETE FROM entities; DELETE FROM entity_jsonb;"
        "UPDATE shards SET writer = 0"));
    for (const std::size_t gateway : {0U, 1U}) {
        const std::string value = fmt::format("new {}", gateway);
        EXPECT_LT(write(gateway, "pump-1", value).status, 300);
        expect_both("pump-1", value);
    }
}

TEST_F(Edits, AnAttributeKeepsItsName) {
    written("pump-1");
    EXPECT_EQ(sql("UPDATE attributes SET attribute_name = 'state'"), "55006");
    EXPECT_EQ(sql("DELETE FROM tenant_attributes"), "23503");
    EXPECT_EQ(sql("DELETE FROM attributes"), "23503");
    EXPECT_EQ(sql("INSERT INTO attributes (attribute_name) VALUES ('flwo');"
                  "UPDATE attributes SET attribute_name = 'flow' WHERE attribute_name = 'flwo'"),
              "");
    EXPECT_LT(write(1, "pump-1", "new").status, 300);
    expect_both("pump-1", "new");
}

// Goal: a value that a deleted attribute refused gets the attribute of its own type, through every
// gateway, although nothing is committed in between.
TEST_F(Edits, ADeletedAttributeRefusesNothing) {
    written("pump-1");
    ASSERT_EQ(ask(0, "PUT /v1/attributes/sx", R"({"type":"double"})").status, 201);
    for (const std::size_t gateway : {0U, 1U}) {
        ASSERT_EQ(post(gateway, false, "pump-1", "sx", R"("text")").status, 422);
    }
    ASSERT_LT(write(0, "pump-1", "new").status, 300);
    ASSERT_EQ(sql("DELETE FROM tenant_attributes ta USING attributes a WHERE a.attribute_id = "
                  "ta.attribute_id AND attribute_name = 'sx';"
                  "DELETE FROM attributes WHERE attribute_name = 'sx'"),
              "");
    for (const std::size_t gateway : {0U, 1U}) {
        const RawAnswer tried =
            ask(gateway, "POST /v1/telemetry?dry_run=true",
                R"({"entity": "pump-1", "attributes": {"not yet known": 1, "sx": "text"}})");
        EXPECT_LT(tried.status, 300) << tried.body;
        EXPECT_THAT(tried.body, ::testing::Not(HasSubstr("sx")));
    }
    for (const std::size_t gateway : {0U, 1U}) {
        const RawAnswer answer = post(gateway, false, "pump-1", "sx", R"("text")");
        EXPECT_LT(answer.status, 300) << answer.body;
    }
}

TEST_F(Edits, ARenamedTenantIsNotWrittenToUnderItsOldName) {
    ASSERT_EQ(sql("INSERT INTO tenants (tenant_name) VALUES ('acme')"), "");
    for (const std::size_t gateway : {0U, 1U}) {
        ASSERT_LT(write(gateway, "pump-1", "old", "acme").status, 300);
    }
    ASSERT_EQ(sql("UPDATE tenants SET tenant_name = 'apex' WHERE tenant_name = 'acme';"
                  "INSERT INTO tenants (tenant_name) VALUES ('acme')"),
              "");
    for (const std::size_t gateway : {0U, 1U}) {
        const RawAnswer refused = write(gateway, "pump-1", "new", "acme");
        EXPECT_EQ(refused.status, 404);
        EXPECT_THAT(refused.body, HasSubstr("renamed"));
        EXPECT_LT(write(gateway, "pump-1", "new", "apex").status, 300);
    }
    clock().advance(kForgets);
    for (const std::size_t gateway : {0U, 1U}) {
        EXPECT_TRUE(test::eventually(
            [&] { return write(gateway, "pump-1", "of another", "acme").status < 300; }));
        EXPECT_EQ(status(gateway, "pump-1", "acme"), "of another");
        EXPECT_EQ(status(gateway, "pump-1", "apex"), "new");
    }
    EXPECT_EQ(one("SELECT count(*) FROM entities"), "2");
}

// Random edits and writes ---------------------------------------------------------------------

constexpr auto kTime = std::chrono::seconds{3};
constexpr int kSteps = 100;
constexpr int kAfterEdit = 4;  // writes that go where an edit was
const std::vector<std::string> kTenants = {"default", "acme", "apex"};
const std::vector<std::string> kEntities = {"a", "b", "c"};
const std::set<std::string> kRefusals = {"", "23503", "23505", "0A000", "55006"};

struct Entity {
    bool retired = false;
    std::set<std::string> points;                // attribute=value
    std::map<std::string, std::string> current;  // as GET must show it
    std::string status;                          // sent last
};
using Tenant = std::map<std::string, Entity>;

class World {
public:
    explicit World(std::uint64_t seed) : random_(seed) {
        tenants_["default"];
        edit_tenants("acme");
        moved_.clear();
    }

    void step() {
        ++step_;
        const int kind = pick(24);
        if (left_ > 0 || kind < 10) return write();
        find_registered();
        if (kind < 12) return race_rename();
        if (kind < 13) return clock_moves();
        edit(kind);
        look();
    }
    // All that was acknowledged, under the names of the end.
    void finish() {
        std::set<std::string> expected;
        for (const auto& [tenant, entities] : tenants_) {
            for (const auto& [name, entity] : entities) {
                for (const auto& point : entity.points) {
                    expected.insert(fmt::format("{}/{}/{}", tenant, name, point));
                }
            }
        }
        std::set<std::string> stored;
        const auto rows = gateways_.connection().exec(
            "SELECT format('%s/%s/%s=%s', tenant_name, external_id, attribute_name, value) "
            "FROM entity_values_ts JOIN tenants USING (tenant_id) "
            "JOIN entities USING (entity_id) JOIN attributes USING (attribute_id)");
        ASSERT_TRUE(rows);
        for (int row = 0; row < rows->size(); ++row) stored.emplace(rows->text(row, 0));
        EXPECT_EQ(stored, expected);
        EXPECT_EQ(gateways_.one("SELECT count(*) FROM observations WHERE entity_id NOT IN "
                                "(SELECT entity_id FROM entities)"),
                  "0");
    }
    int acknowledged() const { return acknowledged_; }

private:
    int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }
    template <class Container>
    const std::string& any(const Container& names) {
        return names[static_cast<std::size_t>(pick(static_cast<int>(names.size())))];
    }
    // What becomes of a write is decided under these names.
    struct Target {
        std::string tenant;
        std::string entity;
        std::string attribute;
        std::string value;
    };
    // Often where the last edit was.
    Target target() {
        const bool text = pick(3) != 0;
        const bool there = left_ > 0;
        if (there) --left_;
        return {there ? any(edited_tenants_) : any(kTenants),
                there ? any(edited_entities_) : any(kEntities), text ? "status" : "level",
                fmt::format("{}{}", text ? "v" : "", step_)};
    }
    void edits(std::vector<std::string> tenants, std::vector<std::string> entities) {
        edited_tenants_ = std::move(tenants);
        edited_entities_ = std::move(entities);
        left_ = kAfterEdit;
    }
    // What an edit is about, mostly something that is there.
    std::pair<std::string, std::string> subject() {
        std::vector<std::pair<std::string, std::string>> there;
        for (const auto& [tenant, entities] : tenants_) {
            for (const auto& [name, unused] : entities) there.emplace_back(tenant, name);
        }
        if (there.empty() || pick(4) == 0) return {any(kTenants), any(kEntities)};
        return there[static_cast<std::size_t>(pick(static_cast<int>(there.size())))];
    }
    RawAnswer post(const Target& to, std::size_t gateway, bool lines) {
        const bool text = to.attribute == "status";
        return gateways_.post(gateway, lines, to.entity, to.attribute,
                              text ? fmt::format("\"{}\"", to.value) : to.value, to.tenant);
    }
    void arrived(const Target& at) {
        ++acknowledged_;
        Entity& entity = tenants_.at(at.tenant)[at.entity];
        entity.points.insert(at.attribute + "=" + at.value);
        entity.current[at.attribute] = at.value;
        if (at.attribute == "status") entity.status = at.value;
    }
    // A write that is refused in the end may have registered its entity.
    void find_registered() {
        const auto rows = gateways_.connection().exec(
            "SELECT tenant_name, external_id FROM tenants JOIN entities USING (tenant_id)");
        ASSERT_TRUE(rows);
        for (int row = 0; row < rows->size(); ++row) {
            tenants_.at(std::string(rows->text(row, 0)))[std::string(rows->text(row, 1))];
        }
    }

    // Accepted where tenant and entity are open to it, refused elsewhere. A tenant's name that came
    // to mean another one may be refused until gateways forget it.
    void write() {
        Target to = target();
        if (pick(3) == 0) gateway_ = 1 - gateway_;
        const std::size_t gateway = gateway_;
        const bool lines = pick(2) == 0;
        const auto tenant = tenants_.find(to.tenant);
        // Now and then what it has already.
        if (tenant != tenants_.end() && to.attribute == "status" && pick(2) == 0) {
            const auto entity = tenant->second.find(to.entity);
            if (entity != tenant->second.end() && !entity->second.status.empty()) {
                to.value = entity->second.status;
            }
        }
        RawAnswer answer = post(to, gateway, lines);
        if (tenant == tenants_.end()) {
            EXPECT_TRUE(answer.status == 404 || answer.status == 403) << answer.body;
            return;
        }
        if (answer.status == 404 || answer.status == 403) {
            EXPECT_TRUE(has_moved_.contains(to.tenant)) << to.tenant << ": " << answer.body;
            clock_moves();
            EXPECT_TRUE(test::eventually([&] {
                answer = post(to, gateway, lines);
                return answer.status != 404 && answer.status != 403;
            }));
        }
        const auto entity = tenant->second.find(to.entity);
        if (entity != tenant->second.end() && entity->second.retired) {
            EXPECT_GE(answer.status, 400) << answer.body;
            return;
        }
        ASSERT_LT(answer.status, 300) << answer.body;
        arrived(to);
        expect_shown(to.tenant, to.entity);
    }

    // An entity or its tenant is renamed while a point is on its way. It is where it would be had
    // it come before or after.
    void race_rename() {
        Target to = target();
        std::tie(to.tenant, to.entity) = subject();
        const std::string renamed = any(kEntities);
        const auto tenant = tenants_.find(to.tenant);
        if (tenant == tenants_.end() || moved_.contains(to.tenant)) return;
        const auto known = tenant->second.find(to.entity);
        const bool retired = known != tenant->second.end() && known->second.retired;
        RawAnswer answer;
        std::thread writer([&] { answer = post(to, 0, false); });
        const std::string refusal = gateways_.sql(rename_sql(to.tenant, to.entity, renamed));
        writer.join();
        // Two inserts of one name may meet in a deadlock; the edit is the one that gives way.
        EXPECT_TRUE(kRefusals.contains(refusal) || refusal == "40P01") << refusal;
        if (retired) {
            if (refusal.empty()) entity_renamed(to.tenant, to.entity, renamed);
            if (answer.status >= 400) return;
        }
        ASSERT_LT(answer.status, 300) << answer.body;
        const std::string where = gateways_.one(fmt::format(
            "SELECT string_agg(tenant_name || '/' || external_id, ' ') FROM entity_values_ts "
            "JOIN tenants USING (tenant_id) JOIN entities USING (entity_id) "
            "WHERE value = '{}'",
            to.value));
        ASSERT_TRUE(where == to.tenant + "/" + to.entity || where == to.tenant + "/" + renamed)
            << where;
        if (refusal.empty() && !retired) entity_renamed(to.tenant, to.entity, renamed);
        edits({to.tenant}, {to.entity, renamed});
        arrived({to.tenant, where.substr(where.find('/') + 1), to.attribute, to.value});
    }

    // Until all gateways know the tenants' names as they are.
    void clock_moves() {
        gateways_.clock().advance(kForgets);
        for (const std::size_t gateway : {0U, 1U}) {
            for (const std::string& name : kTenants) {
                EXPECT_TRUE(test::eventually([&] {
                    const auto answer = gateways_.ask(gateway, "GET /v1/tenants", "", name);
                    return tenants_.contains(name)
                               ? answer.body.find(fmt::format("\"{}\"", name)) != std::string::npos
                               : answer.status == 404;
                })) << name;
            }
        }
        moved_.clear();
    }

    static std::string tenant_sql(const std::string& tenant) {
        return fmt::format("(SELECT tenant_id FROM tenants WHERE tenant_name = '{}')", tenant);
    }
    static std::string entity_sql(const std::string& tenant, const std::string& entity) {
        return fmt::format("tenant_id = {} AND external_id = '{}'", tenant_sql(tenant), entity);
    }
    static std::string rename_sql(const std::string& tenant, const std::string& entity,
                                  const std::string& to) {
        return fmt::format("UPDATE entities SET external_id = '{}' WHERE {}", to,
                           entity_sql(tenant, entity));
    }
    // True when it was done; false when it was refused as one of the refusals.
    bool done(const std::string& statement) {
        const std::string refusal = gateways_.sql(statement);
        EXPECT_TRUE(kRefusals.contains(refusal)) << statement << ": " << refusal;
        return refusal.empty();
    }
    void refused(const std::string& statement) { EXPECT_FALSE(done(statement)) << statement; }

    void entity_renamed(const std::string& tenant, const std::string& from, const std::string& to) {
        Tenant& entities = tenants_.at(tenant);
        const auto found = entities.find(from);
        if (found == entities.end() || from == to) return;
        EXPECT_FALSE(entities.contains(to));
        entities[to] = std::move(found->second);
        entities.erase(from);
    }

    void edit(int kind) {
        const auto [tenant, entity] = subject();
        edits({tenant}, {entity});
        const auto owner = tenants_.find(tenant);
        Entity* const known = owner == tenants_.end() || !owner->second.contains(entity)
                                  ? nullptr
                                  : &owner->second[entity];
        const std::string which = entity_sql(tenant, entity);
        const std::string state = fmt::format(
            "(tenant_id, entity_id) IN (SELECT tenant_id, entity_id FROM entities WHERE {})",
            which);
        switch (kind) {
            case 13:
            case 14: {
                const std::string to = any(kEntities);
                edits({tenant}, {entity, to});
                if (done(rename_sql(tenant, entity, to)) && known != nullptr) {
                    entity_renamed(tenant, entity, to);
                }
                return;
            }
            case 15:
                EXPECT_EQ(done("DELETE FROM entities WHERE " + which),
                          known == nullptr || known->points.empty());
                if (known != nullptr && known->points.empty()) owner->second.erase(entity);
                return;
            case 16:
                if (done(fmt::format("DELETE FROM observations WHERE {}; "
                                     "DELETE FROM entities WHERE {}",
                                     state, which)) &&
                    known != nullptr) {
                    owner->second.erase(entity);
                }
                return;
            case 17:
                if (done(fmt::format("UPDATE entities SET is_deleted = NOT is_deleted, "
                                     "entity_type = 'kind {}' WHERE {}",
                                     step_, which)) &&
                    known != nullptr) {
                    known->retired = !known->retired;
                }
                return;
            case 18:
                if (done(fmt::format("UPDATE entity_jsonb SET hot_attrs = '{{}}' WHERE {}",
                                     state)) &&
                    known != nullptr) {
                    known->current.erase("status");
                }
                return;
            case 19:
            case 20: return edit_tenants(tenant);
            case 21: {
                const bool gone = done("DELETE FROM entity_jsonb WHERE " + state);
                EXPECT_EQ(gone, known == nullptr);
                return;
            }
            case 22:
                if (owner != tenants_.end() && known == nullptr &&
                    done(fmt::format(
                        "INSERT INTO entities (tenant_id, external_id) VALUES ({}, '{}')",
                        tenant_sql(tenant), entity))) {
                    owner->second[entity];
                }
                return;
            default: return edit_in_vain();
        }
    }
    void edit_tenants(const std::string& tenant) {
        const auto known = tenants_.find(tenant);
        const std::string to = any(kTenants);
        edits({tenant, to}, kEntities);
        if (known == tenants_.end()) {
            EXPECT_TRUE(
                done(fmt::format("INSERT INTO tenants (tenant_name) VALUES ('{}')", tenant)));
            tenants_[tenant];
        } else if (pick(4) == 0) {
            if (done(fmt::format("DELETE FROM tenants WHERE tenant_name = '{}'", tenant))) {
                EXPECT_TRUE(known->second.empty());
                tenants_.erase(known);
            }
        } else if (done(fmt::format("UPDATE tenants SET tenant_name = '{}' WHERE tenant_name = "
                                    "'{}'",
                                    to, tenant)) &&
                   to != tenant) {
            tenants_[to] = std::move(known->second);
            tenants_.erase(tenant);
            moved_.insert(to);
        }
        moved_.insert(tenant);
        has_moved_.insert(moved_.begin(), moved_.end());
    }
    void edit_in_vain() {
        static const std::vector<std::string> kStatements = {
            "TRUNCATE entities",
            "TRUNCATE entity_jsonb",
            "TRUNCATE tenants CASCADE",
            "TRUNCATE attributes CASCADE",
            "UPDATE entity_jsonb SET is_deleted = true",
            "UPDATE entity_jsonb SET entity_id = entity_id + 1",
            "UPDATE shapes SET attrs = '{1}'",
        };
        refused(any(kStatements));
        // Refused where there is something to refuse.
        const std::string one = fmt::format("'{}'", pick(2) == 0 ? "status" : "level");
        const bool used = std::ranges::any_of(tenants_, [&](const auto& tenant) {
            return std::ranges::any_of(tenant.second, [&](const auto& entity) {
                return entity.second.current.contains(one.substr(1, one.size() - 2));
            });
        });
        const bool renamed =
            done(fmt::format("BEGIN; UPDATE attributes SET attribute_name = 'other' WHERE "
                             "attribute_name = {}; DELETE FROM tenant_attributes ta USING "
                             "attributes a WHERE a.attribute_id = ta.attribute_id AND "
                             "attribute_name = {}; ROLLBACK",
                             one, one));
        EXPECT_FALSE(renamed && used);
        if (!tenants_.empty() && !tenants_.begin()->second.empty()) {
            refused("UPDATE entities SET entity_id = entity_id + 1000");
        }
    }

    // Any entity, through any gateway.
    void look() {
        const std::string tenant = any(kTenants);
        const auto found = tenants_.find(tenant);
        if (found == tenants_.end() || found->second.empty()) return;
        const auto entity =
            std::next(found->second.begin(), pick(static_cast<int>(found->second.size())));
        expect_shown(tenant, entity->first);
    }
    void expect_shown(const std::string& tenant, const std::string& name) {
        const Entity& entity = tenants_.at(tenant).at(name);
        // A name that moved may be read under its old meaning until gateways forget it.
        if (entity.retired) return;
        if (moved_.contains(tenant)) {
            if (pick(3) != 0) return;
            clock_moves();
        }
        // Other gateways look for new attributes once a second.
        gateways_.clock().advance(std::chrono::seconds{1});
        const bool all = pick(2) == 0;  // else only what is hot: the status
        const auto answer = gateways_.ask(
            static_cast<std::size_t>(pick(2)),
            fmt::format("GET /v1/entities/{}{}", name, all ? "?attributes=*" : ""), "", tenant);
        ASSERT_EQ(answer.status, 200) << tenant << '/' << name << ": " << answer.body;
        const json::value body = json::parse(answer.body);
        for (const auto& [attribute, value] : entity.current) {
            if (!all && attribute != "status") continue;
            const json::value* shown = body.at("attributes").as_object().if_contains(attribute);
            ASSERT_NE(shown, nullptr) << tenant << '/' << name << '/' << attribute;
            EXPECT_EQ(
                shown->is_string() ? std::string(shown->as_string()) : json::serialize(*shown),
                value);
        }
    }

    std::mt19937_64 random_;
    TwoGateways gateways_;
    std::map<std::string, Tenant> tenants_;  // by name
    std::set<std::string> moved_;            // names of tenants that gateways may hold otherwise
    std::set<std::string> has_moved_;        // ever
    std::vector<std::string> edited_tenants_;
    std::vector<std::string> edited_entities_;
    int left_ = 0;  // writes that go there
    std::size_t gateway_ = 0;
    int step_ = 0;
    int acknowledged_ = 0;
};

TEST(EditsProperty, EveryAcknowledgedPointIsFoundUnderItsName) {
    std::uint64_t seed = test::seed_or(std::random_device{}());
    const std::uint64_t wanted = test::rounds_or(0);
    const auto until = std::chrono::steady_clock::now() + kTime * test::times_longer();
    for (std::uint64_t round = 0;
         round < wanted || (wanted == 0 && std::chrono::steady_clock::now() < until); ++round) {
        SCOPED_TRACE(fmt::format("ATLAS_SEED={} ATLAS_ROUNDS=1", seed));
        World world(seed++);
        for (int i = 0; i < kSteps && !::testing::Test::HasFailure(); ++i) {
            world.step();
            if (::testing::Test::HasFailure()) std::cerr << "at step " << i << '\n';
        }
        world.finish();
        EXPECT_GT(world.acknowledged(), 2);
        if (::testing::Test::HasFailure()) break;
    }
}

}  // namespace
}  // namespace atlas::app
