// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

#include "atlas_version.h"  // written by the build: cmake/Version.cmake

namespace atlas {

std::string_view version() {
    return ATLAS_VERSION;
}

}  // namespace atlas
