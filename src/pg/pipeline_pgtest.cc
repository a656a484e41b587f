// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "pg/connection.h"
#include "testing/test_cluster.h"

namespace atlas::pg {
namespace {

using test::TestCluster;
using Statement = Connection::Statement;

class PipelineTest : public ::testing::Test {
protected:
    Connection connection_ =
        Connection::open(TestCluster::shared().make_empty_database(), {}).value();
};

TEST_F(PipelineTest, AnswersComeInOrderAndPreparedOnesAreReused) {
    for (std::int64_t i = 0; i < 3; ++i) {
        const Params number = Params{}.add(i);
        const std::vector<Statement> statements{
            {.sql = "SELECT $1::bigint + 1", .params = &number, .name = "plus_one"},
            {.sql = "SELECT 'x'"},
            {.sql = "SELECT count(*) FROM pg_prepared_statements"}};
        const auto rows = connection_.exec_pipeline(statements);
        ASSERT_TRUE(rows) << rows.error().message;
        ASSERT_EQ(rows->size(), 3U);
        EXPECT_EQ((*rows)[0].int8(0, 0), i + 1);
        EXPECT_EQ((*rows)[1].text(0, 0), "x");
        EXPECT_EQ((*rows)[2].int8(0, 0), 1);
    }
}

// Goal: the first failure is reported, nothing after it ran, and the session stays usable, also
// when the failure is that of a statement to be prepared.
TEST_F(PipelineTest, FirstFailureEndsIt) {
    const std::vector<Statement> statements{{.sql = "CREATE TABLE kept (a int)"},
                                            {.sql = "SELECT 1/0", .name = "divide"},
                                            {.sql = "SELECT nonsense", .name = "nonsense"}};
    const auto rows = connection_.exec_pipeline(statements);
    ASSERT_FALSE(rows);
    EXPECT_EQ(rows.error().sqlstate, "22012");
    EXPECT_EQ(rows.error().statement, 1);
    EXPECT_EQ(rows.error().statement_name, "divide");
    EXPECT_FALSE(connection_.in_transaction());
    EXPECT_EQ(connection_.exec("SELECT to_regclass('kept') IS NULL")->text(0, 0), "t");
    const std::vector<Statement> again{{.sql = "SELECT 7", .name = "nonsense"}};
    EXPECT_EQ(connection_.exec_pipeline(again)->front().int8(0, 0), 7);
}

TEST_F(PipelineTest, FailureHasTheNameOfTheFile) {
    const std::vector<Statement> statements{
        {.sql = SqlText{"SELECT 1/0", "test/divide"}, .name = "divide"}};
    EXPECT_EQ(connection_.exec_pipeline(statements).error().statement_name, "test/divide");
}

TEST_F(PipelineTest, RowsStreamAndStop) {
    const std::vector<Statement> statements{
        {.sql = "SELECT 5"},
        {.sql = "SELECT generate_series(1, 100000000)", .stream = true},
        {.sql = "SELECT 6"}};
    std::int64_t seen = 0;
    const auto rows = connection_.exec_pipeline(statements, [&seen](const Rows& row) {
        seen = row.int8(0, 0);
        return seen < 1000;
    });
    ASSERT_TRUE(rows) << rows.error().message;
    EXPECT_EQ(rows->size(), 1U);
    EXPECT_EQ(seen, 1000);
    EXPECT_EQ(connection_.exec("SELECT 1")->int8(0, 0), 1);
}

// Goal: stopping a stream that has ended on the server, whose rows are still under way, leaves a
// session that works: no cancel strikes what comes after.
TEST_F(PipelineTest, StoppingAShortStreamHarmsNothingLater) {
    const std::vector<Statement> statements{
        {.sql = "SELECT set_config('enable_sort', 'off', true)", .name = "setting"},
        {.sql = "SELECT generate_series(1, 3)", .stream = true},
        {.sql = "SELECT now()", .name = "instant"}};
    for (int round = 0; round < 200; ++round) {
        const auto rows = connection_.exec_pipeline(statements, [](const Rows&) { return false; });
        ASSERT_TRUE(rows) << round << " " << rows.error().sqlstate << rows.error().message;
        const auto after = connection_.exec_pipeline(std::vector<Statement>{statements.back()});
        ASSERT_TRUE(after) << round << " " << after.error().sqlstate << after.error().message;
        ASSERT_FALSE(connection_.in_transaction());
    }
}

TEST_F(PipelineTest, SettingsLastForOnePipeline) {
    const std::vector<Statement> statements{
        {.sql = "SELECT set_config('enable_sort', 'off', true)"}, {.sql = "SHOW enable_sort"}};
    EXPECT_EQ(connection_.exec_pipeline(statements)->back().text(0, 0), "off");
    EXPECT_EQ(connection_.exec("SHOW enable_sort")->text(0, 0), "on");
}

}  // namespace
}  // namespace atlas::pg
