// SPDX-License-Identifier: Apache-2.0
//
// The contract of what issues consistency tokens and takes them back. It knows the server: tokens
// of another one, of a lost timeline and beyond its log are refused at once, never waited for.
//
//     write, read → issue() → client → accept() → Demand::floor → router
//
// Lifetime   longer than every request.
// Threading  any thread. issue() never blocks; accept() may, for a round trip to the primary, when
//            the token names a commit that this process has not heard of.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/lsn.h"
#include "query/error.h"

namespace atlas::query {

class TokenDesk {
public:
    virtual ~TokenDesk() = default;

    // The token of a position that was read from the server. One of a later timeline than is known
    // tells of a promotion.
    virtual std::string issue(LogPosition position) = 0;

    struct Accepted {
        LogPosition floor;
        std::int64_t timeline = 0;  // that the server writes, as far as is known
    };
    // The position that a token demands, also one of release 0.2, which is a bare LSN of the
    // timeline that the server writes. Fails with invalid_consistency_token,
    // token_from_lost_timeline, or unavailable where the primary has to be asked and cannot be.
    virtual Answer<Accepted> accept(std::string_view token) = 0;
};

}  // namespace atlas::query
