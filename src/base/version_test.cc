// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "testing/source_dir.h"

namespace atlas {
namespace {

TEST(Version, NamesAReleaseAndWhatFollowedIt) {
    EXPECT_THAT(std::string(version()),
                testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+"
                                      "(\\+(dirty|([0-9]+\\.)?g[0-9a-f]{7,40}(\\.dirty)?))?"));
}

TEST(Version, ItsReleaseIsASectionOfTheChangelog) {
    const std::string release(version().substr(0, version().find('+')));
    std::ifstream changelog(test::source_dir() / "CHANGELOG.md");
    bool found = false;
    for (std::string line; std::getline(changelog, line);) {
        found = found || line.starts_with("## " + release + " - ");
    }
    EXPECT_TRUE(found) << "CHANGELOG.md has no section '## " << release << " - DATE'";
}

}  // namespace
}  // namespace atlas
