// SPDX-License-Identifier: Apache-2.0
//
// The version of this program, as the build found it in the source tree (cmake/Version.cmake).
//
// Threading  pure function; any thread.
#pragma once

#include <string_view>

namespace atlas {

// "0.2.0" for a release, "0.2.0+3.g1a2b3c4" three commits after it, "0.2.0+g1a2b3c4" where the
// release's tag is not known; `dirty` at the end of that part for uncommitted changes. A semantic
// version. Lives as long as the program.
std::string_view version();

}  // namespace atlas
