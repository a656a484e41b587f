// SPDX-License-Identifier: Apache-2.0
//
// Whole runs of `atlas ingest` against a server that the test scripts.
#include "cli/ingest/run.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <regex>
#include <set>

#include "testing/http_stub.h"

namespace atlas::cli {
namespace {

namespace fs = std::filesystem;
using test::HttpStub;

// Keeps lines, refuses those that hold "bad" and one field of those that hold "half", fails when
// told to.
class FakeAtlas {
public:
    HttpStub::Response operator()(const HttpStub::Request& request) {
        if (failures > 0) {
            --failures;
            return {503, R"({"code":"unavailable","detail":"away"})", {{"Retry-After", "0"}}};
        }
        if (request.target.starts_with("/v1/attributes")) return catalog(request);
        targets.insert(request.target);
        bodies.push_back(request.body);
        if (limit-- <= 0) return {403, R"({"code":"forbidden","detail":"not any more"})"};
        return request.target.starts_with("/api/v2/write") ? lines(request) : telemetry(request);
    }

    std::atomic<int> failures = 0;
    std::atomic<int> limit = 1'000'000;
    std::multiset<std::string> kept;
    std::set<std::string> targets;      // of telemetry
    std::vector<std::string> bodies;    // in the order of their arrival
    std::string attributes = "[]";      // of the catalog
    bool admin = true;                  // the token's scope
    std::vector<std::string> declared;  // calls that change the catalog

private:
    HttpStub::Response catalog(const HttpStub::Request& request) {
        if (!admin) return {403, R"({"code":"missing_scope","detail":"no scope"})"};
        if (request.method == "GET") {
            return {200, R"({"next_page_token":"","attributes":)" + attributes + "}"};
        }
        declared.push_back(fmt::format("{} {} {}", request.method, request.target, request.body));
        return {200, "{}"};
    }

    HttpStub::Response telemetry(const HttpStub::Request& request) {
        boost::json::array errors;
        std::int64_t rejected = 0;
        std::int64_t index = 0;
        for (const std::string& line : split(request.body)) {
            if (line.find("bad") == std::string::npos) {
                kept.insert(line);
            } else if (++rejected <= 2) {
                errors.push_back({{"index", index}, {"code", "wrong_type"}, {"detail", "no"}});
            }
            ++index;
        }
        const boost::json::object response{{"accepted", index - rejected},
                                           {"rejected", rejected},
                                           {"errors", errors},
                                           {"errors_truncated", rejected > 2}};
        return {index == rejected ? 422 : 200, boost::json::serialize(response)};
    }

    HttpStub::Response lines(const HttpStub::Request& request) {
        int dropped = 0;
        std::ptrdiff_t fields = 0;
        for (const std::string& line : split(request.body)) {
            const bool bad = line.find("bad") != std::string::npos;
            const bool half = line.find("half") != std::string::npos;
            dropped += bad || half ? 1 : 0;
            if (bad) continue;
            kept.insert(line);
            fields += std::ranges::count(line, '=') - (half ? 2 : 1);  // one is in the tag
        }
        if (dropped == 0) return {204, ""};
        return {400, fmt::format(R"({{"code":"invalid","message":"partial write: no dropped={}",)"
                                 R"("accepted":{}}})",
                                 dropped, fields)};
    }

    static std::vector<std::string> split(const std::string& body) {
        std::vector<std::string> out;
        std::istringstream stream(body);
        for (std::string line; std::getline(stream, line);) out.push_back(line);
        return out;
    }
};

class Ingest : public testing::Test {
protected:
    Ingest()
        : stub_([this](const auto& request) { return atlas_(request); }),
          folder_(fs::path(testing::TempDir()) /
                  ("ingest_" +
                   std::string(testing::UnitTest::GetInstance()->current_test_info()->name()))) {
        fs::remove_all(folder_);
        fs::create_directories(folder_);
        options_.server.url = stub_.url();
        options_.state = folder_ / "state.json";
        options_.rejects = folder_ / "rejects.ndjson";
        options_.batch_bytes = 2000;
    }
    ~Ingest() override { fs::remove_all(folder_); }

    std::string write(const std::string& name, int lines, const std::set<int>& bad) {
        std::ofstream file(folder_ / name);
        for (int i = 1; i <= lines; ++i) {
            const char* word = bad.contains(i) ? "bad" : "good";
            if (name.ends_with(".lp"))
                file << fmt::format("m,e={} {}={} {}\n", i, word, i, i);
            else
                file << fmt::format("{{\"entity\":\"{}{}\",\"at\":1}}\n", word, i);
        }
        return folder_ / name;
    }

    std::set<std::int64_t> rejected_lines() const {
        std::ifstream file(options_.rejects);
        std::set<std::int64_t> out;
        for (std::string line; std::getline(file, line);) {
            out.insert(boost::json::parse(line).at("line").as_int64());
        }
        return out;
    }

    FakeAtlas atlas_;
    HttpStub stub_;
    fs::path folder_;
    IngestOptions options_;
};

const std::set<int> kBad{3, 4, 5, 6, 77, 500, 999, 1000};

TEST_F(Ingest, DeliversAllAndWritesDownWhatWasRefused) {
    for (const auto& [name, format] :
         {std::pair("a.ndjson", FileFormat::ndjson), std::pair("a.lp", FileFormat::line)}) {
        fs::remove(options_.rejects);
        atlas_.kept.clear();
        atlas_.failures = 3;
        IngestRun run(options_, write(name, 1000, kBad), format);
        const IngestTotals totals = run.run();
        const std::set<std::string> distinct(atlas_.kept.begin(), atlas_.kept.end());
        EXPECT_EQ(distinct.size(), 992U) << name;
        EXPECT_EQ(totals.rejected, kBad.size()) << name;
        EXPECT_EQ(totals.points, 992U) << name;
        EXPECT_EQ(rejected_lines(), std::set<std::int64_t>(kBad.begin(), kBad.end())) << name;
        EXPECT_FALSE(fs::exists(options_.state)) << name;
    }
}

// Goal: of records of one entity and time the last counts, whatever the number of connections.
TEST_F(Ingest, RecordsOfAnEntityArriveInTheirOrder) {
    const std::map<FileFormat, const char*> records{
        {FileFormat::csv, "e{0},2026-01-01T00:00:00Z,{1}\n"},
        {FileFormat::ndjson, "{{\"at\":1,\"attributes\":{{\"v\":{1}}},\"entity\":\"e{0}\"}}\n"},
        {FileFormat::line, "m,entity=e{0} v={1} 1\n"}};
    for (const auto& [format, record] : records) {
        const std::string file = folder_ / "a";
        std::ofstream out(file);
        if (format == FileFormat::csv) out << "entity,at,v\n";
        for (int i = 1000; i < 2000; ++i) {
            out << fmt::format(fmt::runtime(record), i % 7, i);
        }
        out.close();
        options_.batch_bytes = 1000;
        atlas_.bodies.clear();
        atlas_.failures = 5;
        const IngestTotals totals = IngestRun(options_, file, format).run();
        EXPECT_EQ(totals.records, 1000U);
        std::map<std::string, std::vector<int>> seen;  // by entity
        const std::regex entity("\\be[0-6]\\b");
        const std::regex value("1[0-9]{3}\\b");
        for (const std::string& body : atlas_.bodies) {
            std::istringstream lines(body);
            for (std::string line; std::getline(lines, line);) {
                std::smatch name;
                std::smatch number;
                const std::string tail = line.substr(line.find('v'));
                ASSERT_TRUE(std::regex_search(line, name, entity)) << line;
                ASSERT_TRUE(std::regex_search(tail, number, value)) << line;
                seen[name.str()].push_back(std::stoi(number.str()));
            }
        }
        EXPECT_EQ(seen.size(), 7U);
        for (const auto& [name, values] : seen) EXPECT_TRUE(std::ranges::is_sorted(values)) << name;
        EXPECT_GT(atlas_.bodies.size(), 20U);
    }
}

// Goal: of a line that loses a field the others are counted, and no more.
TEST_F(Ingest, CountsTheFieldsThatWereKept) {
    const std::string file = folder_ / "a.lp";
    std::ofstream(file) << "m,e=1 a=1,b=2 1\nm,e=2 half=1,b=2,c=3 2\nm,e=3 bad=1,b=2 3\n"
                        << "m,e=4 half=1 4\nm,e=5 a=1,b=2,c=3 5\n";
    const IngestTotals totals = IngestRun(options_, file, FileFormat::line).run();
    EXPECT_EQ(totals.records, 5U);
    EXPECT_EQ(totals.points, 2U + 2U + 0U + 0U + 3U);
    EXPECT_EQ(totals.rejected, 3U);
    EXPECT_EQ(rejected_lines(), (std::set<std::int64_t>{2, 3, 4}));
}

TEST_F(Ingest, GoesOnWhereItWasStopped) {
    const std::string file = write("a.ndjson", 1000, {});
    options_.connections = 1;
    atlas_.limit = 5;
    EXPECT_THROW(IngestRun(options_, file, FileFormat::ndjson).run(), CommandError);
    ASSERT_TRUE(fs::exists(options_.state));
    const std::size_t before = atlas_.kept.size();
    EXPECT_GT(before, 0U);
    atlas_.limit = 1'000'000;
    IngestRun(options_, file, FileFormat::ndjson).run();
    EXPECT_EQ(atlas_.kept.size(), 1000U) << "nothing was sent twice";
    EXPECT_FALSE(fs::exists(options_.state));
}

TEST_F(Ingest, AStateOfAnotherFileIsNotUsed) {
    const std::string file = write("a.ndjson", 1000, {});
    options_.connections = 1;
    atlas_.limit = 5;
    EXPECT_THROW(IngestRun(options_, file, FileFormat::ndjson).run(), CommandError);
    atlas_.limit = 1'000'000;
    atlas_.kept.clear();
    write("a.ndjson", 1200, {});
    IngestRun(options_, file, FileFormat::ndjson).run();
    EXPECT_EQ(atlas_.kept.size(), 1200U);
}

// Goal: the tenant's types decide, those of the user are declared before the first row, and units
// are set after the last.
TEST_F(Ingest, TypesAreSettledBeforeTheFirstRow) {
    const std::string file = folder_ / "a.csv";
    std::ofstream(file) << "entity,at,a,b,c\n,,V,,\ne,2026-01-01T00:00:00Z,7,1,9\n";
    options_.csv.units_row = true;
    options_.csv.types = {{"b", "decimal"}, {"c", "string"}};
    atlas_.attributes = R"([{"name":"a","type":"string","unit":""}])";
    IngestRun(options_, file, FileFormat::csv).run();
    EXPECT_EQ(*atlas_.kept.begin(), R"({"entity":"e","at":"2026-01-01T00:00:00.000000Z",)"
                                    R"("attributes":{"a":"7","b":1,"c":"9"}})");
    EXPECT_EQ(atlas_.declared,
              (std::vector<std::string>{R"(PUT /v1/attributes/b {"type":"decimal"})",
                                        R"(PATCH /v1/attributes/a {"unit":"V"})"}));
}

// Goal: a token that may only write is enough for what needs no declaration.
TEST_F(Ingest, ATokenThatMayOnlyWriteIsEnough) {
    const std::string file = folder_ / "a.csv";
    std::ofstream(file) << "entity,at,a\ne,2026-01-01T00:00:00Z,7\n";
    atlas_.admin = false;
    options_.csv.types = {{"a", "double"}};
    IngestRun(options_, file, FileFormat::csv).run();
    EXPECT_EQ(*atlas_.kept.begin(), R"({"entity":"e","at":"2026-01-01T00:00:00.000000Z",)"
                                    R"("attributes":{"a":7.0}})");
    options_.csv.types = {{"a", "decimal"}};
    EXPECT_THROW(IngestRun(options_, file, FileFormat::csv).run(), CommandError);
}

TEST_F(Ingest, ADryRunIsAskedForAndLeavesNoState) {
    const std::string file = write("a.ndjson", 10, {});
    options_.dry_run = true;
    atlas_.limit = 0;
    EXPECT_THROW(IngestRun(options_, file, FileFormat::ndjson).run(), CommandError);
    EXPECT_FALSE(fs::exists(options_.state));
    atlas_.limit = 100;
    EXPECT_EQ(IngestRun(options_, file, FileFormat::ndjson).run().points, 10U);
    EXPECT_EQ(atlas_.targets, (std::set<std::string>{"/v1/telemetry?dry_run=true"}));
}

TEST_F(Ingest, GivesUpAfterItsPatience) {
    atlas_.failures = 1'000'000;
    options_.patience_seconds = 0;
    const std::string file = write("a.ndjson", 10, {});
    try {
        IngestRun(options_, file, FileFormat::ndjson).run();
        FAIL() << "it cannot have been delivered";
    } catch (const CommandError& error) {
        EXPECT_EQ(error.exit_code, 1);
        EXPECT_NE(std::string(error.what()).find("away"), std::string::npos);
    }
}

}  // namespace
}  // namespace atlas::cli
