// SPDX-License-Identifier: Apache-2.0
#include "bench/bench.h"

namespace atlas::bench {

std::vector<Benchmark> read_benchmarks() {
    return {};
}

}  // namespace atlas::bench
