// SPDX-License-Identifier: Apache-2.0
#include "config/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <map>

#include "testing/source_dir.h"

namespace atlas::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ConfigTest : public ::testing::Test {
protected:
    ~ConfigTest() override { std::filesystem::remove(file_); }

    std::vector<std::string> load_with(
        std::string_view toml, std::map<std::string, std::string> environment = {},
        std::vector<std::pair<std::string, std::string>> flags = {}) {
        std::ofstream(file_) << toml;
        return load(config_, {.file = file_,
                              .environment = [&environment](const char* name) -> const char* {
                                  const auto found = environment.find(name);
                                  return found == environment.end() ? nullptr
                                                                    : found->second.c_str();
                              },
                              .flags = std::move(flags)});
    }

    const std::filesystem::path file_ =
        std::filesystem::temp_directory_path() / fmt::format("atlas-config-{}.toml", getpid());
    Config config_;
};

TEST_F(ConfigTest, LaterSourcesWin) {
    const auto problems =
        load_with("listen = \"a:1\"\nauth = \"off\"\n[ingest]\noldest = \"7d\"\nwriters = 4\n",
                  {{"ATLAS_LISTEN", "b:2"}, {"ATLAS_INGEST_OLDEST", "1h"}}, {{"listen", "c:3"}});
    EXPECT_THAT(problems, IsEmpty());
    EXPECT_EQ(config_.listen(), "c:3");
    EXPECT_EQ(config_.listen.source(), Source::flag);
    EXPECT_EQ(config_.oldest(), 1h);
    EXPECT_EQ(config_.writers(), 4);
    EXPECT_EQ(config_.writers.source(), Source::file);
    EXPECT_EQ(config_.max_body_mb.source(), Source::built_in);
}

TEST_F(ConfigTest, UnknownKeysNameTheNearest) {
    EXPECT_THAT(load_with("[ingest]\nwriter = 4\n", {}, {{"listem", "x"}}),
                ElementsAre(HasSubstr("unknown option ingest.writer; did you mean ingest.writers?"),
                            HasSubstr("did you mean listen?")));
}

TEST_F(ConfigTest, UnknownVariablesAreLeftAlone) {
    EXPECT_THAT(load_with("", {{"ATLAS_SERVICE_HOST", "10.0.0.1"}}), IsEmpty());
}

TEST_F(ConfigTest, WrongValuesSayWhatIsTaken) {
    EXPECT_THAT(
        load_with("collect = 1\ndrain_delay = 5\n[http]\nmax_body_mb = 0\nthreads = \"2\"\n",
                  {{"ATLAS_AUTH", "maybe"}, {"ATLAS_JOBS_RETENTION", "1 year"}}),
        ::testing::UnorderedElementsAre(
            HasSubstr("collect takes true or false"), HasSubstr("drain_delay takes a durat"),
            HasSubstr("out of range; it takes an integer, 1 to 1024"),
            HasSubstr("http.threads takes an integer"), HasSubstr("one of auto, off, token"),
            HasSubstr("not a duration")));
}

TEST_F(ConfigTest, ListsTakeKnownWordsOnce) {
    EXPECT_THAT(config_.roles(), ElementsAre("gateway", "jobs"));
    EXPECT_THAT(load_with("roles = \"jobs, gateway,jobs\"\n"), IsEmpty());
    EXPECT_THAT(config_.roles(), ElementsAre("jobs", "gateway"));
    EXPECT_EQ(config_.roles.value_text(), "jobs,gateway");
    EXPECT_THAT(
        load_with("roles = \"gateway,river\"\n"),
        ElementsAre(HasSubstr("\"river\" is unknown; it takes one or more of gateway, jobs, "
                              "stream, analytics, index, separated by commas")));
    for (const char* wrong : {"", ",", "jobs,"}) {
        EXPECT_THAT(load_with(fmt::format("roles = \"{}\"\n", wrong)),
                    ElementsAre(HasSubstr("it takes one or more of gateway, jobs")))
            << wrong;
    }
    EXPECT_THAT(config_.roles(), ElementsAre("jobs", "gateway"));
}

TEST_F(ConfigTest, BrokenFileNamesItsLine) {
    EXPECT_THAT(load_with("listen = \"x\"\n\nauth = = 1\n"), ElementsAre(HasSubstr("line 3")));
}

TEST_F(ConfigTest, MissingFileIsAProblem) {
    EXPECT_THAT(load(config_, {.file = "/nonexistent.toml", .environment = {}, .flags = {}}),
                ElementsAre(HasSubstr("no such file")));
}

// Goal: what print() shows, read back, gives the same values.
TEST_F(ConfigTest, PrintReadsBack) {
    ASSERT_THAT(load_with("data = \"a \\\"b\\\" \\\\ c\"\n[jobs]\nretention = \"36h\"\n"),
                IsEmpty());
    const std::string printed = print(config_);
    Config again;
    std::ofstream(file_) << printed;
    EXPECT_THAT(load(again, {.file = file_, .environment = {}, .flags = {}}), IsEmpty());
    for (const Option* option : config_.options()) {
        EXPECT_EQ(again.find(option->name())->value_text(), option->value_text());
    }
}

TEST_F(ConfigTest, PasswordsAreNotPrinted) {
    for (const char* conninfo :
         {"host=h password=s3cret user=u", "host=h password='s3 cret' user=u",
          "host=h password=s3cret", "postgresql://u:s3cret@h/d"}) {
        ASSERT_THAT(load_with("", {{"ATLAS_DATABASE", conninfo}}), IsEmpty());
        EXPECT_THAT(print(config_), ::testing::Not(HasSubstr("cret"))) << conninfo;
        EXPECT_THAT(print(config_), HasSubstr("***"));
    }
}

TEST(Documentation, IsWhatTheTableSays) {
    const Config config;
    std::ifstream file(test::source_dir() / "docs/configuration.md");
    const std::string written{std::istreambuf_iterator<char>(file), {}};
    EXPECT_EQ(written, render_markdown(config))
        << "run: atlas config markdown > docs/configuration.md";
}

TEST(Durations, LongestUnitThatFits) {
    EXPECT_EQ(format_duration(0s), "0s");
    EXPECT_EQ(format_duration(1500ms), "1500ms");
    EXPECT_EQ(format_duration(90s), "90s");
    EXPECT_EQ(format_duration(48h), "2d");
}

}  // namespace
}  // namespace atlas::config
