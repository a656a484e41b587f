// SPDX-License-Identifier: Apache-2.0
//
// The options of `atlas ingest` that say what the times of a file mean, and what becomes of records
// without one.
//
// Threading  plain data, constant during a run.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"

namespace atlas::cli {

// A local time that the clocks of its zone show twice, or never.
enum class Repeated : std::uint8_t { reject, earlier, later };
enum class Missing : std::uint8_t { reject, shift };

struct TimeOptions {
    std::string format = "auto";  // auto, rfc3339, unix, unix_ms, unix_us, unix_ns, excel, %…
    std::string zone;             // of times that do not say theirs; empty: UTC
    Repeated repeated = Repeated::reject;
    Missing missing = Missing::reject;
    std::optional<Time> oldest;  // reject what is older
    bool now = false;            // records without a time get that of the import
};

// Adds --time-format, --timezone, --ambiguous, --nonexistent, --oldest and --now.
void add_time_options(CLI::App& command, TimeOptions& options);

}  // namespace atlas::cli
