// SPDX-License-Identifier: Apache-2.0
#include "query/aggregate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/json_writer.h"
#include "pg/binary_result.h"
#include "query/exact.h"
#include "query/value_json.h"

namespace atlas::query {
namespace {

using model::Type;

constexpr std::array<std::string_view, 10> kNames{"avg",   "min",  "max", "sum", "count",
                                                  "first", "last", "p50", "p95", "p99"};

int percent_of(Aggregate aggregate) {
    switch (aggregate) {
        case Aggregate::p50: return 50;
        case Aggregate::p95: return 95;
        case Aggregate::p99: return 99;
        default: return -1;
    }
}

bool has_percentile(const std::vector<Aggregate>& wanted) {
    return std::ranges::any_of(wanted, [](Aggregate a) { return percent_of(a) >= 0; });
}

// The two values between which a percentile lies, and how far along, in hundredths.
template <class Value>
struct Between {
    const Value* low;
    const Value* high;
    int percent;
};

template <class Value, class Less>
Between<Value> percentile(std::vector<Value>& values, int percent, Less less) {
    const auto rank = static_cast<std::size_t>(percent) * (values.size() - 1);
    const std::size_t low = rank / 100;
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(low);
    std::nth_element(values.begin(), at, values.end(), less);
    const int part = static_cast<int>(rank % 100);
    if (part == 0) return {&*at, &*at, 0};
    return {&*at, &*std::min_element(at + 1, values.end(), less), part};
}

// The values at the first and the last instant.
template <class Value>
struct Ends {
    Time first_at{};
    Time last_at{};
    Value first{};
    Value last{};

    void add(bool only, Time at, const Value& value) {
        if (only || at < first_at) {
            first_at = at;
            first = value;
        }
        if (only || at >= last_at) {
            last_at = at;
            last = value;
        }
    }
};

class Ints final : public Accumulator {
public:
    explicit Ints(bool keep) : keep_(keep) {}

    void add(Time at, const PackedValue& value) override {
        const std::int64_t number = value.integer;
        ends_.add(count_ == 0, at, number);
        min_ = count_ == 0 ? number : std::min(min_, number);
        max_ = count_ == 0 ? number : std::max(max_, number);
        sum_ += number;
        if (keep_) values_.push_back(number);
        ++count_;
    }

    void write(std::string& out, Aggregate aggregate) override {
        JsonWriter json(out);
        switch (aggregate) {
            case Aggregate::avg: json.value(average()); return;
            case Aggregate::min: json.value(min_); return;
            case Aggregate::max: json.value(max_); return;
            case Aggregate::sum: json.raw(Exact(sum_).text()); return;
            case Aggregate::count: json.value(count_); return;
            case Aggregate::first: json.value(ends_.first); return;
            case Aggregate::last: json.value(ends_.last); return;
            case Aggregate::p50:
            case Aggregate::p95:
            case Aggregate::p99: break;
        }
        const auto [low, high, part] = percentile(values_, percent_of(aggregate), std::less{});
        json.raw(Exact(*low).interpolated(Exact(*high), part).text());
    }

    void clear() override {
        count_ = 0;
        sum_ = 0;
        values_.clear();
    }

private:
    double average() const {
        return static_cast<double>(static_cast<long double>(sum_) /
                                   static_cast<long double>(count_));
    }

    const bool keep_;
    __int128 sum_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
    Ends<std::int64_t> ends_;
    std::vector<std::int64_t> values_;
};

class Doubles final : public Accumulator {
public:
    explicit Doubles(bool keep) : keep_(keep) {}

    void add(Time at, const PackedValue& value) override {
        const double number = as_double(value);
        ends_.add(count_ == 0, at, number);
        min_ = count_ == 0 ? number : std::min(min_, number);
        max_ = count_ == 0 ? number : std::max(max_, number);
        add_to_sum(number);
        if (keep_) values_.push_back(number);
        ++count_;
    }

    void write(std::string& out, Aggregate aggregate) override {
        JsonWriter json(out);
        const double sum = sum_ + lost_;
        switch (aggregate) {
            case Aggregate::avg: json.value(sum / static_cast<double>(count_)); return;
            case Aggregate::min: json.value(min_); return;
            case Aggregate::max: json.value(max_); return;
            case Aggregate::sum: json.value(sum); return;
            case Aggregate::count: json.value(count_); return;
            case Aggregate::first: json.value(ends_.first); return;
            case Aggregate::last: json.value(ends_.last); return;
            case Aggregate::p50:
            case Aggregate::p95:
            case Aggregate::p99: break;
        }
        const auto [low, high, part] = percentile(values_, percent_of(aggregate), std::less{});
        json.value(*low + (*high - *low) * part / 100);
    }

    void clear() override {
        count_ = 0;
        sum_ = 0;
        lost_ = 0;
        values_.clear();
    }

private:
    // Neumaier's variant of Kahan's summation: what an addition rounds away is added at the end.
    void add_to_sum(double number) {
        const double sum = sum_ + number;
        if (std::isfinite(sum)) {
            lost_ +=
                std::abs(sum_) >= std::abs(number) ? (sum_ - sum) + number : (number - sum) + sum_;
        }
        sum_ = sum;
    }

    const bool keep_;
    double sum_ = 0;
    double lost_ = 0;
    double min_ = 0;
    double max_ = 0;
    Ends<double> ends_;
    std::vector<double> values_;
};

class Decimals final : public Accumulator {
public:
    explicit Decimals(bool keep) : keep_(keep) {}

    void add(Time at, const PackedValue& value) override {
        std::string digits;
        append_value_json(digits, Type::decimal, value);
        auto number = Exact::parse(digits);
        if (!number) return;
        ends_.add(count_ == 0, at, digits);
        if (count_ == 0 || number->compare(min_.first) < 0) min_ = {*number, digits};
        if (count_ == 0 || number->compare(max_.first) > 0) max_ = {*number, digits};
        sum_ += *number;
        if (keep_) values_.push_back(std::move(*number));
        ++count_;
    }

    void write(std::string& out, Aggregate aggregate) override {
        JsonWriter json(out);
        switch (aggregate) {
            case Aggregate::avg: json.raw(sum_.divided(count_).text()); return;
            case Aggregate::min: json.raw(min_.second); return;
            case Aggregate::max: json.raw(max_.second); return;
            case Aggregate::sum: json.raw(sum_.text()); return;
            case Aggregate::count: json.value(count_); return;
            case Aggregate::first: json.raw(ends_.first); return;
            case Aggregate::last: json.raw(ends_.last); return;
            case Aggregate::p50:
            case Aggregate::p95:
            case Aggregate::p99: break;
        }
        const auto less = [](const Exact& a, const Exact& b) { return a.compare(b) < 0; };
        const auto [low, high, part] = percentile(values_, percent_of(aggregate), less);
        json.raw(low->interpolated(*high, part).text());
    }

    void clear() override {
        count_ = 0;
        sum_ = Exact();
        values_.clear();
    }

private:
    const bool keep_;
    Exact sum_;
    std::pair<Exact, std::string> min_;
    std::pair<Exact, std::string> max_;
    Ends<std::string> ends_;
    std::vector<Exact> values_;
};

// Text, JSON, bools and times; the latter have a smallest and a largest, too.
class Others final : public Accumulator {
public:
    explicit Others(Type type) : type_(type) {}

    void add(Time at, const PackedValue& value) override {
        std::string json;
        append_value_json(json, type_, value);
        ends_.add(count_ == 0, at, json);
        if (count_ == 0 || value.integer < min_.first) min_ = {value.integer, json};
        if (count_ == 0 || value.integer > max_.first) max_ = {value.integer, json};
        ++count_;
    }

    void write(std::string& out, Aggregate aggregate) override {
        switch (aggregate) {
            case Aggregate::count: JsonWriter(out).value(count_); return;
            case Aggregate::first: out += ends_.first; return;
            case Aggregate::last: out += ends_.last; return;
            case Aggregate::min: out += min_.second; return;
            case Aggregate::max: out += max_.second; return;
            default: out += "null"; return;
        }
    }

    void clear() override { count_ = 0; }

private:
    const Type type_;
    Ends<std::string> ends_;
    std::pair<std::int64_t, std::string> min_;
    std::pair<std::int64_t, std::string> max_;
};

}  // namespace

std::string_view to_string(Aggregate aggregate) {
    return kNames[static_cast<std::size_t>(aggregate)];
}

std::optional<Aggregate> parse_aggregate(std::string_view word) {
    const auto found = std::ranges::find(kNames, word);
    if (found == kNames.end()) return std::nullopt;
    return static_cast<Aggregate>(found - kNames.begin());
}

bool applies(Aggregate aggregate, Type type) {
    switch (aggregate) {
        case Aggregate::count:
        case Aggregate::first:
        case Aggregate::last: return true;
        case Aggregate::min:
        case Aggregate::max:
            if (type == Type::timestamp) return true;
            break;
        default: break;
    }
    return type == Type::int64 || type == Type::float64 || type == Type::decimal;
}

std::unique_ptr<Accumulator> make_accumulator(Type type, const std::vector<Aggregate>& wanted) {
    const bool keep = has_percentile(wanted);
    switch (type) {
        case Type::int64: return std::make_unique<Ints>(keep);
        case Type::float64: return std::make_unique<Doubles>(keep);
        case Type::decimal: return std::make_unique<Decimals>(keep);
        case Type::boolean:
        case Type::string:
        case Type::timestamp:
        case Type::json: break;
    }
    return std::make_unique<Others>(type);
}

}  // namespace atlas::query
