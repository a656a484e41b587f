// SPDX-License-Identifier: Apache-2.0
#include "http/workers.h"

#include <gtest/gtest.h>

#include <future>

#include "http/page.h"
#include "http/problem.h"
#include "testing/eventually.h"

namespace atlas::http {
namespace {

TEST(Workers, RefuseWhatTheQueueCannotHold) {
    Workers workers(1, 2);
    std::promise<void> started;
    std::promise<void> go;
    ASSERT_TRUE(workers.submit([&] {
        started.set_value();
        go.get_future().wait();
    }));
    started.get_future().wait();
    std::atomic<int> ran{0};
    EXPECT_TRUE(workers.submit([&] { ++ran; }));
    EXPECT_TRUE(workers.submit([&] { ++ran; }));
    EXPECT_FALSE(workers.submit([&] { ++ran; }));
    EXPECT_EQ(workers.queued(), 2U);
    go.set_value();
    EXPECT_TRUE(test::eventually([&] { return ran == 2; }));
    workers.stop();
    EXPECT_FALSE(workers.submit([] {}));
}

TEST(ByteBudget, IsGivenBackByTheEndOfEachShare) {
    ByteBudget budget(100);
    {
        ByteBudget::Share first(budget);
        EXPECT_TRUE(first.grow_to(60));
        EXPECT_TRUE(first.grow_to(40));  // never shrinks
        EXPECT_EQ(budget.taken(), 60U);
        ByteBudget::Share second(budget);
        EXPECT_FALSE(second.grow_to(41));
        EXPECT_TRUE(second.grow_to(40));
        EXPECT_FALSE(first.grow_to(61));
        EXPECT_EQ(budget.taken(), 100U);
    }
    EXPECT_EQ(budget.taken(), 0U);
}

TEST(Page, TokensBelongToTheirTenantAndList) {
    Request request;
    request.tenant = kDefaultTenant;
    const std::string token = make_page_token(request, "attributes", "a name");
    request.query = {{"page_token", token}, {"page_size", "5"}};
    EXPECT_EQ(read_page(request, "attributes")->after, "a name");
    EXPECT_EQ(read_page(request, "attributes")->size, 5);
    EXPECT_EQ(read_page(request, "tenants").error().status, 400);
    request.tenant = kSystemTenant;
    EXPECT_EQ(read_page(request, "attributes").error().status, 400);
    request.query = {{"page_size", "0"}};
    EXPECT_EQ(read_page(request, "attributes").error().status, 400);
}

TEST(Problem, CarriesItsMembers) {
    const Response response = problem("some_code", 409, "Some title", "Do \"this\".", {{"n", "1"}});
    EXPECT_EQ(response.status, 409);
    EXPECT_EQ(response.body,
              R"({"type":"urn:problem-type:atlas:some_code","title":"Some title","status":409,)"
              R"("detail":"Do \"this\".","code":"some_code","n":1})");
}

TEST(Problem, TellsWhichFailuresOfTheDatabaseMayPass) {
    pg::Error error;
    const auto status = [&error](pg::ErrorKind kind) {
        error.kind = kind;
        return problem(error).status;
    };
    EXPECT_EQ(status(pg::ErrorKind::connection), 503);
    EXPECT_EQ(status(pg::ErrorKind::retryable), 503);
    EXPECT_EQ(status(pg::ErrorKind::other), 500);
    error.message = "password of x";
    EXPECT_EQ(problem(error).body.find("password"), std::string::npos);
}

}  // namespace
}  // namespace atlas::http
