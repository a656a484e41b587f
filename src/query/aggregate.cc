// SPDX-License-Identifier: Apache-2.0
#include "query/aggregate.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "base/exact_sum.h"
#include "base/json_writer.h"
#include "query/exact.h"

namespace atlas::query {
namespace {

using model::Group;
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

// The kinds of numbers: how each is read, added up and written. What is not of the kind is not
// read.
struct Ints {
    using Value = std::int64_t;
    using Sum = __int128;

    static std::optional<Value> read(const model::Value& value) {
        if (value.group != Group::ints) return std::nullopt;
        return value.integer;
    }
    static Sum sum_of(const Summary& summary) { return summary.int_sum; }
    static bool less(Value a, Value b) { return a < b; }
    static Value unsigned_zero(Value number) { return number; }
    static void add(Sum& sum, Value number) { sum += number; }
    static double as_double(Sum number) { return static_cast<double>(number); }

    static void write(std::string& out, Value number) { JsonWriter(out).value(number); }
    static void write_sum(std::string& out, Sum sum) { out += Exact(sum).text(); }
    static void write_average(std::string& out, Sum sum, std::int64_t count) {
        JsonWriter(out).value(
            static_cast<double>(static_cast<long double>(sum) / static_cast<long double>(count)));
    }
    static void write_between(std::string& out, const Between<Value>& at) {
        out += Exact(*at.low).interpolated(Exact(*at.high), at.percent).text();
    }
};

struct Doubles {
    using Value = double;
    using Sum = ExactSum;

    static std::optional<Value> read(const model::Value& value) {
        if (value.group == Group::texts) return std::nullopt;
        return model::as_double(value);
    }
    static Sum sum_of(const Summary& summary) { return ExactSum(summary.sum); }
    static bool less(Value a, Value b) { return a < b; }
    // Of zeros of both signs it is by chance which is met first.
    static Value unsigned_zero(Value number) { return number + 0.0; }
    static void add(Sum& sum, Value number) { sum.add(number); }
    static double as_double(Value number) { return number; }
    static double as_double(const Sum& sum) { return sum.rounded(); }

    static void write(std::string& out, Value number) { JsonWriter(out).value(number); }
    static void write_sum(std::string& out, const Sum& sum) { write(out, sum.rounded()); }
    static void write_average(std::string& out, const Sum& sum, std::int64_t count) {
        write(out, sum.rounded() / static_cast<double>(count));
    }
    static void write_between(std::string& out, const Between<Value>& at) {
        write(out, *at.low + (*at.high - *at.low) * at.percent / 100);
    }
};

struct Decimals {
    using Value = Exact;
    using Sum = Exact;

    static std::optional<Value> read(const model::Value& value) {
        if (value.group != Group::ints && value.group != Group::decimals) return std::nullopt;
        if (value.group == Group::ints) return Exact(value.integer);
        return Exact::parse(value.text);
    }
    static Sum sum_of(const Summary&) { return {}; }  // summaries of decimals have none
    static bool less(const Value& a, const Value& b) { return a.compare(b) < 0; }
    static Value unsigned_zero(Value number) { return number; }
    static void add(Sum& sum, const Value& number) { sum += number; }
    static double as_double(const Exact& number) { return number.as_double(); }

    static void write(std::string& out, const Value& number) { out += number.text(); }
    static void write_sum(std::string& out, const Sum& sum) { out += sum.text(); }
    static void write_average(std::string& out, const Sum& sum, std::int64_t count) {
        out += sum.divided(count).text();
    }
    static void write_between(std::string& out, const Between<Value>& at) {
        out += at.low->interpolated(*at.high, at.percent).text();
    }
};

// What is kept of numbers of one kind.
template <class Kind>
struct Tally {
    using Value = typename Kind::Value;

    void add(bool only, Time at, const Value& number, bool keep) {
        ends.add(only, at, number);
        if (only || Kind::less(number, min)) min = number;
        if (only || Kind::less(max, number)) max = number;
        Kind::add(sum, number);
        if (keep) values.push_back(number);
    }

    void set(const Summary& summary) {
        const auto number = [](const model::Value& value) {
            return Kind::read(value).value_or(Value{});
        };
        ends = {.first = number(summary.first), .last = number(summary.last)};
        min = number(summary.min);
        max = number(summary.max);
        sum = Kind::sum_of(summary);
    }

    void write(std::string& out, Aggregate aggregate, std::int64_t count) {
        switch (aggregate) {
            case Aggregate::avg: Kind::write_average(out, sum, count); return;
            case Aggregate::min: Kind::write(out, Kind::unsigned_zero(min)); return;
            case Aggregate::max: Kind::write(out, Kind::unsigned_zero(max)); return;
            case Aggregate::sum: Kind::write_sum(out, sum); return;
            case Aggregate::count: JsonWriter(out).value(count); return;
            case Aggregate::first: Kind::write(out, ends.first); return;
            case Aggregate::last: Kind::write(out, ends.last); return;
            case Aggregate::p50:
            case Aggregate::p95:
            case Aggregate::p99: break;
        }
        write_percentile(out, percent_of(aggregate));
    }

    void write_percentile(std::string& out, int percent) {
        const auto less = [](const Value& a, const Value& b) { return Kind::less(a, b); };
        Kind::write_between(out, percentile(values, percent, less));
    }

    void clear() {
        if constexpr (requires { sum.clear(); }) {
            sum.clear();
        } else {
            sum = {};
        }
        values.clear();
    }

    typename Kind::Sum sum{};
    Value min{};
    Value max{};
    Ends<Value> ends;
    std::vector<Value> values;
};

template <class Kind>
Tally<Doubles> widened(const Tally<Kind>& tally) {
    Tally<Doubles> wide;
    wide.sum = ExactSum(Kind::as_double(tally.sum));
    wide.min = Kind::as_double(tally.min);
    wide.max = Kind::as_double(tally.max);
    wide.ends = {.first_at = tally.ends.first_at,
                 .last_at = tally.ends.last_at,
                 .first = Kind::as_double(tally.ends.first),
                 .last = Kind::as_double(tally.ends.last)};
    for (const auto& value : tally.values) wide.values.push_back(Kind::as_double(value));
    return wide;
}

// Numbers of the kind that the attribute's type says, for as long as nothing else turns up.
template <class Kind>
class Numbers final : public Accumulator {
public:
    explicit Numbers(bool keep) : keep_(keep) {}

    void add(Time at, const model::Value& value) override {
        if (const auto number = wide_ ? std::nullopt : Kind::read(value)) {
            tally_.add(count_ == 0, at, *number, keep_);
        } else if (const auto other = Doubles::read(value)) {
            if (!wide_) wide_ = std::make_unique<Tally<Doubles>>(widened(tally_));
            wide_->add(count_ == 0, at, *other, keep_);
        } else {
            return;
        }
        ++count_;
    }

    void set(const Summary& summary) override {
        count_ = summary.count;
        wide_.reset();
        tally_.set(summary);
    }

    void write(std::string& out, Aggregate aggregate) override {
        wide_ ? wide_->write(out, aggregate, count_) : tally_.write(out, aggregate, count_);
    }

    void write_percentile(std::string& out, int percent) override {
        wide_ ? wide_->write_percentile(out, percent) : tally_.write_percentile(out, percent);
    }

    void clear() override {
        count_ = 0;
        tally_.clear();
        wide_.reset();
    }

private:
    const bool keep_;
    Tally<Kind> tally_;
    std::unique_ptr<Tally<Doubles>> wide_;
};

// Text, JSON, bools and times; the latter have a smallest and a largest, too.
class Others final : public Accumulator {
public:
    explicit Others(Type type) : type_(type) {}

    void add(Time at, const model::Value& value) override {
        std::string json;
        model::append_value_json(json, type_, value);
        ends_.add(count_ == 0, at, json);
        if (count_ == 0 || value.integer < min_.first) min_ = {value.integer, json};
        if (count_ == 0 || value.integer > max_.first) max_ = {value.integer, json};
        ++count_;
    }

    void set(const Summary& summary) override {
        count_ = summary.count;
        const auto json = [this](const model::Value& value) {
            std::string text;
            model::append_value_json(text, type_, value);
            return text;
        };
        ends_ = {.first = json(summary.first), .last = json(summary.last)};
        min_.second = json(summary.min);
        max_.second = json(summary.max);
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

    void write_percentile(std::string& out, int) override { out += "null"; }

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
        case Type::int64: return std::make_unique<Numbers<Ints>>(keep);
        case Type::float64: return std::make_unique<Numbers<Doubles>>(keep);
        case Type::decimal: return std::make_unique<Numbers<Decimals>>(keep);
        case Type::boolean:
        case Type::string:
        case Type::timestamp:
        case Type::json: break;
    }
    return std::make_unique<Others>(type);
}

}  // namespace atlas::query
