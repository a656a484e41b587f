// SPDX-License-Identifier: Apache-2.0
#include "query/series_fold.h"

#include <algorithm>
#include <array>

namespace atlas::query {
namespace {

// Points as they are stored.
class RawSeries final : public SeriesFold {
public:
    RawSeries(const SeriesRequest& request, SeriesOutput& output,
              const std::optional<SeriesPlace>& resume)
        : request_(request), output_(output), resume_(resume) {
        if (request_.merged) output_.begin_entity(std::nullopt);
    }

    bool begin_entity(EntityId entity, const std::string& name) override {
        entity_ = entity;
        if (!request_.merged) output_.begin_entity(name);
        return true;
    }

    bool add(Time at, const RowValues& values) override {
        const bool resumed = resume_ && resume_->entity == entity_ && resume_->at == at;
        for (const auto& [i, value] : values) {
            if (resumed && i < resume_->attribute) continue;
            if (output_.full()) {
                rest_ = SeriesPlace{.entity = entity_, .at = at, .attribute = i};
                return false;
            }
            std::string& out = output_.begin_point(i, at);
            out += ',';
            model::append_value_json(out, request_.attributes[i].type, value);
            SeriesOutput::end_point(out);
        }
        return true;
    }

    bool add(Time, std::size_t, const Summary&) override { return true; }  // it has no buckets
    bool end() override { return true; }

private:
    const SeriesRequest& request_;
    SeriesOutput& output_;
    const std::optional<SeriesPlace> resume_;
    EntityId entity_;
};

// The columns of a point by the type of its attribute.
using ByType = std::array<std::vector<Aggregate>, 7>;

ByType columns_by_type(const SeriesRequest& request) {
    ByType by_type;
    for (std::size_t i = 0; i < by_type.size(); ++i) {
        by_type[i] = aggregates_of(request, static_cast<model::Type>(i));
    }
    return by_type;
}

// The accumulators of one bucket, made when an attribute has its first value.
class Accumulators {
public:
    void add(const SeriesRequest& request, Time at, const RowValues& values) {
        for (const auto& [i, value] : values) {
            if (value.null) continue;
            Accumulator& accumulator = of(request, i);
            const bool fresh = accumulator.count() == 0;
            accumulator.add(at, value);
            if (fresh && accumulator.count() > 0) touched_.push_back(i);
        }
    }

    void set(const SeriesRequest& request, std::size_t i, const Summary& summary) {
        of(request, i).set(summary);
        if (summary.count > 0) touched_.push_back(i);
    }

    // Writes the bucket's points from attribute `first` on; the attribute that did not fit, if any.
    std::optional<std::size_t> write(const SeriesRequest& request, const ByType& by_type,
                                     SeriesOutput& output, Time start, std::size_t first) {
        std::ranges::sort(touched_);
        for (const std::size_t i : touched_) {
            const auto& aggregates = by_type[static_cast<std::size_t>(request.attributes[i].type)];
            if (i < first || aggregates.empty()) continue;
            if (output.full()) return i;
            std::string& out = output.begin_point(i, start);
            for (const Aggregate aggregate : aggregates) {
                out += ',';
                of_attribute_[i]->write(out, aggregate);
            }
            SeriesOutput::end_point(out);
        }
        return std::nullopt;
    }

    void clear() {
        for (const std::size_t i : touched_) of_attribute_[i]->clear();
        touched_.clear();
    }

private:
    Accumulator& of(const SeriesRequest& request, std::size_t i) {
        if (of_attribute_.empty()) of_attribute_.resize(request.attributes.size());
        auto& accumulator = of_attribute_[i];
        if (!accumulator) {
            const model::Type type = request.attributes[i].type;
            accumulator = make_accumulator(type, aggregates_of(request, type));
        }
        return *accumulator;
    }

    std::vector<std::unique_ptr<Accumulator>> of_attribute_;
    std::vector<std::size_t> touched_;
};

// Buckets of one entity after the other; only one is open at a time.
class BucketSeries final : public SeriesFold {
public:
    BucketSeries(const SeriesRequest& request, SeriesOutput& output,
                 const std::optional<SeriesPlace>& resume)
        : request_(request), output_(output), resume_(resume) {}

    bool begin_entity(EntityId entity, const std::string& name) override {
        if (!close()) return false;
        entity_ = entity;
        output_.begin_entity(name);
        return true;
    }

    bool add(Time at, const RowValues& values) override {
        if (!open(at)) return false;
        bucket_.add(request_, at, values);
        return true;
    }

    bool add(Time at, std::size_t attribute, const Summary& summary) override {
        if (!open(at)) return false;
        bucket_.set(request_, attribute, summary);
        return true;
    }

    bool end() override { return close(); }

private:
    bool open(Time at) {
        if (open_ && open_->holds(at)) return true;
        if (!close()) return false;
        open_ = bucket_of(request_, at);
        return true;
    }

    bool close() {
        if (!open_) return true;
        const Time start = open_->start;
        const bool resumed = resume_ && resume_->entity == entity_ && resume_->at == start;
        const auto left =
            bucket_.write(request_, by_type_, output_, start, resumed ? resume_->attribute : 0);
        if (left) rest_ = SeriesPlace{.entity = entity_, .at = start, .attribute = *left};
        bucket_.clear();
        open_.reset();
        return !left;
    }

    const SeriesRequest& request_;
    const ByType by_type_ = columns_by_type(request_);
    SeriesOutput& output_;
    const std::optional<SeriesPlace> resume_;
    EntityId entity_;
    std::optional<Bucket> open_;
    Accumulators bucket_;
};

// One curve over all entities: all buckets of the page are open until the last row.
class MergedBuckets final : public SeriesFold {
public:
    MergedBuckets(const SeriesRequest& request, SeriesOutput& output,
                  const std::optional<SeriesPlace>& resume)
        : request_(request), output_(output), resume_(resume) {
        output_.begin_entity(std::nullopt);
    }

    bool begin_entity(EntityId, const std::string&) override { return true; }

    bool add(Time at, const RowValues& values) override {
        bucket(at).add(request_, at, values);
        return true;
    }

    bool add(Time at, std::size_t attribute, const Summary& summary) override {
        bucket(at).set(request_, attribute, summary);
        return true;
    }

    bool end() override {
        if (request_.descending) {
            for (auto bucket = buckets_.rbegin(); bucket != buckets_.rend(); ++bucket) {
                if (!write(bucket->first, bucket->second)) return false;
            }
            return true;
        }
        for (auto& [start, bucket] : buckets_) {
            if (!write(start, bucket)) return false;
        }
        return true;
    }

private:
    Accumulators& bucket(Time at) {
        if (!latest_.holds(at)) latest_ = bucket_of(request_, at);
        return buckets_[latest_.start];
    }

    bool write(Time start, Accumulators& bucket) {
        const bool resumed = resume_ && resume_->at == start;
        const auto left =
            bucket.write(request_, by_type_, output_, start, resumed ? resume_->attribute : 0);
        if (left) rest_ = SeriesPlace{.entity = {}, .at = start, .attribute = *left};
        return !left;
    }

    const SeriesRequest& request_;
    const ByType by_type_ = columns_by_type(request_);
    SeriesOutput& output_;
    const std::optional<SeriesPlace> resume_;
    std::map<Time, Accumulators> buckets_;
    Bucket latest_;
};

}  // namespace

std::unique_ptr<SeriesFold> make_fold(const SeriesRequest& request, SeriesOutput& output,
                                      const std::optional<SeriesPlace>& resume) {
    if (request.raw) return std::make_unique<RawSeries>(request, output, resume);
    if (request.merged) return std::make_unique<MergedBuckets>(request, output, resume);
    return std::make_unique<BucketSeries>(request, output, resume);
}

}  // namespace atlas::query
