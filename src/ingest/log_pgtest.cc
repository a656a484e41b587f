// SPDX-License-Identifier: Apache-2.0
//
// What the log says of the writes of a gateway: followers of the log need every row in full.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "base/byte_reader.h"
#include "ingest/test_database.h"
#include "ingest/test_gateway.h"
#include "pg/replication.h"

namespace atlas::ingest {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

constexpr int kAttributes = 20'000;

// The kinds of the cells of an update without an old row: U, Int32 oid, N, Int16 columns, cells.
std::string cells_of_update(std::string_view message) {
    ByteReader reader(message);
    reader.byte();
    reader.int4();
    EXPECT_EQ(reader.byte(), 'N');
    std::string kinds;
    for (int left = reader.int2(); left > 0 && reader.good(); --left) {
        kinds += static_cast<char>(reader.byte());
        if (kinds.back() == 'b' || kinds.back() == 't') reader.bytes(reader.int4());
    }
    EXPECT_TRUE(reader.at_end());
    return kinds;
}

// Goal: a value that an update did not touch, and that lies outside of its row, is left out of the
// log; a merge touches every array, so that never happens to an observation, however wide.
TEST(Log, MergedObservationsAreInTheLogInFull) {
    TestDatabase database;
    auto session = pg::ReplicationSession::open(
                       test::TestCluster::shared().as_replication(database.conninfo()), {})
                       .value();
    ASSERT_TRUE(session.create_slot("atlas_log_test", pg::SlotLifetime::temporary));
    TestGateway gateway(database.conninfo());
    std::string attributes;
    for (int i = 0; i < kAttributes; ++i) {
        const char* form = i % 2 == 0 ? "{}\"d{}\": 0.{}7" : "{}\"t{}\": \"text {}\"";
        attributes += fmt::format(fmt::runtime(form), i == 0 ? "" : ", ", i, i);
    }
    const auto write = [&](std::string_view some) {
        const auto outcome = gateway.write(
            fmt::format(R"({{"entity": "a", "at": 1767225600000, "attributes": {{{}}}}})", some));
        EXPECT_EQ(outcome.status, WriteStatus::done);
    };
    write(attributes);
    write("\"d0\": 5.5");
    write("\"t1\": \"other\", \"n\": 7");
    EXPECT_EQ(database.query("SELECT cardinality(attrs) FROM observations"),
              fmt::format("{}\n", kAttributes + 1));

    constexpr std::array<pg::PluginOption, 3> kPlugin{
        {{.name = "proto_version", .value = "1"},
         {.name = "publication_names", .value = "eav_cdc"},
         {.name = "binary", .value = "true"}}};
    ASSERT_TRUE(session.start("atlas_log_test", {}, kPlugin));
    std::string observations;  // the oid of the table, as its message has it
    for (int updates = 0; updates < 2;) {
        const auto message = session.receive(20s);
        ASSERT_TRUE(message && *message);
        const auto* data = std::get_if<pg::LogData>(&**message);
        if (data == nullptr) continue;
        const std::string_view bytes = data->bytes;
        if (bytes.front() == 'R' && bytes.find("public\0observations\0"s) != bytes.npos) {
            observations = bytes.substr(1, 4);
        }
        if (bytes.front() != 'U' || bytes.substr(1, 4) != observations) continue;
        const std::string kinds = cells_of_update(bytes);
        EXPECT_EQ(kinds.find('u'), kinds.npos) << kinds;
        EXPECT_GT(bytes.size(), 8U * kAttributes);
        ++updates;
    }
}

}  // namespace
}  // namespace atlas::ingest
