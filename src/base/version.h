// SPDX-License-Identifier: Apache-2.0
//
// The version of this program, as the build knows it.
//
// Threading  pure function; any thread.
#pragma once

#include <string_view>

namespace atlas {

// "major.minor.patch"; lives as long as the program.
std::string_view version();

}  // namespace atlas
