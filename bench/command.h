// SPDX-License-Identifier: Apache-2.0
//
// A command of the shell and what it prints.
//
// Threading  any thread; blocks until it ends.
#pragma once

#include <string>

namespace atlas::bench {

// Its output without the last newlines; what it writes to stderr goes to ours. Throws
// std::runtime_error when it cannot be run, or fails.
std::string output_of(const std::string& command);

}  // namespace atlas::bench
