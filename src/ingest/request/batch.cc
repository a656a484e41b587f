// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/batch.h"

#include <xxhash.h>

namespace atlas::ingest {

Batch::Batch(std::string body) : body_(std::move(body)) {
    if (body_.starts_with("\xEF\xBB\xBF")) body_.erase(0, 3);
    body_size_ = body_.size();
    body_.append(kPadding, '\0');
    slots_.assign(64, kEmpty);
}

TextRef Batch::keep(std::string_view text) {
    const TextRef ref{static_cast<std::uint32_t>(body_size_ + arena_.size()),
                      static_cast<std::uint32_t>(text.size())};
    arena_.append(text);
    return ref;
}

std::uint32_t Batch::name_id(std::string_view name, std::uint32_t expected) {
    if (expected < names_.size() && this->name(expected) == name) return expected;
    return find_or_insert(name);
}

std::uint32_t Batch::find_or_insert(std::string_view name) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = XXH3_64bits(name.data(), name.size()) & mask;
    for (; slots_[slot] != kEmpty; slot = (slot + 1) & mask) {
        if (this->name(slots_[slot]) == name) return slots_[slot];
    }
    const auto id = static_cast<std::uint32_t>(names_.size());
    const bool in_body = name.data() >= body_.data() && name.data() < body_.data() + body_size_;
    names_.push_back(in_body ? refer(name) : keep(name));
    slots_[slot] = id;
    if (names_.size() * 2 > slots_.size()) grow();
    return id;
}

void Batch::grow() {
    slots_.assign(slots_.size() * 2, kEmpty);
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t id = 0; id < names_.size(); ++id) {
        const std::string_view text = name(id);
        std::size_t slot = XXH3_64bits(text.data(), text.size()) & mask;
        while (slots_[slot] != kEmpty) slot = (slot + 1) & mask;
        slots_[slot] = id;
    }
}

void Batch::refuse(ItemError error, std::uint64_t points) {
    rejected_ += points;
    if (errors_.size() < kMaxItemErrors) {
        errors_.push_back(std::move(error));
    } else {
        errors_truncated_ = true;
    }
}

std::size_t Batch::bytes() const {
    return body_.capacity() + arena_.capacity() + names_.capacity() * sizeof(TextRef) +
           slots_.capacity() * sizeof(std::uint32_t) + points_.capacity() * sizeof(Point) +
           observations_.capacity() * sizeof(Observation);
}

}  // namespace atlas::ingest
