// SPDX-License-Identifier: Apache-2.0
//
// The program `atlas`.
#include <fmt/core.h>

#include "base/version.h"

int main() {
    fmt::print("atlas {}\n", atlas::version());
    return 0;
}
