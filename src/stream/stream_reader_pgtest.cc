// SPDX-License-Identifier: Apache-2.0
//
// Goal: everything that is committed reaches a follower, once, whole and in order, whatever ends on
// the way.
// Method: a real server; a follower that remembers; what ends is ended as a crash would.
#include "stream/test_stream.h"

namespace atlas::stream {
namespace {

using namespace std::chrono_literals;
using test::eventually;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class StreamReaderTest : public StreamTest {
protected:
    void SetUp() override { run("SELECT atlas_ensure_partitions(ARRAY[current_date])"); }
};

TEST_F(StreamReaderTest, CommitsArriveInOrder) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    observe(2, 4);
    ASSERT_TRUE(await_rows(4));
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
    const auto rows = follower_.rows();
    EXPECT_LT(rows[0].commit, rows[0].end);
    EXPECT_LE(rows[0].end, rows[1].commit);
    EXPECT_EQ(rows[1].commit, rows[3].commit);
    EXPECT_EQ(rows[0].cells.at("tenant_id"), "2");
    EXPECT_EQ(rows[0].cells.at("int_values"), "NULL");
}

// Goal: a reader that starts again continues from its follower's checkpoint: what it has does not
// come twice, what was committed meanwhile is not left out.
TEST_F(StreamReaderTest, ContinuesFromTheCheckpoint) {
    start();
    ASSERT_TRUE(await_state(ReaderState::streaming));
    observe(1);
    ASSERT_TRUE(await_rows(1));
    for (int entity = 2; entity < 5; ++entity) {
        stop();
        follower_.forget_what_is_not_durable();
        observe(entity);
        start();
        ASSERT_TRUE(await_rows(static_cast<std::size_t>(entity)));
    }
    EXPECT_THAT(follower_.values("entity_id"), ElementsAre("1", "2", "3", "4"));
    EXPECT_EQ(follower_.started_over(), 0);
}

}  // namespace
}  // namespace atlas::stream
