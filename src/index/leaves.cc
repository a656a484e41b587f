// SPDX-License-Identifier: Apache-2.0
#include "index/leaves.h"

#include <algorithm>

#include "index/predicate.h"

namespace atlas::index {
namespace {

using query::Field;
using query::Op;

// With more codes than that a table of all codes is as fast.
constexpr std::size_t kFewCodes = 4;
// Values of a larger dictionary are looked at only when a row asks for them.
constexpr Code kSmallDictionary = 4096;

// One of a few codes.
template <class Array>
class FewCodes final : public Condition {
public:
    FewCodes(const View& view, const Array& array, std::vector<Code> codes)
        : view_(view), array_(array), codes_(std::move(codes)) {}
    void narrow(const Block& block, Mask& mask) override {
        const auto* const cells = array_.block(block.number, view_.number());
        using Cell = std::remove_cvref_t<decltype(*cells)>;
        const auto code = static_cast<Cell>(codes_.front());
        if (codes_.size() == 1) {
            for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= cells[i] == code ? 1 : 0;
            return;
        }
        std::array<Cell, kFewCodes> any;
        for (std::size_t i = 0; i < kFewCodes; ++i) {
            any[i] = static_cast<Cell>(codes_[std::min(i, codes_.size() - 1)]);
        }
        for (std::size_t i = 0; i < block.rows; ++i) {
            mask[i] &= is(cells[i], any[0]) | is(cells[i], any[1]) | is(cells[i], any[2]) |
                       is(cells[i], any[3]);
        }
    }
    bool holds(Row row) override {
        const Code code = array_.at(row, view_.number());
        return std::ranges::find(codes_, code) != codes_.end();
    }
    double cost() const override {
        return 0.05 * sizeof(array_.at(0, 0)) * static_cast<double>(codes_.size());
    }

private:
    template <class Cell>
    static std::uint8_t is(Cell a, Cell b) {
        return a == b ? 1 : 0;
    }

    const View& view_;
    const Array& array_;
    const std::vector<Code> codes_;  // at least one
};

// One of many codes.
template <class Array>
class CodeTable final : public Condition {
public:
    CodeTable(const View& view, const Array& array, std::vector<std::uint8_t> table)
        : view_(view), array_(array), table_(std::move(table)) {}
    void narrow(const Block& block, Mask& mask) override {
        const auto* const cells = array_.block(block.number, view_.number());
        for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= table_[cells[i]];
    }
    bool holds(Row row) override { return table_[array_.at(row, view_.number())] != 0; }
    double cost() const override { return 0.7; }

private:
    const View& view_;
    const Array& array_;
    const std::vector<std::uint8_t> table_;  // by code
};

template <class Array>
class Present final : public Condition {
public:
    Present(const View& view, const Array& array) : view_(view), array_(array) {}
    void narrow(const Block& block, Mask& mask) override {
        const auto* const cells = array_.block(block.number, view_.number());
        for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= cells[i] != kNothing ? 1 : 0;
    }
    bool holds(Row row) override { return array_.at(row, view_.number()) != kNothing; }
    double cost() const override { return 0.05 * sizeof(kNothing); }

private:
    using Cell = decltype(std::declval<const Array&>().at(0, 0));
    static constexpr Cell kNothing =
        std::is_same_v<Array, Plain> ? static_cast<Cell>(kAbsent) : Cell{0};

    const View& view_;
    const Array& array_;
};

// Within ranges of ints, or of what else Plain holds; kAbsent is in none.
class InRanges final : public Condition {
public:
    InRanges(const View& view, const Plain& array, Ranges<std::int64_t> ranges)
        : view_(view), array_(array), ranges_(std::move(ranges)) {}
    void narrow(const Block& block, Mask& mask) override {
        const std::int64_t* const cells = array_.block(block.number, view_.number());
        if (ranges_.any.size() == 1 && !ranges_.inverted) {
            const auto [first, last] = ranges_.any.front();
            for (std::size_t i = 0; i < block.rows; ++i) {
                mask[i] &= cells[i] >= first && cells[i] <= last ? 1 : 0;
            }
            return;
        }
        for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= within(cells[i]) ? 1 : 0;
    }
    bool holds(Row row) override { return within(array_.at(row, view_.number())); }
    double cost() const override { return 0.4 * static_cast<double>(ranges_.any.size() + 1); }

private:
    bool within(std::int64_t cell) const {
        if (cell == kAbsent) return false;
        const bool any = std::ranges::any_of(ranges_.any, [cell](const auto& range) {
            return cell >= range.first && cell <= range.second;
        });
        return any != ranges_.inverted;
    }

    const View& view_;
    const Plain& array_;
    const Ranges<std::int64_t> ranges_;
};

// A condition that looks at one row after another.
class ByRow : public Condition {
public:
    void narrow(const Block& block, Mask& mask) override {
        for_each_row(mask, block.rows, [&](std::size_t at) {
            if (!holds(block.first() + static_cast<Row>(at))) mask[at] = 0;
        });
    }
    double cost() const override { return 50; }
};

// Values of a large dictionary, each compared once; and of columns whose type is not the filter's.
class Compared final : public ByRow {
public:
    Compared(const View& view, const ColumnView& column, Predicate predicate)
        : view_(view), column_(column), predicate_(std::move(predicate)), known_(column.codes) {}
    bool holds(Row row) override {
        const std::int64_t bits = column_.bits(row, view_.number());
        if (!is_coded(column_.form)) return matches(bits);
        if (bits == 0) return false;
        std::uint8_t& known = known_[static_cast<std::size_t>(bits)];
        if (known == kUnknown) known = matches(bits) ? kYes : kNo;
        return known == kYes;
    }

private:
    static constexpr std::uint8_t kUnknown = 0;
    static constexpr std::uint8_t kNo = 1;
    static constexpr std::uint8_t kYes = 2;

    bool matches(std::int64_t bits) {
        const auto value = column_.value_of(bits, view_.number(), scratch_);
        return value && predicate_.matches(*value);
    }

    const View& view_;
    const ColumnView& column_;
    const Predicate predicate_;
    std::vector<std::uint8_t> known_;  // by code
    std::string scratch_;
};

// The external id.
class NamePredicate final : public ByRow {
public:
    NamePredicate(const View& view, Predicate predicate)
        : view_(view), predicate_(std::move(predicate)) {}
    bool holds(Row row) override {
        const std::string_view name = view_.name(row);
        return predicate_.matches({.kind = Scalar::Kind::string, .json = {}, .text = name});
    }

private:
    const View& view_;
    const Predicate predicate_;
};

// One of a few entities.
class OneOfRows final : public Condition {
public:
    explicit OneOfRows(std::vector<Row> rows) : rows_(std::move(rows)) { std::ranges::sort(rows_); }
    void narrow(const Block& block, Mask& mask) override {
        Mask kept{};
        const auto end = std::ranges::lower_bound(rows_, block.first() + block.rows);
        for (auto row = std::ranges::lower_bound(rows_, block.first()); row != end; ++row) {
            kept[*row % kBlockRows] = mask[*row % kBlockRows];
        }
        std::copy_n(kept.begin(), block.rows, mask.begin());
    }
    bool holds(Row row) override { return std::ranges::binary_search(rows_, row); }
    double cost() const override { return 0.01; }

private:
    std::vector<Row> rows_;
};

// Calls `use` with the array of codes or of plain values.
template <class Use>
std::unique_ptr<Condition> with_cells(const ColumnView& column, Use use) {
    switch (column.form) {
        case Form::codes8: return use(std::get<Codes8>(*column.cells));
        case Form::codes16: return use(std::get<Codes16>(*column.cells));
        case Form::codes32: return use(std::get<Codes32>(*column.cells));
        case Form::ints:
        case Form::doubles:
        case Form::times: break;
    }
    return use(std::get<Plain>(*column.cells));
}

std::vector<Code> find_codes(const ColumnView& column, const View& view,
                             const Predicate::Exact& exact) {
    std::vector<Code> codes;
    std::vector<std::uint32_t> hashes;
    hashes.reserve(exact.texts.size());
    for (const std::string_view text : exact.texts) {
        hashes.push_back(Dictionary::hash_of(exact.kind, text));
    }
    for (Code first = 0; first < column.codes; first += Dictionary::kHashBlock) {
        const std::uint32_t* const block =
            column.dictionary->hashes(first / Dictionary::kHashBlock, view.number());
        const Code size = std::min<Code>(Dictionary::kHashBlock, column.codes - first);
        for (std::size_t i = 0; i < hashes.size(); ++i) {
            const std::uint32_t hash = hashes[i];
            std::uint32_t found = 0;
            for (Code at = 0; at < size; ++at) found += block[at] == hash ? 1 : 0;
            for (Code at = 0; found > 0 && at < size; ++at) {
                const Code code = first + at;
                if (block[at] != hash || code == 0) continue;
                const auto value = column.dictionary->value(code, view.number());
                if (value && value->kind == exact.kind && value->text == exact.texts[i]) {
                    codes.push_back(code);
                }
            }
        }
    }
    std::ranges::sort(codes);
    const auto repeated = std::ranges::unique(codes);
    codes.erase(repeated.begin(), repeated.end());
    return codes;
}

std::unique_ptr<Condition> make_codes(const ColumnView& column, const View& view,
                                      std::vector<Code> codes) {
    if (codes.empty()) return make_constant(false);
    return with_cells(column, [&](const auto& array) -> std::unique_ptr<Condition> {
        using Array = std::remove_cvref_t<decltype(array)>;
        if constexpr (std::is_same_v<Array, Plain>) {
            return make_constant(false);
        } else {
            if (codes.size() <= kFewCodes) {
                return std::make_unique<FewCodes<Array>>(view, array, std::move(codes));
            }
            std::vector<std::uint8_t> table(column.codes);
            for (const Code code : codes) table[code] = 1;
            return std::make_unique<CodeTable<Array>>(view, array, std::move(table));
        }
    });
}

std::unique_ptr<Condition> compile_coded(const ColumnView& column, const View& view,
                                         Predicate predicate) {
    if (const auto exact = predicate.exact()) {
        return make_codes(column, view, find_codes(column, view, *exact));
    }
    if (column.codes > kSmallDictionary) {
        return std::make_unique<Compared>(view, column, std::move(predicate));
    }
    std::vector<Code> codes;
    for (Code code = 1; code < column.codes; ++code) {
        const auto value = column.dictionary->value(code, view.number());
        if (value && predicate.matches(*value)) codes.push_back(code);
    }
    return make_codes(column, view, std::move(codes));
}

Ranges<std::int64_t> ordered(const Ranges<double>& ranges) {
    Ranges<std::int64_t> out{.any = {}, .inverted = ranges.inverted};
    for (const auto& [first, last] : ranges.any) {
        // No negative zero is stored, and one as a bound means zero.
        out.any.emplace_back(ordered_bits(first + 0.0), ordered_bits(last + 0.0));
    }
    return out;
}

std::unique_ptr<Condition> compile_attribute(const ColumnView* column, const View& view,
                                             const Predicate& predicate) {
    if (column == nullptr) return make_constant(false);
    if (predicate.op() == Op::present) return make_present(column, view);
    if (is_coded(column->form)) return compile_coded(*column, view, predicate);
    std::optional<Ranges<std::int64_t>> ranges;
    if (column->form == Form::ints) ranges = predicate.int_ranges();
    if (column->form == Form::times) ranges = predicate.time_ranges();
    if (column->form == Form::doubles) {
        const auto doubles = predicate.double_ranges();
        if (doubles) ranges = ordered(*doubles);
    }
    if (!ranges) return std::make_unique<Compared>(view, *column, predicate);
    return std::make_unique<InRanges>(view, std::get<Plain>(*column->cells), std::move(*ranges));
}

std::unique_ptr<Condition> compile_name(const View& view, Predicate predicate) {
    const auto exact = predicate.exact();
    if (!exact) return std::make_unique<NamePredicate>(view, std::move(predicate));
    std::vector<Row> rows;
    for (const std::string_view text : exact->texts) {
        if (const auto row = view.find(text)) rows.push_back(*row);
    }
    return std::make_unique<OneOfRows>(std::move(rows));
}

}  // namespace

std::unique_ptr<Condition> make_present(const ColumnView* column, const View& view) {
    if (column == nullptr) return make_constant(false);
    return with_cells(*column, [&](const auto& array) -> std::unique_ptr<Condition> {
        using Array = std::remove_cvref_t<decltype(array)>;
        return std::make_unique<Present<Array>>(view, array);
    });
}

std::unique_ptr<Condition> compile_leaf(const query::Comparison& comparison, const View& view) {
    auto predicate = Predicate::make(comparison);
    if (!predicate) return nullptr;
    if (comparison.field != Field::attribute && comparison.op == Op::present) {
        return make_constant(true);
    }
    switch (comparison.field) {
        case Field::entity: return compile_name(view, std::move(*predicate));
        case Field::type: return compile_coded(view.types(), view, std::move(*predicate));
        case Field::created_at:
        case Field::updated_at: {
            auto ranges = predicate->time_ranges();
            if (!ranges) return nullptr;
            const Plain& times = comparison.field == Field::created_at ? view.columns().created
                                                                       : view.columns().updated;
            return std::make_unique<InRanges>(view, times, std::move(*ranges));
        }
        case Field::attribute: break;
    }
    const Table& table = view.table();
    auto own = compile_attribute(table.find(comparison.name), view, *predicate);
    const ColumnView* const other =
        comparison.other_name.empty() ? nullptr : table.find(comparison.other_name);
    if (other == nullptr) return own;
    // The value under the other name counts where there is one.
    std::vector<std::unique_ptr<Condition>> without;
    without.push_back(make_not(make_present(other, view)));
    without.push_back(std::move(own));
    std::vector<std::unique_ptr<Condition>> either;
    either.push_back(compile_attribute(other, view, *predicate));
    either.push_back(make_all_of(std::move(without)));
    return make_any_of(std::move(either));
}

}  // namespace atlas::index
