// SPDX-License-Identifier: Apache-2.0
//
// The values of one attribute, and the instants at which they were observed, by row.
//
//     writer: JSON → intern() → bits → change() → [Column] → view() → readers
//
// A column begins with codes of a dictionary, as narrow as their number allows. One with many
// distinct values that are all ints, doubles or times holds those themselves instead, in eight
// bytes; a value that does not fit brings the dictionary back.
//
// Lifetime   the tenant's; a view as long as a reader holds it.
// Threading  ColumnView: any thread. Column: the writer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <variant>

#include "index/dictionary.h"

namespace atlas::index {

using Row = std::uint32_t;

// Rows that are scanned together.
inline constexpr std::size_t kBlockRows = 1024;
// Rows of what is only looked up: less to copy where a reader is in.
inline constexpr std::size_t kSmallBlockRows = 128;

inline constexpr std::int64_t kAbsent = std::numeric_limits<std::int64_t>::min();

enum class Form : std::uint8_t { codes8, codes16, codes32, ints, doubles, times };
constexpr bool is_coded(Form form) {
    return form <= Form::codes32;
}

using Codes8 = VersionedArray<std::uint8_t, kBlockRows>;
using Codes16 = VersionedArray<std::uint16_t, kBlockRows>;
using Codes32 = VersionedArray<Code, kBlockRows>;
// Ints, times in microseconds, or doubles as ints of the same order (ordered_bits).
using Plain = VersionedArray<std::int64_t, kBlockRows, kAbsent>;
using Cells = std::variant<Codes8, Codes16, Codes32, Plain>;
using Instants = VersionedArray<std::int64_t, kSmallBlockRows, kAbsent>;

constexpr std::int64_t ordered_bits(double value) {
    const auto bits = std::bit_cast<std::int64_t>(value);
    return bits >= 0 ? bits : bits ^ std::numeric_limits<std::int64_t>::max();
}
constexpr double from_ordered_bits(std::int64_t bits) {
    return std::bit_cast<double>(bits >= 0 ? bits
                                           : bits ^ std::numeric_limits<std::int64_t>::max());
}

// As a version of the tenant shows it.
struct ColumnView {
    std::string name;
    Form form = Form::codes8;
    std::shared_ptr<const Cells> cells;
    std::shared_ptr<const Dictionary> dictionary;  // of codes
    Code codes = 0;                                // are less than it
    std::shared_ptr<const Instants> instants;      // of attributes

    // A code, 0 where there is no value; or what Plain holds, kAbsent where there is none.
    std::int64_t bits(std::size_t row, std::uint64_t version) const;
    // nullopt: no value. The text may lie in `scratch`.
    std::optional<Scalar> value(std::size_t row, std::uint64_t version, std::string& scratch) const;
    std::optional<Scalar> value_of(std::int64_t bits, std::uint64_t version,
                                   std::string& scratch) const;
    std::optional<Time> instant(std::size_t row, std::uint64_t version) const;
};

class Column {
public:
    // One that is no attribute has a dictionary always, and no instants.
    Column(Bytes& bytes, std::string name, bool attribute);
    ~Column();
    Column(const Column&) = delete;
    Column& operator=(const Column&) = delete;

    const std::string& name() const { return name_; }
    Form form() const { return form_; }
    void extend(std::size_t rows, Write& write);

    // The bits of a value, for change(). A code counts as used; a value that does not fit gives
    // kAbsent, and prepare() then brings back the dictionary: intern() again.
    std::int64_t intern(const Scalar& value, Write& write);
    // Gives back bits that no row gets.
    void discard(std::int64_t bits);
    // Before the changes of a transaction: makes the cells wide enough for their bits. True: values
    // interned before have to be interned again.
    bool prepare(Write& write);

    std::int64_t absent() const { return is_coded(form_) ? 0 : kAbsent; }
    std::int64_t newest(std::size_t row) const;
    void prefetch(std::size_t row) const;
    // True: there was a value before. absent(): there is none from now on.
    bool change(std::size_t row, std::int64_t bits, std::size_t visible, Write& write);
    // kAbsent: there is none from now on.
    bool change_instant(std::size_t row, std::int64_t at, std::size_t visible, Write& write);
    std::int64_t newest_instant(std::size_t row) const { return instants_->newest(row); }

    // After the changes of a transaction.
    void settle(Write& write);
    // Whether the transaction that collects has changed it; false again after settle().
    bool touched() const { return touched_; }
    void touch() { touched_ = true; }
    // Whether view() would differ from the one before.
    bool view_is_stale() const;
    // No row has a value or an instant.
    bool empty() const { return values_ == 0 && instants_count_ == 0; }
    std::shared_ptr<const ColumnView> view();

private:
    std::int64_t encode(const Scalar& value) const;
    void rebuild(Form form, Write& write);
    std::int64_t recoded(std::int64_t bits, Form from, Form to, Write& write);
    bool better_plain() const;
    Code codes() const { return is_coded(form_) ? dictionary_->size() : 0; }

    Bytes& bytes_;
    const std::string name_;
    const bool attribute_;
    Form form_ = Form::codes8;
    std::shared_ptr<Cells> cells_;
    std::shared_ptr<Dictionary> dictionary_;
    std::shared_ptr<Instants> instants_;
    std::size_t rows_ = 0;
    std::int64_t values_ = 0;
    std::int64_t instants_count_ = 0;
    bool misfit_ = false;  // among the values of this transaction
    int returns_ = 0;      // to a dictionary
    bool touched_ = false;
    bool changed_ = true;  // since view_ was made
    std::shared_ptr<const ColumnView> view_;
};

}  // namespace atlas::index
