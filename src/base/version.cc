// SPDX-License-Identifier: Apache-2.0
#include "base/version.h"

namespace atlas {

std::string_view version() {
    return ATLAS_VERSION;
}

}  // namespace atlas
