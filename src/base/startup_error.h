// SPDX-License-Identifier: Apache-2.0
//
// What ends the start-up (or a command) with exit code 1: one line that says what is wrong and what
// to do about it. Thrown where the program is put together, caught once, in main.
//
// Threading  the main thread.
#pragma once

#include <stdexcept>

namespace atlas {

class StartupError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

}  // namespace atlas
