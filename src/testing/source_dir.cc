// SPDX-License-Identifier: Apache-2.0
#include "testing/source_dir.h"

namespace atlas::test {

std::filesystem::path source_dir() {
    return ATLAS_SOURCE_DIR;
}

}  // namespace atlas::test
