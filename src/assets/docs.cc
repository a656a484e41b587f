// SPDX-License-Identifier: Apache-2.0
#include "assets/docs.h"

extern "C" {
extern const char atlas_openapi[];
extern const char atlas_openapi_end[];
}

namespace atlas::docs {

std::string_view openapi() {
    return {atlas_openapi, atlas_openapi_end};
}

}  // namespace atlas::docs
