// SPDX-License-Identifier: Apache-2.0
#include "index/condition.h"

#include <algorithm>

#include "index/leaves.h"

namespace atlas::index {
namespace {

using Children = std::vector<std::unique_ptr<Condition>>;

// Of a single look-up, in nanoseconds: with few rows left, those cost less than another pass.
constexpr double kCostOfRow = 5;

class Constant final : public Condition {
public:
    explicit Constant(bool value) : value_(value) {}
    void narrow(const Block&, Mask& mask) override {
        if (!value_) mask.fill(0);
    }
    bool holds(Row) override { return value_; }
    double cost() const override { return 0; }

private:
    const bool value_;
};

class Not final : public Condition {
public:
    explicit Not(std::unique_ptr<Condition> child) : child_(std::move(child)) {}
    void narrow(const Block& block, Mask& mask) override {
        std::copy_n(mask.begin(), block.rows, matching_.begin());
        child_->narrow(block, matching_);
        for (std::size_t i = 0; i < block.rows; ++i) mask[i] &= matching_[i] ^ 1U;
    }
    bool holds(Row row) override { return !child_->holds(row); }
    double cost() const override { return child_->cost() + 0.1; }

private:
    std::unique_ptr<Condition> child_;
    Mask matching_;
};

class AllOf final : public Condition {
public:
    explicit AllOf(Children children) {
        for (auto& child : children) children_.push_back({.condition = std::move(child)});
        sort();
    }
    void narrow(const Block& block, Mask& mask) override {
        if (++blocks_ % kBlocksBetween == 0) sort();
        std::size_t left = block.rows;
        for (Child& child : children_) {
            narrow(*child.condition, block, mask, left);
            const std::size_t now = count(mask, block.rows);
            child.seen += static_cast<double>(left);
            child.kept += static_cast<double>(now);
            left = now;
            if (left == 0) return;
        }
    }
    bool holds(Row row) override {
        return std::ranges::all_of(
            children_, [row](const Child& child) { return child.condition->holds(row); });
    }
    double cost() const override {
        double cost = 0;
        for (const Child& child : children_) cost += child.condition->cost();
        return cost;
    }

private:
    static constexpr std::size_t kBlocksBetween = 16;
    struct Child {
        std::unique_ptr<Condition> condition;
        double seen = 2;  // rows, and how many of them it kept
        double kept = 1;

        // What it costs to take out a row.
        double price() const {
            return (condition->cost() + 0.01) / std::max(1 - kept / seen, 1e-6);
        }
    };

    void sort() { std::ranges::sort(children_, {}, &Child::price); }

    static void narrow(Condition& condition, const Block& block, Mask& mask, std::size_t left) {
        const double pass = condition.cost() * static_cast<double>(block.rows);
        if (kCostOfRow * static_cast<double>(left) >= pass) {
            condition.narrow(block, mask);
            return;
        }
        for_each_row(mask, block.rows, [&](std::size_t at) {
            if (!condition.holds(block.first() + static_cast<Row>(at))) mask[at] = 0;
        });
    }

    std::vector<Child> children_;
    std::size_t blocks_ = 0;
};

class AnyOf final : public Condition {
public:
    explicit AnyOf(Children children) : children_(std::move(children)) {
        std::ranges::sort(children_, {}, [](const auto& child) { return child->cost(); });
    }
    void narrow(const Block& block, Mask& mask) override {
        matching_.fill(0);
        for (const auto& child : children_) {
            std::copy_n(mask.begin(), block.rows, tried_.begin());
            child->narrow(block, tried_);
            for (std::size_t i = 0; i < block.rows; ++i) {
                matching_[i] |= tried_[i];
                mask[i] &= tried_[i] ^ 1U;
            }
            if (count(mask, block.rows) == 0) break;
        }
        std::copy_n(matching_.begin(), block.rows, mask.begin());
    }
    bool holds(Row row) override {
        return std::ranges::any_of(children_,
                                   [row](const auto& child) { return child->holds(row); });
    }
    double cost() const override {
        double cost = 0;
        for (const auto& child : children_) cost += child->cost() + 0.1;
        return cost;
    }

private:
    Children children_;
    Mask matching_;
    Mask tried_;
};

}  // namespace

std::size_t count(const Mask& mask, std::size_t rows) {
    std::size_t total = 0;
    std::size_t begin = 0;
    while (begin < rows) {
        // Sums of up to 255 fit a byte, sixteen of which the processor adds at once.
        constexpr std::size_t kLanes = 16;
        const std::size_t end = std::min(rows, begin + 255 * kLanes);
        std::array<std::uint8_t, kLanes> sums{};
        std::size_t i = begin;
        for (; i + kLanes <= end; i += kLanes) {
            for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += mask[i + lane];
        }
        for (; i < end; ++i) total += mask[i];
        for (const std::uint8_t sum : sums) total += sum;
        begin = end;
    }
    return total;
}

std::unique_ptr<Condition> make_constant(bool value) {
    return std::make_unique<Constant>(value);
}

std::unique_ptr<Condition> make_all_of(Children children) {
    return std::make_unique<AllOf>(std::move(children));
}

std::unique_ptr<Condition> make_any_of(Children children) {
    return std::make_unique<AnyOf>(std::move(children));
}

std::unique_ptr<Condition> make_not(std::unique_ptr<Condition> child) {
    return std::make_unique<Not>(std::move(child));
}

std::unique_ptr<Condition> compile(const query::Filter& filter, const View& view) {
    if (filter.kind == query::Filter::Kind::everything) return make_constant(true);
    if (filter.kind == query::Filter::Kind::comparison) {
        return compile_leaf(filter.comparison, view);
    }
    Children children;
    for (const query::Filter& child : filter.children) {
        children.push_back(compile(child, view));
        if (!children.back()) return nullptr;
    }
    switch (filter.kind) {
        case query::Filter::Kind::all_of: return make_all_of(std::move(children));
        case query::Filter::Kind::any_of: return make_any_of(std::move(children));
        default: return make_not(std::move(children.front()));
    }
}

}  // namespace atlas::index
