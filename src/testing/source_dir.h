// SPDX-License-Identifier: Apache-2.0
//
// Where the sources lie on this machine, for tests that read files of the repository.
//
// Threading  pure function; any thread.
#pragma once

#include <filesystem>

namespace atlas::test {

// The root of the repository that this program was built from, absolute.
std::filesystem::path source_dir();

}  // namespace atlas::test
