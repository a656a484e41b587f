// SPDX-License-Identifier: Apache-2.0
#include "bench/command.h"

#include <cstdio>
#include <stdexcept>

namespace atlas::bench {

std::string output_of(const std::string& command) {
    FILE* pipe = popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::string out;
    char buffer[4096];
    while (const std::size_t size = fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, size);
    if (pclose(pipe) != 0) throw std::runtime_error("failed: " + command);
    while (!out.empty() && out.back() == '\n') out.pop_back();
    return out;
}

}  // namespace atlas::bench
