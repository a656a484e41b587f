// SPDX-License-Identifier: Apache-2.0
//
// The external ids of a tenant's entities: by row, and from an id to its row.
//
//     writer: set(), clear()      reader: at(), find()
//
// The text lies in pages, each with a note of its row, so that a page of which little is left can
// be emptied into another one.
//
// Lifetime   as VersionedArray's.
// Threading  at(), find(): any thread. The rest: the writer. find() and the writer share a lock,
// for
//            one look-up at a time.
#pragma once

#include <map>
#include <memory>
#include <shared_mutex>
#include <string_view>
#include <utility>
#include <vector>

#include "index/column.h"

namespace atlas::index {

class Names {
public:
    explicit Names(Bytes& bytes) : bytes_(bytes), entries_(bytes) {}
    ~Names();
    Names(const Names&) = delete;
    Names& operator=(const Names&) = delete;

    // Empty: the row has none.
    std::string_view at(std::size_t row, std::uint64_t version) const {
        return text_of(entries_.at(row, version));
    }
    // Calls `matches` with rows that may have that id in some version, until it returns true.
    template <class Matches>
    bool find(std::string_view text, Matches matches) const {
        const std::uint32_t hash = hash_of(text);
        const std::shared_lock lock(mutex_);
        if (slots_.empty()) return false;
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
            if (hash_in(slots_[at]) == hash && matches(row_in(slots_[at]))) return true;
        }
        return false;
    }

    std::string_view newest(std::size_t row) const { return text_of(entries_.newest(row)); }
    void prefetch(std::size_t row) const { entries_.prefetch(row); }
    void extend(std::size_t rows, Write& write) { entries_.extend(rows, write); }
    void set(Row row, std::string_view text, std::size_t visible, Write& write);
    void clear(Row row, std::size_t visible, Write& write);

private:
    // An entry: its row, the size of the text, the text.
    static constexpr std::size_t kHead = sizeof(Row) + sizeof(std::uint16_t);
    struct Page {
        char* memory;
        std::size_t capacity;
        std::size_t used = 0;
        std::size_t live = 0;
    };

    static std::uint32_t hash_of(std::string_view text);
    static std::uint32_t hash_in(std::uint64_t slot) {
        return static_cast<std::uint32_t>(slot >> 32U);
    }
    static Row row_in(std::uint64_t slot) { return static_cast<Row>(slot) - 1; }
    static std::string_view text_of(const char* entry);
    static Row row_of(const char* entry);
    static std::size_t size_of(const char* entry) { return kHead + text_of(entry).size(); }

    const char* write_entry(Row row, std::string_view text);
    Page& page_for(std::size_t bytes);
    void drop_entry(const char* entry, std::size_t visible, Write& write);
    void empty(Page& page, std::size_t visible, Write& write);
    void insert(std::uint64_t slot);
    void erase(Row row, std::uint32_t hash);
    void grow();

    Bytes& bytes_;
    VersionedArray<const char*, kSmallBlockRows> entries_;
    std::map<const char*, Page> pages_;  // by where they begin
    Page* current_ = nullptr;
    std::size_t total_ = 0;  // bytes of pages
    mutable std::shared_mutex mutex_;
    // Open addressing: hash of the text, and row + 1. Guarded by mutex_; the writer alone changes
    // it, so it reads without.
    std::vector<std::uint64_t> slots_;
    std::size_t count_ = 0;
};

// From the internal ids of entities to their rows. The writer's own.
class EntityRows {
public:
    explicit EntityRows(Bytes& bytes) : bytes_(bytes) {}
    ~EntityRows() { bytes_.take(slots_.capacity() * sizeof(Row)); }
    EntityRows(const EntityRows&) = delete;
    EntityRows& operator=(const EntityRows&) = delete;

    // `id_at` tells the id of a row.
    template <class IdAt>
    std::optional<Row> find(std::int64_t id, IdAt id_at) const {
        if (slots_.empty()) return std::nullopt;
        const std::size_t mask = slots_.size() - 1;
        for (std::size_t at = home(id) & mask; slots_[at] != 0; at = (at + 1) & mask) {
            if (id_at(slots_[at] - 1) == id) return slots_[at] - 1;
        }
        return std::nullopt;
    }
    void prefetch(std::int64_t id) const {
        if (!slots_.empty()) __builtin_prefetch(&slots_[home(id) & (slots_.size() - 1)]);
    }
    template <class IdAt>
    void insert(std::int64_t id, Row row, IdAt id_at) {
        if ((count_ + 1) * 4 > slots_.size() * 3) grow(id_at);
        ++count_;
        place(id, row + 1);
    }
    template <class IdAt>
    void erase(std::int64_t id, Row row, IdAt id_at) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t hole = home(id) & mask;
        while (slots_[hole] != row + 1) hole = (hole + 1) & mask;
        // Later entries of the run move back, so that no mark of a removal is needed.
        for (std::size_t at = (hole + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
            const std::size_t from = home(id_at(slots_[at] - 1)) & mask;
            if (((at - from) & mask) < ((at - hole) & mask)) continue;
            slots_[hole] = slots_[at];
            hole = at;
        }
        slots_[hole] = 0;
        --count_;
    }

private:
    static std::size_t home(std::int64_t id) {
        const std::uint64_t mixed = static_cast<std::uint64_t>(id) * 0x9E3779B97F4A7C15ULL;
        return static_cast<std::size_t>(mixed >> 32U);
    }
    void place(std::int64_t id, Row entry) {
        const std::size_t mask = slots_.size() - 1;
        std::size_t at = home(id) & mask;
        while (slots_[at] != 0) at = (at + 1) & mask;
        slots_[at] = entry;
    }
    template <class IdAt>
    void grow(IdAt id_at) {
        const std::size_t size = std::max<std::size_t>(16, slots_.size() * 2);
        const std::vector<Row> old = std::exchange(slots_, std::vector<Row>(size, Row{0}));
        bytes_.add((slots_.capacity() - old.capacity()) * sizeof(Row));
        for (const Row entry : old) {
            if (entry != 0) place(id_at(entry - 1), entry);
        }
    }

    Bytes& bytes_;
    std::vector<Row> slots_;  // row + 1; 0: free
    std::size_t count_ = 0;
};

}  // namespace atlas::index
