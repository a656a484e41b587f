// SPDX-License-Identifier: Apache-2.0
//
// The benchmarks of the analytics store that have files of their own; analytics.cc lists them all.
//
// Threading  as Benchmark::run.
#pragma once

#include "bench/month.h"

namespace atlas::bench {

void analytics_storage(SharedMonth& shared, const Settings& settings, Report& report);
void analytics_clickhouse(SharedMonth& shared, const Settings& settings, Report& report);

}  // namespace atlas::bench
