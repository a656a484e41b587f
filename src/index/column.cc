// SPDX-License-Identifier: Apache-2.0
#include "index/column.h"

#include <utility>

namespace atlas::index {
namespace {

// Below it a dictionary costs little; above the second number it costs more than eight bytes a row,
// however many rows share its values.
constexpr std::size_t kFewValues = 256;
constexpr std::size_t kManyValues = 16'384;

std::shared_ptr<Cells> make_cells(Form form, Bytes& bytes) {
    switch (form) {
        case Form::codes8: return std::make_shared<Cells>(std::in_place_type<Codes8>, bytes);
        case Form::codes16: return std::make_shared<Cells>(std::in_place_type<Codes16>, bytes);
        case Form::codes32: return std::make_shared<Cells>(std::in_place_type<Codes32>, bytes);
        case Form::ints:
        case Form::doubles:
        case Form::times: break;
    }
    return std::make_shared<Cells>(std::in_place_type<Plain>, bytes);
}

// Calls `use` with the array.
template <class CellsOrConst, class Use>
decltype(auto) with(CellsOrConst& cells, Use use) {
    switch (cells.index()) {
        case 0: return use(*std::get_if<0>(&cells));
        case 1: return use(*std::get_if<1>(&cells));
        case 2: return use(*std::get_if<2>(&cells));
        default: return use(*std::get_if<3>(&cells));
    }
}

std::int64_t newest_of(const Cells& cells, std::size_t row) {
    return with(cells,
                [row](const auto& array) { return static_cast<std::int64_t>(array.newest(row)); });
}

void set(Cells& cells, std::size_t row, std::int64_t bits, std::size_t visible, Write& write) {
    with(cells, [&](auto& array) {
        auto& cell = array.change(row, visible, write);
        cell = static_cast<std::remove_reference_t<decltype(cell)>>(bits);
    });
}

Form narrowest(Code size) {
    if (size <= 1U << 8U) return Form::codes8;
    return size <= 1U << 16U ? Form::codes16 : Form::codes32;
}

void append_json(std::string& out, Form form, std::int64_t bits) {
    if (form == Form::ints) append_int(out, bits);
    if (form == Form::doubles) append_double(out, from_ordered_bits(bits));
    if (form == Form::times) append_time(out, bits);
}

}  // namespace

std::int64_t ColumnView::bits(std::size_t row, std::uint64_t version) const {
    return with(*cells, [=](const auto& array) {
        return static_cast<std::int64_t>(array.at(row, version));
    });
}

std::optional<Scalar> ColumnView::value(std::size_t row, std::uint64_t version,
                                        std::string& scratch) const {
    return value_of(bits(row, version), version, scratch);
}

std::optional<Scalar> ColumnView::value_of(std::int64_t bits, std::uint64_t version,
                                           std::string& scratch) const {
    if (bits == (is_coded(form) ? 0 : kAbsent)) return std::nullopt;
    if (is_coded(form)) return dictionary->value(static_cast<Code>(bits), version);
    scratch.clear();
    append_json(scratch, form, bits);
    return plain_scalar(scratch);
}

std::optional<Time> ColumnView::instant(std::size_t row, std::uint64_t version) const {
    const std::int64_t at = instants->at(row, version);
    return at == kAbsent ? std::nullopt : std::optional(time_from_micros(at));
}

Column::Column(Bytes& bytes, std::string name, bool attribute)
    : bytes_(bytes),
      name_(std::move(name)),
      attribute_(attribute),
      cells_(make_cells(form_, bytes)),
      dictionary_(std::make_shared<Dictionary>(bytes)),
      instants_(attribute ? std::make_shared<Instants>(bytes) : nullptr) {
    bytes_.add(sizeof(Column) + sizeof(ColumnView) + sizeof(Dictionary) + 2 * name_.size());
}

Column::~Column() {
    bytes_.take(sizeof(Column) + sizeof(ColumnView) + sizeof(Dictionary) + 2 * name_.size());
}

void Column::extend(std::size_t rows, Write& write) {
    rows_ = rows;
    with(*cells_, [&](auto& array) { array.extend(rows, write); });
    if (instants_) instants_->extend(rows, write);
}

// kAbsent: it does not fit.
std::int64_t Column::encode(const Scalar& value) const {
    if (form_ == Form::ints) return exact_int(value.json).value_or(kAbsent);
    if (form_ == Form::times) return exact_time(value.json).value_or(kAbsent);
    const auto number = exact_double(value.json);
    return number ? ordered_bits(*number) : kAbsent;
}

std::int64_t Column::intern(const Scalar& value, Write& write) {
    if (is_coded(form_)) return dictionary_->use(value, write);
    const std::int64_t bits = encode(value);
    if (bits == kAbsent) misfit_ = true;
    return bits;
}

void Column::discard(std::int64_t bits) {
    if (is_coded(form_) && bits != 0) dictionary_->release(static_cast<Code>(bits));
    misfit_ = false;
}

bool Column::prepare(Write& write) {
    if (!is_coded(form_)) {
        if (!misfit_) return false;
        misfit_ = false;
        ++returns_;
        dictionary_ = std::make_shared<Dictionary>(bytes_);
        rebuild(Form::codes32, write);
        return true;
    }
    const Form needed = narrowest(dictionary_->size());
    if (needed > form_) rebuild(needed, write);
    return false;
}

std::int64_t Column::newest(std::size_t row) const {
    return newest_of(*cells_, row);
}

void Column::prefetch(std::size_t row) const {
    with(*cells_, [row](const auto& array) { array.prefetch(row); });
    if (instants_) instants_->prefetch(row);
}

bool Column::change(std::size_t row, std::int64_t bits, std::size_t visible, Write& write) {
    const std::int64_t old = newest(row);
    const bool had = old != absent();
    if (old == bits) {
        if (is_coded(form_) && had) dictionary_->release(static_cast<Code>(bits));
        return had;
    }
    set(*cells_, row, bits, visible, write);
    if (is_coded(form_) && had) dictionary_->release(static_cast<Code>(old));
    values_ += (bits != absent() ? 1 : 0) - (had ? 1 : 0);
    return had;
}

bool Column::change_instant(std::size_t row, std::int64_t at, std::size_t visible, Write& write) {
    const std::int64_t old = instants_->newest(row);
    if (old != at) instants_->change(row, visible, write) = at;
    instants_count_ += (at != kAbsent ? 1 : 0) - (old != kAbsent ? 1 : 0);
    return old != kAbsent;
}

void Column::settle(Write& write) {
    touched_ = false;
    if (!is_coded(form_)) return;
    dictionary_->settle(write);
    if (!better_plain()) return;
    rebuild(dictionary_->all_ints()    ? Form::ints
            : dictionary_->all_times() ? Form::times
                                       : Form::doubles,
            write);
    dictionary_ = nullptr;
}

bool Column::better_plain() const {
    const std::size_t live = dictionary_->live();
    const std::size_t few = kFewValues << std::min(2 * returns_, 40);
    if (!attribute_ || live <= few) return false;
    if (live <= kManyValues && live * 8 < static_cast<std::size_t>(values_)) return false;
    return dictionary_->all_ints() || dictionary_->all_doubles() || dictionary_->all_times();
}

std::int64_t Column::recoded(std::int64_t bits, Form from, Form to, Write& write) {
    if (is_coded(from) == is_coded(to)) return bits;
    if (is_coded(from)) return encode(dictionary_->newest(static_cast<Code>(bits)));
    std::string json;
    append_json(json, from, bits);
    return dictionary_->use(plain_scalar(json), write);
}

// Readers of earlier versions keep the cells that they have.
void Column::rebuild(Form form, Write& write) {
    const Form from = std::exchange(form_, form);
    auto cells = make_cells(form, bytes_);
    with(*cells, [&](auto& array) { array.extend(rows_, write); });
    for (std::size_t row = 0; row < rows_; ++row) {
        const std::int64_t old = newest_of(*cells_, row);
        if (old != (is_coded(from) ? 0 : kAbsent)) {
            set(*cells, row, recoded(old, from, form, write), 0, write);
        }
    }
    cells_ = std::move(cells);
    changed_ = true;
}

bool Column::view_is_stale() const {
    return changed_ || view_->codes != codes();
}

std::shared_ptr<const ColumnView> Column::view() {
    if (!view_is_stale()) return view_;
    changed_ = false;
    view_ = std::make_shared<const ColumnView>(ColumnView{.name = name_,
                                                          .form = form_,
                                                          .cells = cells_,
                                                          .dictionary = dictionary_,
                                                          .codes = codes(),
                                                          .instants = instants_});
    return view_;
}

}  // namespace atlas::index
