// SPDX-License-Identifier: Apache-2.0
//
// How many rounds a test that draws at random runs, and from which seed. The suite of such a test
// is named …Property: `./dev test --all` runs those again for longer, from another seed
// (tests/properties).
//
//     ATLAS_SEED=7 ATLAS_ROUNDS=1 build/release/atlas_query_pgtest --gtest_filter='Filter*'
//
// ATLAS_SEED     where drawing begins
// ATLAS_ROUNDS   that many rounds
// ATLAS_LONGER   that many times the usual number of rounds, or the usual time
//
// Threading  any, while no thread changes the environment.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <string>

namespace atlas::test {

// Throws std::invalid_argument when the variable is set to what is not a number.
inline std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::stoull(text);
}

inline std::uint64_t seed_or(std::uint64_t usual) {
    return from_environment("ATLAS_SEED", usual);
}
inline std::uint64_t times_longer() {
    return from_environment("ATLAS_LONGER", 1);
}
inline std::uint64_t rounds_or(std::uint64_t usual) {
    return from_environment("ATLAS_ROUNDS", usual * times_longer());
}

}  // namespace atlas::test
