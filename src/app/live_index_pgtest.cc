// SPDX-License-Identifier: Apache-2.0
//
// The live index through HTTP: a gateway with the role index and one without it, on one database.
// What memory answers is what PostgreSQL answers, to the byte, while everything changes.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/json.hpp>
#include <random>
#include <thread>

#include "app/compose.h"
#include "base/json_writer.h"
#include "http/server/test_server.h"
#include "testing/eventually.h"
#include "testing/rounds.h"
#include "testing/test_cluster.h"

namespace atlas::app {
namespace {

namespace json = boost::json;
using test::TestCluster;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        out += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
    return out;
}

// A gateway with services of its own.
class Site {
public:
    Site(const std::string& conninfo, const Roles& roles, const config::Config& config)
        : gateway_(add_roles(
              services_, roles,
              {.listen = {.host = "127.0.0.1", .port = 0}, .conninfo = conninfo, .auth_off = true},
              {config, registry_, clock_})) {
        services_.start();
        const std::string url = gateway_->url();
        port_ = static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1)));
    }
    ~Site() { services_.stop(); }

    http::RawAnswer ask(std::string_view what, std::string_view body = "") const {
        http::RawClient client(port_);
        const std::string headers = body.empty() ? "" : "Content-Type: application/json\r\n";
        return client.ask(http::request_text(what, headers, body)).value();
    }
    std::vector<http::StatusPart> stages() const { return services_.stages(); }

private:
    observe::Registry registry_;
    const SystemClock clock_;
    Services services_;
    const Gateway* gateway_;
    std::uint16_t port_ = 0;
};

class LiveIndexTest : public ::testing::Test {
protected:
    // A role that may follow the log.
    LiveIndexTest()
        : conninfo_(TestCluster::shared().as_superuser(TestCluster::shared().make_database())) {}
    ~LiveIndexTest() override {
        live_.reset();
        plain_.reset();
        EXPECT_TRUE(TestCluster::shared().drop_slots(conninfo_));
    }

    void start_plain() { plain_.emplace(conninfo_, Roles{"gateway"}, config_); }
    // Returns when the index holds the database.
    void start_live() {
        live_.emplace(conninfo_, Roles{"gateway", "index"}, config_);
        ASSERT_TRUE(test::eventually([&] {
            // The index is complete behind what was the end of the log, which the heartbeat moves.
            sql("INSERT INTO replication_heartbeat (source) VALUES ('test')");
            return from_memory(live_->ask("GET /v1/entities?consistency=strong"));
        })) << live_->stages().front().detail;
    }

    static bool from_memory(const http::RawAnswer& answer) {
        return answer.status == 200 && answer.body.find("\"source\":\"live\"") != std::string::npos;
    }
    // Without what says where it comes from.
    static std::string shown(const http::RawAnswer& answer) {
        const auto metadata = answer.body.find(",\"_metadata\"");
        return fmt::format("{} {}", answer.status,
                           answer.status == 200
                               ? answer.body.substr(0, metadata)
                               : answer.body.substr(0, answer.body.find("request")));
    }
    void write(const Site& site, std::string_view body) const {
        const auto answer = site.ask("POST /v1/telemetry", body);
        ASSERT_EQ(answer.status, 200) << answer.body << "\n" << body;
    }
    std::string sql(std::string_view statement) {
        const auto rows = connection_.exec(statement);
        EXPECT_TRUE(rows) << statement << ": " << rows.error().message;
        return rows && !rows->empty() ? std::string(rows->text(0, 0)) : "";
    }

    const std::string conninfo_;
    pg::Connection connection_ = pg::Connection::open(conninfo_, {}).value();
    const config::Config config_{};
    std::optional<Site> plain_;
    std::optional<Site> live_;
};

// Telemetry, filters, orders and pages at random.
class Chance {
public:
    explicit Chance(std::uint32_t seed) : random_(seed) {}

    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    template <class T>
    const T& of(const std::vector<T>& list) {
        return list[below(list.size())];
    }

    std::string value(const std::string& name) {
        if (below(12) == 0) return "null";
        if (name == "status") return quoted(of(kTexts));
        if (name == "priority") return of(kInts);
        if (name == "price") return of(kDecimals);
        if (name == "ratio") return of(kDoubles);
        if (name == "enabled") return below(2) == 0 ? "true" : "false";
        if (name == "since") return quoted(time(below(40)));
        return fmt::format(R"({{"a": [{}, "x"]}})", below(3));
    }

    // The last text has a control character, which no name may have.
    std::string entity() {
        const std::size_t number = below(60);
        return fmt::format("e{}{}", number, kTexts[number % (kTexts.size() - 1)]);
    }

    std::string observation() {
        std::string attributes;
        for (std::size_t count = 1 + below(4); count > 0; --count) {
            const std::string& name = of(kNames);
            if (attributes.find('"' + name + '"') != std::string::npos) continue;
            attributes +=
                fmt::format("{}\"{}\":{}", attributes.empty() ? "" : ",", name, value(name));
        }
        const std::string name = entity();
        return fmt::format(R"({{"entity":{},"type":{},"at":"{}","attributes":{{{}}}}})",
                           quoted(name), quoted(name.size() % 2 == 0 ? "pump" : "über"),
                           time(below(40)), attributes);
    }

    std::string filter(int depth = 0) {
        const std::size_t kind = below(depth > 2 ? 6 : 10);
        if (kind == 9) return "NOT (" + filter(depth + 1) + ")";
        if (kind >= 6) {
            const char* word = kind == 8 ? " OR " : " AND ";
            return "(" + filter(depth + 1) + word + filter(depth + 1) + ")";
        }
        return comparison();
    }

    std::string order() {
        std::string text;
        for (std::size_t keys = below(4); keys > 0; --keys) {
            text += fmt::format("{}{}{}", text.empty() ? "" : ", ", of(kOrders),
                                below(2) == 0 ? " desc" : "");
        }
        return text;
    }

private:
    static std::string quoted(std::string_view text) {
        std::string out;
        append_json_string(out, text);
        return out;
    }
    static std::string time(std::size_t minute) {
        static const Time begin =
            std::chrono::floor<std::chrono::hours>(now()) - std::chrono::hours{2};
        return format_rfc3339(begin + std::chrono::minutes{static_cast<int>(minute)});
    }
    // A text in a filter has escapes of its own.
    std::string text() {
        std::string out = "\"";
        for (const char c : of(kTexts)) {
            if (c == '"' || c == '\\' || c == '*') out += '\\';
            out += c;
        }
        return out + (below(5) == 0 ? "*\"" : "\"");
    }
    std::string comparison() {
        const std::vector<std::string> any{"=", "!=", "<", "<=", ">", ">="};
        const auto one = [&](const std::string& name, const std::string& literal) {
            return fmt::format("{} {} {}", name, of(any), literal);
        };
        const auto prefixable = [&](const std::string& name) {
            const std::string literal = text();
            const bool prefix = literal.ends_with("*\"") && !literal.ends_with("\\*\"");
            return fmt::format("{} {} {}", name, prefix ? (below(2) == 0 ? "=" : "!=") : of(any),
                               literal);
        };
        switch (below(11)) {
            case 0: return of(kNames) + ":*";
            case 1: return prefixable("status");
            case 2: return fmt::format("status = ({} OR {})", text(), text());
            case 3: return one("priority", of(kInts));
            case 4: return one("price", of(kDecimals));
            case 5: return one("ratio", of(kDoubles));
            case 6: return fmt::format("enabled {} true", below(2) == 0 ? "=" : "!=");
            case 7: return one("since", '"' + time(below(40)) + '"');
            case 8: return prefixable("entity");
            case 9: return fmt::format("priority = ({} OR {})", of(kInts), of(kInts));
            default: return one("type", below(2) == 0 ? "\"pump\"" : "\"über\"");
        }
    }

    const std::vector<std::string> kNames{"status",  "priority", "price", "ratio",
                                          "enabled", "since",    "extra"};
    const std::vector<std::string> kOrders{"status", "priority",   "price",      "ratio", "enabled",
                                           "since",  "updated_at", "created_at", "type",  "entity"};
    const std::vector<std::string> kTexts{"",     "online", "on",   "standby", "a*b",
                                          "q\"t", "b\\ack", "Über", "über",    "line\nfeed"};
    const std::vector<std::string> kInts{
        "7", "8", "0", "-3", "9007199254740993", "9007199254740992"};
    const std::vector<std::string> kDecimals{
        "7.50", "7.5", "8", "-3.250", "0.1", "12.5", "123456789012345678901234567890.5"};
    const std::vector<std::string> kDoubles{
        "0.1", "7.5", "1e300", "-0.0", "8", "9007199254740993", "2.5e-7"};
    std::mt19937 random_;
};

// Goal: the same response from memory as from PostgreSQL, cursors included, for random data,
// changes and requests; and memory answers.
class LiveIndexProperty : public LiveIndexTest {
protected:
    void declare() {
        for (const auto* const declared :
             {"status string", "priority int", "price decimal", "ratio double", "enabled bool",
              "since timestamp", "extra json"}) {
            const std::string_view text = declared;
            const auto blank = text.find(' ');
            const auto answer =
                plain_->ask(fmt::format("PUT /v1/attributes/{}", text.substr(0, blank)),
                            fmt::format(R"({{"type":"{}","hot":true}})", text.substr(blank + 1)));
            ASSERT_EQ(answer.status, 201) << answer.body;
        }
    }

    void change(Chance& chance) {
        std::string batch;
        for (std::size_t count = 1 + chance.below(20); count > 0; --count) {
            batch += (batch.empty() ? "[" : ",") + chance.observation();
        }
        write(chance.below(2) == 0 ? *plain_ : *live_, batch + "]");
        if (chance.below(4) == 0) {
            sql(
                fmt::format("UPDATE entities SET is_deleted = NOT is_deleted WHERE entity_id % 7 = "
                            "{} AND tenant_id = 2",
                            chance.below(7)));
        }
        if (chance.below(4) == 0) {
            sql(fmt::format(
                "UPDATE entity_jsonb SET hot_attrs = hot_attrs - 'status', updated_at = "
                "now() WHERE entity_id % 11 = {}",
                chance.below(11)));
        }
        if (chance.below(6) == 0) {
            sql(fmt::format(
                "UPDATE entities SET external_id = external_id || '+{}' WHERE entity_id % "
                "13 = {} AND tenant_id = 2",
                ++renames_, chance.below(13)));
        }
    }

    // Both answer what was acknowledged before: the same state, as nothing is written meanwhile.
    void compare(const std::string& target) {
        const auto expected = plain_->ask("GET " + target);
        const auto got = live_->ask("GET " + target);
        ASSERT_EQ(shown(got), shown(expected)) << target;
        if (expected.status == 200) {
            ++answers_;
            if (from_memory(got)) ++memory_;
        }
        last_ = got;
    }

    void compare_list(Chance& chance) {
        const std::string base = fmt::format(
            "/v1/entities?consistency=strong&filter={}&order_by={}&page_size={}{}",
            escaped(chance.below(5) == 0 ? "" : chance.filter()), escaped(chance.order()),
            1 + chance.below(30), chance.below(3) == 0 ? "&count=exact" : "");
        std::string token;
        for (int page = 0; page < 4; ++page) {
            compare(token.empty() ? base : base + "&page_token=" + escaped(token));
            if (HasFatalFailure() || last_.status != 200) return;
            token = json::parse(last_.body).at("next_page_token").as_string();
            if (token.empty()) return;
        }
    }

    int renames_ = 0;
    int answers_ = 0;
    int memory_ = 0;
    http::RawAnswer last_;
};

TEST_F(LiveIndexProperty, GivesTheResponsesOfPostgres) {
    start_plain();
    declare();
    const auto seed = static_cast<std::uint32_t>(test::seed_or(20261130));
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Chance chance(seed);
    for (int i = 0; i < 6; ++i) {
        std::string batch;
        for (int j = 0; j < 40; ++j) batch += (j == 0 ? "[" : ",") + chance.observation();
        write(*plain_, batch + "]");
    }
    sql("UPDATE entities SET is_deleted = true WHERE entity_id % 9 = 0 AND tenant_id = 2");
    start_live();
    for (int round = 0; round < static_cast<int>(test::rounds_or(12)) && !HasFailure(); ++round) {
        for (int i = 0; i < 3; ++i) change(chance);
        for (int i = 0; i < 12 && !HasFailure(); ++i) compare_list(chance);
        for (int i = 0; i < 4; ++i) {
            compare(fmt::format("/v1/entities/{}?consistency=strong", escaped(chance.entity())));
        }
        compare("/v1/entities:facets?consistency=strong&limit=3&filter=" +
                escaped(chance.filter()));
        for (const char* more :
             {"&attributes=status,price", "&attributes=status,nothing", "&order_by=extra",
              "&filter=extra%20%3D%201", "&count=estimated"}) {
            compare("/v1/entities?consistency=strong&page_size=5" + std::string(more));
        }
    }
    // The rest: what the index does not hold, and lost races with the clock.
    EXPECT_GT(memory_, answers_ * 3 / 4) << answers_;
}

// Goal: a read sees the write before it, by barrier and by token, and memory serves it.
TEST_F(LiveIndexTest, ReadsSeeTheWritesBeforeThem) {
    start_plain();
    ASSERT_EQ(plain_->ask("PUT /v1/attributes/n", R"({"type":"int","hot":true})").status, 201);
    write(*plain_, R"({"entity":"pump","attributes":{"n":-1}})");
    start_live();
    int strong = 0;
    int session = 0;
    constexpr int kWrites = 60;
    for (int i = 0; i < kWrites; ++i) {
        const auto& writer = i % 2 == 0 ? *plain_ : *live_;
        const auto written = writer.ask(
            "POST /v1/telemetry", fmt::format(R"({{"entity":"pump","attributes":{{"n":{}}}}})", i));
        ASSERT_EQ(written.status, 200) << written.body;
        const std::string expected = fmt::format("\"attributes\":{{\"n\":{}}}", i);
        const auto read = live_->ask("GET /v1/entities/pump?consistency=strong");
        ASSERT_NE(read.body.find(expected), std::string::npos) << read.body;
        strong += from_memory(read) ? 1 : 0;
        const std::string token(json::parse(written.body).at("consistency_token").as_string());
        const auto listed = live_->ask("GET /v1/entities?filter=n%20%3D%20" + std::to_string(i) +
                                       "&consistency_token=" + escaped(token));
        ASSERT_NE(listed.body.find(expected), std::string::npos) << listed.body;
        session += from_memory(listed) ? 1 : 0;
    }
    EXPECT_GT(strong, kWrites / 2);
    EXPECT_GT(session, kWrites / 2);
}

// Goal: while attributes are demoted and promoted, every response is one that PostgreSQL could
// give.
TEST_F(LiveIndexTest, ReadsGoOnWhileAttributesChange) {
    start_plain();
    ASSERT_EQ(plain_->ask("PUT /v1/attributes/flag", R"({"type":"string","hot":true})").status,
              201);
    std::string batch;
    for (int i = 0; i < 50; ++i) {
        batch += fmt::format(R"({}{{"entity":"e{}","attributes":{{"status":"on","flag":"up"}}}})",
                             i == 0 ? "[" : ",", i);
    }
    write(*plain_, batch + "]");
    start_live();
    std::atomic<bool> stop{false};
    std::atomic<int> good{0};
    std::atomic<int> refused{0};
    std::string wrong;
    std::thread reader([&] {
        while (!stop) {
            const auto answer =
                live_->ask("GET /v1/entities?page_size=100&filter=flag%20%3D%20%22up%22");
            if (answer.status == 400) {
                ++refused;
                continue;
            }
            // All of them or, while the names that are hot and the state differ, none.
            const auto found = answer.status != 200
                                   ? 1
                                   : json::parse(answer.body).at("entities").as_array().size();
            if (found != 50 && found != 0) {
                wrong = fmt::format("{} {}", answer.status, answer.body);
                return;
            }
            ++good;
        }
    });
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(plain_->ask("PATCH /v1/attributes/flag", R"({"hot":false})").status, 200);
        EXPECT_TRUE(test::eventually([&] { return refused > i; }));
        // Promotion of what has values waits for its backfill: a new name takes its place.
        const std::string name = fmt::format("flag{}", i);
        EXPECT_EQ(
            plain_->ask("PUT /v1/attributes/" + name, R"({"type":"string","hot":true})").status,
            201);
        write(*plain_, fmt::format(R"({{"entity":"e1","attributes":{{"{}":"x"}}}})", name));
        EXPECT_TRUE(test::eventually([&] {
            const auto answer = live_->ask(
                fmt::format("GET /v1/entities?consistency=strong&filter={}%20%3D%20%22x%22", name));
            return from_memory(answer) && answer.body.find("\"e1\"") != std::string::npos;
        }));
        if (i == 0) good = 0;
    }
    stop = true;
    reader.join();
    EXPECT_EQ(wrong, "");
    EXPECT_EQ(shown(live_->ask("GET /v1/entities?consistency=strong&page_size=60")),
              shown(plain_->ask("GET /v1/entities?consistency=strong&page_size=60")));
}

// Goal: a slot that is lost means starting over from the database, by itself.
TEST_F(LiveIndexTest, ALostSlotStartsOver) {
    start_plain();
    write(*plain_, R"({"entity":"before","attributes":{"n":1}})");
    start_live();
    // Ended and dropped behind the reader's back, with changes that it will never be sent.
    sql("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name LIKE "
        "'atlas_index_%' AND database = current_database()");
    ASSERT_TRUE(test::eventually([&] {
        static_cast<void>(
            connection_.exec("SELECT pg_terminate_backend(active_pid), pg_sleep(0.01) FROM "
                             "pg_replication_slots WHERE "
                             "slot_name LIKE 'atlas_index_%' AND database = current_database()"));
        return connection_
            .exec(
                "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE "
                "slot_name LIKE 'atlas_index_%' AND database = current_database()")
            .has_value();
    }));
    write(*plain_, R"({"entity":"meanwhile","attributes":{"n":2}})");
    ASSERT_TRUE(test::eventually([&] {
        sql("INSERT INTO replication_heartbeat (source) VALUES ('test')");
        const auto answer = live_->ask("GET /v1/entities/meanwhile?consistency=strong");
        EXPECT_EQ(answer.status, 200) << answer.body;
        return from_memory(answer);
    }));
    EXPECT_TRUE(from_memory(live_->ask("GET /v1/entities/before?consistency=strong")));
}

}  // namespace
}  // namespace atlas::app
