// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/outcome_builder.h"

#include <algorithm>
#include <tuple>

namespace atlas::ingest {
namespace {

std::uint64_t key_of(std::uint32_t observation, std::uint32_t place) {
    return std::uint64_t{observation} << 32U | place;
}

}  // namespace

void OutcomeBuilder::refuse_point(std::uint32_t observation, std::uint32_t place, ItemCode code,
                                  std::string detail) {
    const std::lock_guard lock(mutex_);
    if (!refused_points_.insert(key_of(observation, place)).second) return;
    ++refused_;
    ++refused_of_[observation];
    const Point& point = batch_.points(batch_.observations()[observation])[place];
    record(observation, std::string(batch_.name(point.name)), code, std::move(detail));
}

void OutcomeBuilder::refuse_item(std::uint32_t observation, ItemCode code, std::string detail) {
    const std::lock_guard lock(mutex_);
    const std::uint32_t points = batch_.observations()[observation].points;
    std::uint32_t& refused = refused_of_[observation];
    if (refused >= points) return;
    refused_ += points - refused;
    refused = points;
    record(observation, {}, code, std::move(detail));
}

void OutcomeBuilder::drop_tags(std::uint32_t observation) {
    const std::lock_guard lock(mutex_);
    if (!without_tags_.insert(observation).second) return;
    const auto points = batch_.points(batch_.observations()[observation]);
    for (std::uint32_t place = 0; place < points.size(); ++place) {
        const bool refused = refused_points_.contains(key_of(observation, place));
        dropped_tags_ += points[place].tag && !refused ? 1 : 0;
    }
}

void OutcomeBuilder::record(std::uint32_t observation, std::string attribute, ItemCode code,
                            std::string detail) {
    if (errors_.size() >= kMaxItemErrors) {
        errors_truncated_ = true;
        return;
    }
    const Observation& item = batch_.observations()[observation];
    errors_.push_back({item.index, item.line, std::string(batch_.text(item.entity)),
                       std::move(attribute), code, std::move(detail)});
}

void OutcomeBuilder::set_refused_lines(std::uint64_t lines) {
    const std::lock_guard lock(mutex_);
    refused_lines_ = lines;
}

void OutcomeBuilder::count_overwritten(std::uint64_t points) {
    const std::lock_guard lock(mutex_);
    overwritten_ += points;
}

bool OutcomeBuilder::has_refused_points() const {
    const std::lock_guard lock(mutex_);
    return !refused_points_.empty();
}

bool OutcomeBuilder::is_refused(std::uint32_t observation, std::uint32_t place) const {
    const std::lock_guard lock(mutex_);
    return refused_points_.contains(key_of(observation, place));
}

std::uint64_t OutcomeBuilder::refused() const {
    const std::lock_guard lock(mutex_);
    return refused_ + batch_.rejected();
}

WriteOutcome OutcomeBuilder::build(WriteStatus status, std::string detail, LogPosition token) {
    const std::lock_guard lock(mutex_);
    WriteOutcome outcome;
    outcome.status = status;
    outcome.detail = std::move(detail);
    const bool settled = status == WriteStatus::done || status == WriteStatus::refused;
    if (!settled) return outcome;
    outcome.rejected = batch_.rejected() + refused_;
    outcome.dropped_lines = lines_that_lost();
    if (outcome.dropped_lines > 0) outcome.kept_fields = fields_stored();
    add_errors(outcome);
    if (status == WriteStatus::refused) return outcome;
    outcome.accepted = batch_.points().size() - refused_ - dropped_tags_;
    outcome.overwritten = overwritten_;
    outcome.token = token;
    if (outcome.accepted == 0 && outcome.rejected > 0) outcome.status = WriteStatus::refused;
    return outcome;
}

void OutcomeBuilder::add_errors(WriteOutcome& outcome) {
    outcome.errors = batch_.errors();
    outcome.errors_truncated = errors_truncated_ || batch_.errors_truncated();
    std::ranges::move(errors_, std::back_inserter(outcome.errors));
    std::ranges::sort(outcome.errors, {}, [](const ItemError& error) {
        return std::tie(error.index, error.attribute);
    });
    if (outcome.errors.size() <= kMaxItemErrors) return;
    outcome.errors.resize(kMaxItemErrors);
    outcome.errors_truncated = true;
}

std::uint64_t OutcomeBuilder::lines_that_lost() const {
    if (format_ != Format::line) return 0;
    std::uint64_t lines = refused_lines_;
    const auto observations = batch_.observations();
    for (std::uint32_t i = 0; i < observations.size(); ++i) {
        lines += observations[i].lossy || refused_of_.contains(i) ? 1 : 0;
    }
    return lines;
}

// Tags do not count: they say whose the fields are.
std::uint64_t OutcomeBuilder::fields_stored() const {
    std::uint64_t fields = 0;
    const auto observations = batch_.observations();
    for (std::uint32_t i = 0; i < observations.size(); ++i) {
        const auto lost = refused_of_.find(i);
        if (lost != refused_of_.end() && lost->second >= observations[i].points) continue;
        const auto points = batch_.points(observations[i]);
        for (std::uint32_t place = 0; place < points.size(); ++place) {
            const bool refused = refused_points_.contains(key_of(i, place));
            fields += points[place].tag || refused ? 0 : 1;
        }
    }
    return fields;
}

}  // namespace atlas::ingest
