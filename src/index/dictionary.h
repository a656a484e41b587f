// SPDX-License-Identifier: Apache-2.0
//
// The distinct values of a column, each under a small number, its code; 0 means no value.
//
//     writer: JSON → use() → code, counted → release()
//     reader: code → value(), as of its version
//
// A value that nothing uses any more gives its code to another one, later: which value a code means
// depends on the version.
//
// Lifetime   as VersionedArray's.
// Threading  value(), hashes(): any thread, for codes that the version shows. The rest: the writer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "index/scalar.h"
#include "index/versioned_array.h"

namespace atlas::index {

using Code = std::uint32_t;

class Dictionary {
public:
    static constexpr std::size_t kHashBlock = 1024;

    explicit Dictionary(Bytes& bytes);
    ~Dictionary();
    Dictionary(const Dictionary&) = delete;
    Dictionary& operator=(const Dictionary&) = delete;

    // nullopt: no value has the code in that version.
    std::optional<Scalar> value(Code code, std::uint64_t version) const;
    // Those of codes from block × kHashBlock on; of a code without a value, any.
    const std::uint32_t* hashes(std::size_t block, std::uint64_t version) const {
        return hashes_.block(block, version);
    }
    static std::uint32_t hash_of(Scalar::Kind kind, std::string_view text);

    // Codes are less than it.
    Code size() const { return size_; }
    std::size_t live() const { return live_; }
    // The code of a value, which has one more use from now on.
    Code use(const Scalar& value, Write& write);
    void use_again(Code code) { ++uses_[code]; }
    void release(Code code);
    // Ends a transaction: codes that readers were shown; frees values that nothing uses.
    void settle(Write& write);

    Scalar newest(Code code) const { return scalar_of(*values_.newest(code)); }
    // Whether all values are exact_int(), exact_double() or exact_time().
    bool all_ints() const { return ints_ == live_; }
    bool all_doubles() const { return doubles_ == live_; }
    bool all_times() const { return times_ == live_; }

private:
    struct Value;
    static constexpr std::size_t kBlock = 128;
    static constexpr std::uint8_t kInt = 1;
    static constexpr std::uint8_t kDouble = 2;
    static constexpr std::uint8_t kTime = 4;

    static Scalar scalar_of(const Value& value);
    Code find(const Scalar& value, std::uint32_t hash) const;
    Code add(const Scalar& value, std::uint32_t hash, Write& write);
    const Value* make(const Scalar& value);
    void insert(Code code, std::uint32_t hash);
    void erase(Code code);
    void grow();
    void count(std::uint8_t classes, int by);

    Bytes& bytes_;
    VersionedArray<const Value*, kBlock> values_;
    VersionedArray<std::uint32_t, kHashBlock> hashes_;
    Code size_ = 1;
    Code shown_ = 0;
    // The writer's own.
    std::vector<std::uint32_t> uses_{0};
    std::vector<std::uint8_t> classes_{0};  // which exact forms a value has
    std::vector<Code> slots_;               // open addressing by hash
    std::vector<Code> unused_;              // may be used again meanwhile
    std::vector<Code> free_;
    std::size_t live_ = 0;
    std::size_t ints_ = 0;
    std::size_t doubles_ = 0;
    std::size_t times_ = 0;
    std::size_t counted_ = 0;  // bytes of the vectors
};

}  // namespace atlas::index
