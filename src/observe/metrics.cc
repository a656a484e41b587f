// SPDX-License-Identifier: Apache-2.0
#include "observe/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace atlas::observe {
namespace {

bool is_metric_name(std::string_view name) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return name.starts_with("atlas_") && std::ranges::all_of(name, allowed) &&
           std::ranges::count(name, '_') >= 2;
}

void append_escaped(std::string& out, std::string_view text) {
    for (const char c : text) {
        if (c == '\n') {
            out += "\\n";
            continue;
        }
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
}

std::string render_labels(const Labels& labels) {
    std::string out;
    for (const auto& [name, value] : labels) {
        if (!out.empty()) out += ',';
        out += name + "=\"";
        append_escaped(out, value);
        out += '"';
    }
    return out;
}

void append_number(std::string& out, double value) {
    if (std::isnan(value)) {
        out += "NaN";
    } else if (std::isinf(value)) {
        out += value > 0 ? "+Inf" : "-Inf";
    } else {
        fmt::format_to(std::back_inserter(out), "{}", value);
    }
}

}  // namespace

std::string Registry::render() const {
    const std::scoped_lock lock(mutex_);
    std::string out;
    for (const auto& [name, family] : families_) {
        out += "# HELP " + name + ' ' + family.help + '\n';
        out += fmt::format("# TYPE {} {}\n", name, family.type);
        for (const Metric* metric : family.metrics) metric->append_samples(out);
    }
    return out;
}

void Registry::add(const Metric& metric, std::string_view help) {
    if (!is_metric_name(metric.name_) ||
        (metric.type() == "counter") != metric.name_.ends_with("_total")) {
        throw std::logic_error("not a name for a " + std::string(metric.type()) + ": " +
                               metric.name_);
    }
    const std::scoped_lock lock(mutex_);
    Family& family =
        families_.try_emplace(metric.name_, std::string(help), metric.type()).first->second;
    if (family.type != metric.type()) throw std::logic_error("two types for " + metric.name_);
    for (const Metric* other : family.metrics) {
        if (other->labels_ == metric.labels_) {
            throw std::logic_error("listed twice: " + metric.name_ + '{' + metric.labels_ + '}');
        }
    }
    family.metrics.push_back(&metric);
}

void Registry::remove(const Metric& metric) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto family = families_.find(metric.name_);
    if (family == families_.end()) return;
    std::erase(family->second.metrics, &metric);
    if (family->second.metrics.empty()) families_.erase(family);
}

Metric::Metric(Registry& registry, std::string name, const Labels& labels)
    : registry_(registry), name_(std::move(name)), labels_(render_labels(labels)) {
}

void Metric::append_name(std::string& out, std::string_view suffix, std::string_view extra) const {
    out += name_;
    out += suffix;
    if (labels_.empty() && extra.empty()) return;
    out += '{';
    out += labels_;
    if (!labels_.empty() && !extra.empty()) out += ',';
    out += extra;
    out += '}';
}

void Metric::append_sample(std::string& out, std::string_view suffix, std::string_view extra_label,
                           double value) const {
    append_name(out, suffix, extra_label);
    out += ' ';
    append_number(out, value);
    out += '\n';
}

void Metric::append_sample(std::string& out, std::string_view suffix, std::string_view extra_label,
                           std::uint64_t value) const {
    append_name(out, suffix, extra_label);
    fmt::format_to(std::back_inserter(out), " {}\n", value);
}

Counter::Counter(Registry& registry, std::string name, std::string_view help, const Labels& labels)
    : Metric(registry, std::move(name), labels) {
    enlist(help);
}

void Counter::append_samples(std::string& out) const {
    append_sample(out, "", "", value());
}

Gauge::Gauge(Registry& registry, std::string name, std::string_view help, const Labels& labels)
    : Metric(registry, std::move(name), labels) {
    enlist(help);
}

void Gauge::append_samples(std::string& out) const {
    append_sample(out, "", "", value());
}

Reading::Reading(Registry& registry, std::string name, std::string_view help,
                 std::function<double()> read, const Labels& labels, Kind kind)
    : Metric(registry, std::move(name), labels), read_(std::move(read)), kind_(kind) {
    enlist(help);
}

void Reading::append_samples(std::string& out) const {
    append_sample(out, "", "", read_());
}

std::vector<double> latency_buckets() {
    return {0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
            0.1,     0.25,   0.5,   1,      2.5,   5,    10};
}

Histogram::Histogram(Registry& registry, std::string name, std::string_view help,
                     const Labels& labels, std::vector<double> bounds)
    : Metric(registry, std::move(name), labels),
      bounds_(std::move(bounds)),
      counts_(std::make_unique<std::atomic<std::uint64_t>[]>(bounds_.size() + 1)) {
    enlist(help);
}

void Histogram::observe(double value) {
    const auto bucket = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    counts_[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
        total += counts_[i].load(std::memory_order_relaxed);
    }
    return total;
}

void Histogram::append_samples(std::string& out) const {
    std::uint64_t total = 0;
    for (std::size_t i = 0; i <= bounds_.size(); ++i) {
        total += counts_[i].load(std::memory_order_relaxed);
        const std::string bound =
            i < bounds_.size() ? fmt::format("le=\"{}\"", bounds_[i]) : "le=\"+Inf\"";
        append_sample(out, "_bucket", bound, total);
    }
    append_sample(out, "_sum", "", sum_.load(std::memory_order_relaxed));
    append_sample(out, "_count", "", total);
}

}  // namespace atlas::observe
