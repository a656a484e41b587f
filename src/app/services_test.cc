// SPDX-License-Identifier: Apache-2.0
#include "app/services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/startup_error.h"

namespace atlas::app {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ServicesTest : public ::testing::Test {
protected:
    // Writes down what happens to it.
    class Recorder final : public Service {
    public:
        Recorder(std::vector<std::string>& events, std::string name, bool fails)
            : events_(events), name_(std::move(name)), fails_(fails) {}
        ~Recorder() override { events_.push_back("free " + name_); }
        void start() override {
            if (fails_) throw StartupError(name_ + " cannot start");
            events_.push_back("start " + name_);
        }
        void stop() override { events_.push_back("stop " + name_); }
        void hurry() override { events_.push_back("hurry " + name_); }
        http::StatusPart status() const override {
            http::StatusPart part;
            part.name = name_;
            return part;
        }
        std::vector<std::string> rebuild(std::string_view follower) override {
            if (!follower.empty() && follower != name_) return {};
            events_.push_back("rebuild " + name_);
            return {name_};
        }
        http::CheckStart check(const http::StoreCheck& check) override {
            if (name_ != "store") return http::CheckStart::no_store;
            events_.push_back(check.repair ? "repair" : "compare");
            return http::CheckStart::begun;
        }
        std::optional<http::StoreReport> checked() const override {
            if (name_ != "store") return std::nullopt;
            return http::StoreReport{.state = "done"};
        }

    private:
        std::vector<std::string>& events_;
        const std::string name_;
        const bool fails_;
    };
    void add(const std::string& name, bool fails = false) {
        services_->add(std::make_unique<Recorder>(events_, name, fails));
    }

    std::vector<std::string> events_;
    std::optional<Services> services_{std::in_place};
};

TEST_F(ServicesTest, StopInReverse) {
    add("a");
    add("b");
    services_->start();
    services_->hurry();
    services_->stop();
    services_->stop();
    services_.reset();
    EXPECT_THAT(events_, ElementsAre("start a", "start b", "hurry a", "hurry b", "stop b", "stop a",
                                     "free b", "free a"));
}

TEST_F(ServicesTest, RebuildTheFollowersThatAreNamed) {
    add("a");
    add("b");
    EXPECT_THAT(services_->rebuild("b"), ElementsAre("b"));
    EXPECT_THAT(services_->rebuild("c"), IsEmpty());
    EXPECT_THAT(services_->rebuild(""), ElementsAre("a", "b"));
    EXPECT_THAT(events_, ElementsAre("rebuild b", "rebuild a", "rebuild b"));
}

TEST_F(ServicesTest, TheOneWithAStoreIsChecked) {
    add("a");
    EXPECT_EQ(services_->check({.repair = false}), http::CheckStart::no_store);
    EXPECT_FALSE(services_->checked());
    add("store");
    EXPECT_EQ(services_->check({.repair = false}), http::CheckStart::begun);
    EXPECT_EQ(services_->checked().value().state, "done");
    EXPECT_THAT(events_, ElementsAre("compare"));
}

// Goal: after a failed start nothing runs, and what never started is not stopped.
TEST_F(ServicesTest, AFailedStartStopsWhatHadStarted) {
    add("a");
    add("b");
    add("c", true);
    add("d");
    EXPECT_THROW(services_->start(), StartupError);
    EXPECT_THAT(events_, ElementsAre("start a", "start b", "stop b", "stop a"));
}

TEST_F(ServicesTest, TheEndStopsWhatWasStarted) {
    add("a");
    services_->start();
    services_.reset();
    EXPECT_THAT(events_, ElementsAre("start a", "stop a", "free a"));
}

TEST_F(ServicesTest, WhatWasNotStartedIsOnlyFreed) {
    add("a");
    services_.reset();
    EXPECT_THAT(events_, ElementsAre("free a"));
}

TEST_F(ServicesTest, StatusNamesEachLastStartedFirst) {
    EXPECT_THAT(services_->status(), IsEmpty());
    add("jobs");
    add("gateway");
    std::vector<std::string> names;
    for (const auto& part : services_->status()) names.push_back(part.name);
    EXPECT_THAT(names, ElementsAre("gateway", "jobs"));
}

}  // namespace
}  // namespace atlas::app
