// SPDX-License-Identifier: Apache-2.0
#include "index/dictionary.h"

#include <xxhash.h>

#include <algorithm>
#include <utility>

namespace atlas::index {
namespace {

// Values that lose their last use often gain another one soon.
constexpr std::size_t kKeptUnused = 64;

}  // namespace

// The JSON lies after it, then the text of a string with escapes.
struct Dictionary::Value {
    std::uint32_t json_size;
    std::uint32_t text_size;
    Scalar::Kind kind;
    bool escaped;  // the text is stored on its own

    std::size_t bytes() const { return sizeof(Value) + json_size + (escaped ? text_size : 0); }
    char* data() { return reinterpret_cast<char*>(this + 1); }
    const char* data() const { return reinterpret_cast<const char*>(this + 1); }
};

Dictionary::Dictionary(Bytes& bytes) : bytes_(bytes), values_(bytes), hashes_(bytes) {
}

Dictionary::~Dictionary() {
    for (Code code = 1; code < size_; ++code) {
        const Value* const value = values_.newest(code);
        if (value == nullptr) continue;
        bytes_.take(value->bytes());
        ::operator delete(const_cast<Value*>(value));
    }
    bytes_.take(counted_);
}

std::uint32_t Dictionary::hash_of(Scalar::Kind kind, std::string_view text) {
    return static_cast<std::uint32_t>(
        XXH3_64bits_withSeed(text.data(), text.size(), static_cast<XXH64_hash_t>(kind)));
}

Scalar Dictionary::scalar_of(const Value& value) {
    const std::string_view json(value.data(), value.json_size);
    if (!value.escaped) return plain_scalar(json);
    return {.kind = value.kind,
            .json = json,
            .text = std::string_view(value.data() + value.json_size, value.text_size)};
}

std::optional<Scalar> Dictionary::value(Code code, std::uint64_t version) const {
    const Value* const value = values_.at(code, version);
    return value == nullptr ? std::nullopt : std::optional(scalar_of(*value));
}

Code Dictionary::use(const Scalar& value, Write& write) {
    const std::uint32_t hash = hash_of(value.kind, value.text);
    Code code = find(value, hash);
    if (code == 0) code = add(value, hash, write);
    ++uses_[code];
    return code;
}

void Dictionary::release(Code code) {
    if (--uses_[code] == 0) unused_.push_back(code);
}

Code Dictionary::find(const Scalar& value, std::uint32_t hash) const {
    if (slots_.empty()) return 0;
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask; slots_[at] != 0; at = (at + 1) & mask) {
        const Code code = slots_[at];
        if (hashes_.newest(code) == hash && newest(code).json == value.json) return code;
    }
    return 0;
}

Code Dictionary::add(const Scalar& value, std::uint32_t hash, Write& write) {
    Code code = size_;
    if (free_.empty()) {
        ++size_;
        values_.extend(size_, write);
        hashes_.extend(size_, write);
        uses_.push_back(0);
        classes_.push_back(0);
    } else {
        code = free_.back();
        free_.pop_back();
    }
    values_.change(code, shown_, write) = make(value);
    hashes_.change(code, shown_, write) = hash;
    classes_[code] = static_cast<std::uint8_t>((exact_int(value.json) ? kInt : 0) |
                                               (exact_double(value.json) ? kDouble : 0) |
                                               (exact_time(value.json) ? kTime : 0));
    ++live_;
    count(classes_[code], 1);
    if (live_ * 4 > slots_.size() * 3) grow();
    insert(code, hash);
    return code;
}

const Dictionary::Value* Dictionary::make(const Scalar& value) {
    const bool escaped =
        value.kind == Scalar::Kind::string && value.json.size() != value.text.size() + 2;
    const Value head{.json_size = static_cast<std::uint32_t>(value.json.size()),
                     .text_size = static_cast<std::uint32_t>(value.text.size()),
                     .kind = value.kind,
                     .escaped = escaped};
    bytes_.add(head.bytes());
    auto* const made = new (::operator new(head.bytes())) Value(head);
    char* const after = std::ranges::copy(value.json, made->data()).out;
    if (escaped) std::ranges::copy(value.text, after);
    return made;
}

void Dictionary::insert(Code code, std::uint32_t hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at] != 0) at = (at + 1) & mask;
    slots_[at] = code;
}

// Moves later entries of the run back into the hole, so that no mark of a removal is needed.
void Dictionary::erase(Code code) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t hole = hashes_.newest(code) & mask;
    while (slots_[hole] != code) hole = (hole + 1) & mask;
    for (std::size_t at = (hole + 1) & mask; slots_[at] != 0; at = (at + 1) & mask) {
        const std::size_t home = hashes_.newest(slots_[at]) & mask;
        if (((at - home) & mask) < ((at - hole) & mask)) continue;
        slots_[hole] = slots_[at];
        hole = at;
    }
    slots_[hole] = 0;
}

void Dictionary::grow() {
    const std::vector<Code> old = std::exchange(
        slots_, std::vector<Code>(std::max<std::size_t>(16, slots_.size() * 2), Code{0}));
    for (const Code code : old) {
        if (code != 0) insert(code, hashes_.newest(code));
    }
}

void Dictionary::count(std::uint8_t classes, int by) {
    const auto change = [by](std::size_t& number) { number += static_cast<std::size_t>(by); };
    if ((classes & kInt) != 0) change(ints_);
    if ((classes & kDouble) != 0) change(doubles_);
    if ((classes & kTime) != 0) change(times_);
}

void Dictionary::settle(Write& write) {
    if (unused_.size() > kKeptUnused + live_ / 8) {
        std::ranges::sort(unused_);
        const auto repeated = std::ranges::unique(unused_);
        unused_.erase(repeated.begin(), repeated.end());
        for (const Code code : unused_) {
            if (uses_[code] != 0) continue;
            erase(code);
            const Value* const value = values_.newest(code);
            values_.change(code, shown_, write) = nullptr;
            write.retired.add(const_cast<Value*>(value), value->bytes(), write.version);
            count(classes_[code], -1);
            --live_;
            free_.push_back(code);
        }
        unused_.clear();
    }
    shown_ = size_;
    const std::size_t bytes =
        uses_.capacity() * sizeof(std::uint32_t) + classes_.capacity() +
        (slots_.capacity() + unused_.capacity() + free_.capacity()) * sizeof(Code);
    bytes_.add(bytes);
    bytes_.take(counted_);
    counted_ = bytes;
}

}  // namespace atlas::index
