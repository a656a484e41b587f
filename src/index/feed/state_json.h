// SPDX-License-Identifier: Apache-2.0
//
// Reads the two JSON objects of a current state, hot_attrs and hot_at, as PostgreSQL writes jsonb:
// without insignificant white space but one blank after each colon and comma.
//
//     entity_jsonb, the log or a statement → [StateJson] → HotValue, HotInstant → LiveIndex
//
// Its own reader, because an index applies hundreds of thousands of states a second.
//
// Lifetime   what values() and instants() return borrows from the object that was read and from
//            this, until the next call of the same name.
// Threading  one thread at a time.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "index/live_index.h"

namespace atlas::index {

class StateJson {
public:
    // nullopt: it is no such object.
    std::optional<std::span<const HotValue>> values(std::string_view object);
    std::optional<std::span<const HotInstant>> instants(std::string_view object);

private:
    // Texts without their escapes, where they have some; their places stay.
    struct Texts {
        std::deque<std::string> texts;
        std::size_t used = 0;
    };
    std::vector<HotValue> values_;
    std::vector<HotInstant> instants_;
    Texts value_texts_;
    Texts instant_texts_;
    friend class StateJsonReader;
};

}  // namespace atlas::index
