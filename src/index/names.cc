// SPDX-License-Identifier: Apache-2.0
#include "index/names.h"

#include <xxhash.h>

#include <cstring>
#include <mutex>

namespace atlas::index {
namespace {

constexpr std::size_t kSmallestPage = 512;
constexpr std::size_t kLargestPage = std::size_t{64} * 1024;

}  // namespace

Names::~Names() {
    for (const auto& [begin, page] : pages_) {
        bytes_.take(page.capacity);
        ::operator delete(page.memory);
    }
    bytes_.take(slots_.capacity() * sizeof(std::uint64_t));
}

std::uint32_t Names::hash_of(std::string_view text) {
    return static_cast<std::uint32_t>(XXH3_64bits(text.data(), text.size()));
}

std::string_view Names::text_of(const char* entry) {
    if (entry == nullptr) return {};
    std::uint16_t size = 0;
    std::memcpy(&size, entry + sizeof(Row), sizeof(size));
    return {entry + kHead, size};
}

Row Names::row_of(const char* entry) {
    Row row = 0;
    std::memcpy(&row, entry, sizeof(row));
    return row;
}

void Names::set(Row row, std::string_view text, std::size_t visible, Write& write) {
    const char* const old = entries_.newest(row);
    if (old != nullptr) {
        if (text_of(old) == text) return;
        clear(row, visible, write);
    }
    entries_.change(row, visible, write) = write_entry(row, text);
    if ((count_ + 1) * 4 > slots_.size() * 3) grow();
    const std::unique_lock lock(mutex_);
    insert(std::uint64_t{hash_of(text)} << 32U | (row + 1));
    ++count_;
}

void Names::clear(Row row, std::size_t visible, Write& write) {
    const char* const entry = entries_.newest(row);
    if (entry == nullptr) return;
    {
        const std::unique_lock lock(mutex_);
        erase(row, hash_of(text_of(entry)));
        --count_;
    }
    entries_.change(row, visible, write) = nullptr;
    drop_entry(entry, visible, write);
}

const char* Names::write_entry(Row row, std::string_view text) {
    const std::size_t bytes = kHead + text.size();
    Page& page = page_for(bytes);
    char* const entry = page.memory + page.used;
    const auto size = static_cast<std::uint16_t>(text.size());
    std::memcpy(entry, &row, sizeof(row));
    std::memcpy(entry + sizeof(row), &size, sizeof(size));
    std::memcpy(entry + kHead, text.data(), text.size());
    page.used += bytes;
    page.live += bytes;
    return entry;
}

Names::Page& Names::page_for(std::size_t bytes) {
    if (current_ != nullptr && current_->used + bytes <= current_->capacity) return *current_;
    const std::size_t usual = std::clamp(total_ / 4, kSmallestPage, kLargestPage);
    const std::size_t capacity = std::max(bytes, usual);
    auto* const memory = static_cast<char*>(::operator new(capacity));
    bytes_.add(capacity);
    total_ += capacity;
    current_ = &pages_.emplace(memory, Page{.memory = memory, .capacity = capacity}).first->second;
    return *current_;
}

void Names::drop_entry(const char* entry, std::size_t visible, Write& write) {
    Page& page = std::prev(pages_.upper_bound(entry))->second;
    page.live -= size_of(entry);
    if (&page != current_ && page.live * 2 < page.used) empty(page, visible, write);
}

void Names::empty(Page& page, std::size_t visible, Write& write) {
    for (const char* entry = page.memory; entry < page.memory + page.used;
         entry += size_of(entry)) {
        const Row row = row_of(entry);
        if (entries_.newest(row) != entry) continue;
        entries_.change(row, visible, write) = write_entry(row, text_of(entry));
    }
    total_ -= page.capacity;
    write.retired.add(page.memory, page.capacity, write.version);
    pages_.erase(page.memory);
}

void Names::insert(std::uint64_t slot) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash_in(slot) & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = slot;
}

// Moves later entries of the run back into the hole, so that no mark of a removal is needed.
void Names::erase(Row row, std::uint32_t hash) {
    const std::size_t mask = slots_.size() - 1;
    const std::uint64_t slot = std::uint64_t{hash} << 32U | (row + 1);
    std::size_t hole = hash & mask;
    while (slots_[hole] != slot) hole = (hole + 1) & mask;
    for (std::size_t at = (hole + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
        const std::size_t home = hash_in(slots_[at]) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        slots_[hole] = slots_[at];
        hole = at;
    }
    slots_[hole] = 0;
}

// The larger table is filled beside the old one, so readers wait for no more than its exchange.
void Names::grow() {
    std::vector<std::uint64_t> larger(std::max<std::size_t>(16, slots_.size() * 2));
    const std::size_t mask = larger.size() - 1;
    for (const std::uint64_t slot : slots_) {
        if (slot == 0) continue;
        std::size_t at = hash_in(slot) & mask;
        while (larger[at] != 0) at = (at + 1) & mask;
        larger[at] = slot;
    }
    bytes_.add((larger.capacity() - slots_.capacity()) * sizeof(std::uint64_t));
    const std::unique_lock lock(mutex_);
    slots_.swap(larger);
}

}  // namespace atlas::index
