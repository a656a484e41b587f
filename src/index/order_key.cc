// SPDX-License-Identifier: Apache-2.0
#include "index/order_key.h"

#include "index/sort_value.h"

namespace atlas::index {
namespace {

using query::Field;

std::strong_ordering directed(std::strong_ordering order, bool descending) {
    return descending ? 0 <=> order : order;
}

// created_at and updated_at: every row has one.
class TimeKey final : public OrderKey {
public:
    TimeKey(const View& view, const Plain& times, bool descending)
        : view_(view), times_(times), descending_(descending) {}
    Prefix prefix(Row row) override { return prefix_of(times_.at(row, view_.number())); }
    void narrow(const Block& block, Mask& mask, Prefix greatest) override {
        const std::int64_t* const times = times_.block(block.number, view_.number());
        const auto bound = static_cast<std::int64_t>((descending_ ? ~greatest : greatest) ^ kSign);
        if (descending_) {
            for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= times[i] >= bound ? 1 : 0;
        } else {
            for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= times[i] <= bound ? 1 : 0;
        }
    }
    std::strong_ordering compare(Row a, Row b) override { return prefix(a) <=> prefix(b); }
    std::optional<std::string> text(Row row) override {
        return timestamptz_text(times_.at(row, view_.number()));
    }
    bool set_place(const std::optional<std::string>& text) override {
        const auto micros = text ? read_timestamptz(*text) : std::nullopt;
        if (micros) place_ = prefix_of(*micros);
        return micros.has_value();
    }
    Prefix place_prefix() const override { return place_; }
    std::strong_ordering compare_with_place(Row row) override { return prefix(row) <=> place_; }

private:
    static constexpr Prefix kSign = Prefix{1} << 63U;

    Prefix prefix_of(std::int64_t micros) const {
        const Prefix up = static_cast<Prefix>(micros) ^ kSign;
        return descending_ ? ~up : up;
    }

    const View& view_;
    const Plain& times_;
    const bool descending_;
    Prefix place_ = 0;
};

// What is ordered by a value that is looked up, or absent.
class ValueKey : public OrderKey {
public:
    ValueKey(Sorting sorting, bool descending) : sorting_(sorting), descending_(descending) {}

    Prefix prefix(Row row) override { return directed_prefix(value(row, first_)); }
    std::strong_ordering compare(Row a, Row b) override {
        if (same(a, b)) return std::strong_ordering::equal;
        return compare(value(a, first_), value(b, second_));
    }
    std::optional<std::string> text(Row row) override {
        const auto found = value(row, first_);
        return found ? std::optional(place_text(sorting_, *found)) : std::nullopt;
    }
    bool set_place(const std::optional<std::string>& text) override {
        place_ = text ? read_place(sorting_, *text, stored_) : std::nullopt;
        return !text || place_.has_value();
    }
    Prefix place_prefix() const override { return directed_prefix(place_); }
    std::strong_ordering compare_with_place(Row row) override {
        return compare(value(row, first_), place_);
    }

protected:
    // nullopt: none. The text may lie in `scratch`.
    virtual std::optional<SortValue> value(Row row, std::string& scratch) = 0;
    // True only where the values are the same for sure.
    virtual bool same(Row, Row) { return false; }

    Prefix directed_prefix(const std::optional<SortValue>& value) const {
        if (!value) return kLast;
        const Prefix up = prefix_of(sorting_, *value);
        return descending_ ? (kLast >> 1U) - up : up;
    }
    Sorting sorting() const { return sorting_; }

private:
    std::strong_ordering compare(const std::optional<SortValue>& a,
                                 const std::optional<SortValue>& b) const {
        if (!a || !b) return b.has_value() <=> a.has_value();
        return directed(index::compare(sorting_, *a, *b), descending_);
    }

    const Sorting sorting_;
    const bool descending_;
    std::string first_;
    std::string second_;
    std::string stored_;
    std::optional<SortValue> place_;
};

// The external id, or the type: text of any length.
class TextKey final : public ValueKey {
public:
    TextKey(const View& view, Field field, bool descending)
        : ValueKey(Sorting::text, descending), view_(view), field_(field) {}

private:
    std::optional<SortValue> value(Row row, std::string&) override {
        const std::string_view text = field_ == Field::entity ? view_.name(row) : view_.type(row);
        return SortValue{.scalar = {}, .text = text};
    }

    const View& view_;
    const Field field_;
};

class AttributeKey final : public ValueKey {
public:
    AttributeKey(const View& view, const query::OrderKey& key)
        : ValueKey(sorting_of(key.type), key.descending),
          view_(view),
          cut_(key.type == model::Type::string),
          own_(view.table().find(key.name)),
          other_(key.other_name.empty() ? nullptr : view.table().find(key.other_name)) {
        if (own_ != nullptr && other_ == nullptr && is_coded(own_->form) &&
            own_->codes <= kRemembered) {
            prefixes_.resize(own_->codes, kUnknown);
        }
    }

    Prefix prefix(Row row) override {
        if (prefixes_.empty()) return ValueKey::prefix(row);
        Prefix& known = prefixes_[static_cast<std::size_t>(own_->bits(row, view_.number()))];
        if (known == kUnknown) known = ValueKey::prefix(row) + 1;
        return known - 1;  // kLast is 0 - 1
    }

private:
    static constexpr Code kRemembered = 1U << 16U;
    static constexpr Prefix kUnknown = Prefix{1} << 63U;

    std::optional<SortValue> value(Row row, std::string& scratch) override {
        std::optional<Scalar> found;
        if (other_ != nullptr) found = other_->value(row, view_.number(), scratch);
        if (!found && own_ != nullptr) found = own_->value(row, view_.number(), scratch);
        return found ? sort_value(sorting(), cut_, *found) : std::nullopt;
    }
    bool same(Row a, Row b) override {
        return other_ == nullptr && own_ != nullptr &&
               own_->bits(a, view_.number()) == own_->bits(b, view_.number());
    }

    const View& view_;
    const bool cut_;
    const ColumnView* const own_;
    const ColumnView* const other_;
    std::vector<Prefix> prefixes_;  // by code, each plus one; kUnknown: not yet known
};

}  // namespace

std::unique_ptr<OrderKey> make_order_key(const query::OrderKey& key, const View& view) {
    switch (key.field) {
        case Field::created_at:
            return std::make_unique<TimeKey>(view, view.columns().created, key.descending);
        case Field::updated_at:
            return std::make_unique<TimeKey>(view, view.columns().updated, key.descending);
        case Field::entity:
        case Field::type: return std::make_unique<TextKey>(view, key.field, key.descending);
        case Field::attribute: break;
    }
    return std::make_unique<AttributeKey>(view, key);
}

}  // namespace atlas::index
