// SPDX-License-Identifier: Apache-2.0
//
// Counters, gauges and histograms, and the registry that /metrics is rendered from.
//
//     part → Counter, Gauge, Histogram → [Registry] → GET /metrics
//
//     class Flusher {
//         observe::Counter rows_;
//         explicit Flusher(observe::Registry& registry)
//             : rows_(registry, "atlas_flush_rows_total", "Rows moved to history.") {}
//
// Names are atlas_<part>_<what>_<unit>, counters end in _total. No label may name a tenant, an
// entity or an attribute: their number is not bounded.
//
// Lifetime   a metric is listed from construction to destruction; the registry outlives it.
// Threading  any thread; an update is one or two relaxed atomic operations.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atlas::observe {

using Labels = std::vector<std::pair<std::string, std::string>>;

class Metric;

class Registry {
public:
    // The Prometheus text format 0.0.4: families by name, metrics in order of construction.
    std::string render() const;

    static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

private:
    friend class Metric;
    struct Family {
        std::string help;
        std::string_view type;
        std::vector<const Metric*> metrics;
    };
    // Throws std::logic_error for a bad name, a type that the name does not have, or a metric that
    // is listed already: mistakes of ours, found at start-up.
    void add(const Metric& metric, std::string_view help);
    void remove(const Metric& metric) noexcept;

    mutable std::mutex mutex_;
    std::map<std::string, Family, std::less<>> families_;
};

// What all kinds share. Not movable: the registry points at it.
class Metric {
public:
    Metric(const Metric&) = delete;
    Metric& operator=(const Metric&) = delete;
    virtual ~Metric() = default;

protected:
    Metric(Registry& registry, std::string name, const Labels& labels);
    // Called last by constructors and first by destructors of the kinds, so that a render never
    // meets half a metric.
    void enlist(std::string_view help) { registry_.add(*this, help); }
    void delist() noexcept { registry_.remove(*this); }

    void append_sample(std::string& out, std::string_view suffix, std::string_view extra_label,
                       double value) const;
    void append_sample(std::string& out, std::string_view suffix, std::string_view extra_label,
                       std::uint64_t value) const;

private:
    friend class Registry;
    virtual std::string_view type() const = 0;
    virtual void append_samples(std::string& out) const = 0;
    void append_name(std::string& out, std::string_view suffix, std::string_view extra) const;

    Registry& registry_;
    const std::string name_;
    const std::string labels_;  // rendered, without braces
};

class Counter final : public Metric {
public:
    Counter(Registry& registry, std::string name, std::string_view help, const Labels& labels = {});
    ~Counter() override { delist(); }

    void add(std::uint64_t count = 1) { value_.fetch_add(count, std::memory_order_relaxed); }
    std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::string_view type() const override { return "counter"; }
    void append_samples(std::string& out) const override;

    std::atomic<std::uint64_t> value_{0};
};

class Gauge final : public Metric {
public:
    Gauge(Registry& registry, std::string name, std::string_view help, const Labels& labels = {});
    ~Gauge() override { delist(); }

    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double difference) { value_.fetch_add(difference, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::string_view type() const override { return "gauge"; }
    void append_samples(std::string& out) const override;

    std::atomic<double> value_{0};
};

// A gauge or a counter that another part keeps; `read` is called at every render, must not block
// and must stay valid as long as this lives.
class Reading final : public Metric {
public:
    enum class Kind : std::uint8_t { gauge, counter };
    Reading(Registry& registry, std::string name, std::string_view help,
            std::function<double()> read, const Labels& labels = {}, Kind kind = Kind::gauge);
    ~Reading() override { delist(); }

private:
    std::string_view type() const override { return kind_ == Kind::gauge ? "gauge" : "counter"; }
    void append_samples(std::string& out) const override;

    const std::function<double()> read_;
    const Kind kind_;
};

// Upper bounds for latencies, in seconds: 0.25 ms to 10 s.
std::vector<double> latency_buckets();

class Histogram final : public Metric {
public:
    // `bounds` are inclusive upper bounds, ascending; +Inf is added.
    Histogram(Registry& registry, std::string name, std::string_view help,
              const Labels& labels = {}, std::vector<double> bounds = latency_buckets());
    ~Histogram() override { delist(); }

    void observe(double value);
    template <class Rep, class Period>
    void observe(std::chrono::duration<Rep, Period> duration) {
        observe(std::chrono::duration<double>(duration).count());
    }
    std::uint64_t count() const;

private:
    std::string_view type() const override { return "histogram"; }
    void append_samples(std::string& out) const override;

    const std::vector<double> bounds_;
    const std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;  // one more than bounds
    std::atomic<double> sum_{0};
};

}  // namespace atlas::observe
