// SPDX-License-Identifier: Apache-2.0
//
// A token desk without a server: tokens are judged by a history that the test sets.
//
// Lifetime   one test's.
// Threading  any thread calls it; the test changes it before.
#pragma once

#include <optional>

#include "query/server_history.h"
#include "query/token_desk.h"

namespace atlas::query {

class TestTokens final : public TokenDesk {
public:
    explicit TestTokens(Lsn flushed) : flushed(flushed) {}

    std::string issue(LogPosition position) override {
        if (promoted && promoted->timeline() == position.timeline) history = *promoted;
        return encode_consistency_token({.system = history.system(), .position = position});
    }
    Answer<Accepted> accept(std::string_view token) override {
        const auto known = read_token(token, history);
        if (!known) return failure(known.error());
        if (auto judged = refuse_unless_good(history.judge(*known, flushed)); !judged) {
            return failure(std::move(judged.error()));
        }
        return Accepted{.floor = known->position, .timeline = history.timeline()};
    }

    ServerHistory history{"7000000000000000001", 1, {}};
    // What it learns from the first position of that timeline.
    std::optional<ServerHistory> promoted;
    Lsn flushed;
};

}  // namespace atlas::query
