// SPDX-License-Identifier: Apache-2.0
//
// An array that one writer changes while readers look at it as it was: in chunks, each a version,
// with the version before it behind it.
//
//     reader: version of its pin → block() → the chunk of that version or an earlier one
//     writer: change() → in the chunk itself, or in a copy of it
//
// The writer copies a chunk once per transaction, and only where a reader may be: elements that no
// reader was shown yet, and all elements while no reader is in (Write::in_place), it writes where
// they are. Replaced chunks go to Retired, which frees them once no reader can be looking. Chunks
// in which nothing was ever written are one and the same, which costs nothing.
//
// Lifetime   outlives its readers; Retired and Bytes outlive it.
// Threading  block(): any thread, for elements that its version shows. The rest: the writer.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <type_traits>
#include <vector>

namespace atlas::index {

// Memory, counted where it is allocated.
class Bytes {
public:
    void add(std::size_t bytes) { total_.fetch_add(bytes, std::memory_order_relaxed); }
    void take(std::size_t bytes) { total_.fetch_sub(bytes, std::memory_order_relaxed); }
    std::size_t total() const { return total_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> total_{0};
};

// Memory that readers of an earlier version may be looking at.
class Retired {
public:
    explicit Retired(Bytes& bytes) : bytes_(bytes) {}
    ~Retired() { free(std::numeric_limits<std::uint64_t>::max()); }
    Retired(const Retired&) = delete;
    Retired& operator=(const Retired&) = delete;

    // `memory` is of ::operator new; readers from `version` on do not see it.
    void add(void* memory, std::size_t bytes, std::uint64_t version) {
        items_.push_back({memory, bytes, version});
    }
    // Frees what no reader of `oldest` or later can see.
    void free(std::uint64_t oldest) {
        std::erase_if(items_, [&](const Item& item) {
            if (item.version > oldest) return false;
            ::operator delete(item.memory);
            bytes_.take(item.bytes);
            return true;
        });
    }
    bool empty() const { return items_.empty(); }

private:
    struct Item {
        void* memory;
        std::size_t bytes;
        std::uint64_t version;
    };
    Bytes& bytes_;
    std::vector<Item> items_;
};

// What a transaction writes with.
struct Write {
    std::uint64_t version;  // that shows it
    Retired& retired;
    bool in_place = false;  // no reader is in, and none comes in
    std::size_t copied = 0;
};

// Elements begin as kFill.
template <class T, std::size_t kRows, T kFill = T{}>
class VersionedArray {
    static_assert(std::is_trivially_copyable_v<T> && std::has_single_bit(kRows));

public:
    explicit VersionedArray(Bytes& bytes) : bytes_(bytes) {}
    ~VersionedArray() {
        Directory* const directory = directory_.load(std::memory_order_relaxed);
        if (directory == nullptr) return;
        for (std::size_t i = 0; i < blocks_; ++i) {
            Chunk* const chunk = directory->slots()[i].load(std::memory_order_relaxed);
            if (chunk == blank()) continue;
            bytes_.take(Chunk::bytes(chunk->capacity));
            ::operator delete(chunk);
        }
        bytes_.take(Directory::bytes(directory->capacity));
        ::operator delete(directory);
    }
    VersionedArray(const VersionedArray&) = delete;
    VersionedArray& operator=(const VersionedArray&) = delete;

    // The elements from number × kRows on, as `version` shows them; at most kRows.
    const T* block(std::size_t number, std::uint64_t version) const {
        const Chunk* chunk = slot(number).load(std::memory_order_acquire);
        while (chunk->version > version) chunk = chunk->older;
        return chunk->data();
    }
    T at(std::size_t row, std::uint64_t version) const {
        return block(row / kRows, version)[row % kRows];
    }

    const T& newest(std::size_t row) const {
        return slot(row / kRows).load(std::memory_order_relaxed)->data()[row % kRows];
    }
    // Fetches the element for a change that follows soon.
    void prefetch(std::size_t row) const { __builtin_prefetch(&newest(row), 1); }
    // Makes room for elements [0, rows).
    void extend(std::size_t rows, Write& write) {
        if (rows <= rows_) return;
        rows_ = rows;
        const std::size_t blocks = (rows + kRows - 1) / kRows;
        if (blocks > blocks_) {
            reserve(blocks, write);
            for (; blocks_ < blocks; ++blocks_) {
                slot(blocks_).store(blank(), std::memory_order_release);
            }
        }
        Chunk* const first = slot(0).load(std::memory_order_relaxed);
        if (first->capacity < std::min(rows, kRows)) replace(0, write);
    }
    // The element, to be written. Readers were shown `visible` elements.
    T& change(std::size_t row, std::size_t visible, Write& write) {
        Chunk* chunk = slot(row / kRows).load(std::memory_order_relaxed);
        const bool seen = chunk->version != write.version && !write.in_place && row < visible;
        if (seen || chunk == blank()) {
            chunk = replace(row / kRows, write);
            write.copied += seen ? Chunk::bytes(chunk->capacity) : 0;
        }
        return chunk->data()[row % kRows];
    }

private:
    static constexpr std::size_t kSmallest = 16;

    struct Chunk {
        std::uint64_t version;
        const Chunk* older;
        std::size_t capacity;
        std::uint64_t unused;  // a multiple of 16 bytes goes before the elements

        static std::size_t bytes(std::size_t capacity) {
            return sizeof(Chunk) + capacity * sizeof(std::array<T, 1>);
        }
        T* data() { return reinterpret_cast<T*>(this + 1); }
        const T* data() const { return reinterpret_cast<const T*>(this + 1); }
    };
    struct Directory {
        std::size_t capacity;

        static std::size_t bytes(std::size_t capacity) {
            return sizeof(Directory) + capacity * sizeof(std::atomic<Chunk*>);
        }
        std::atomic<Chunk*>* slots() { return reinterpret_cast<std::atomic<Chunk*>*>(this + 1); }
    };

    std::atomic<Chunk*>& slot(std::size_t number) const {
        return directory_.load(std::memory_order_acquire)->slots()[number];
    }
    // Of the first block, which is small where a tenant is.
    static std::size_t capacity_for(std::size_t rows) {
        std::size_t capacity = kSmallest;
        while (capacity < rows) capacity *= 4;
        return std::min(capacity, kRows);
    }

    // The chunk in which nothing was written.
    static Chunk* blank() {
        static Chunk* const chunk = make(kRows, 0, nullptr);
        return chunk;
    }

    static Chunk* make(std::size_t capacity, std::uint64_t version, const Chunk* older) {
        auto* const chunk = static_cast<Chunk*>(::operator new(Chunk::bytes(capacity)));
        chunk->version = version;
        chunk->older = older;
        chunk->capacity = capacity;
        const std::size_t taken = older == nullptr ? 0 : std::min(older->capacity, capacity);
        if (older != nullptr) std::copy_n(older->data(), taken, chunk->data());
        std::fill(chunk->data() + taken, chunk->data() + capacity, kFill);
        return chunk;
    }

    // With a copy, which may be larger.
    Chunk* replace(std::size_t number, Write& write) {
        Chunk* const old = slot(number).load(std::memory_order_relaxed);
        const std::size_t capacity = blocks_ == 1 ? capacity_for(rows_) : kRows;
        Chunk* const chunk = make(capacity, write.version, old);
        bytes_.add(Chunk::bytes(capacity));
        slot(number).store(chunk, std::memory_order_release);
        if (old != blank()) {
            write.retired.add(old, Chunk::bytes(old->capacity), write.version);
        }
        return chunk;
    }

    void reserve(std::size_t blocks, Write& write) {
        Directory* const old = directory_.load(std::memory_order_relaxed);
        if (old != nullptr && old->capacity >= blocks) return;
        const std::size_t capacity = old == nullptr ? blocks : std::max(blocks, old->capacity * 2);
        const std::size_t bytes = Directory::bytes(capacity);
        bytes_.add(bytes);
        auto* const directory = static_cast<Directory*>(::operator new(bytes));
        directory->capacity = capacity;
        for (std::size_t i = 0; i < capacity; ++i) {
            Chunk* const chunk =
                i < blocks_ ? old->slots()[i].load(std::memory_order_relaxed) : nullptr;
            new (&directory->slots()[i]) std::atomic<Chunk*>(chunk);
        }
        directory_.store(directory, std::memory_order_release);
        if (old != nullptr) {
            write.retired.add(old, Directory::bytes(old->capacity), write.version);
        }
    }

    Bytes& bytes_;
    std::size_t rows_ = 0;
    std::size_t blocks_ = 0;
    std::atomic<Directory*> directory_{nullptr};
};

}  // namespace atlas::index
