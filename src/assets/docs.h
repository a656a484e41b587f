// SPDX-License-Identifier: Apache-2.0
//
// The documents that the server hands out, as the build embedded them.
//
// Threading  any thread.
#pragma once

#include <string_view>

namespace atlas::docs {

// docs/openapi.yaml; lives as long as the program.
std::string_view openapi();

}  // namespace atlas::docs
