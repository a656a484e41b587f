// SPDX-License-Identifier: Apache-2.0
#include "ingest/request/job.h"

#include <algorithm>
#include <tuple>

namespace atlas::ingest {

Job::Job(WriteRequest write) : request(std::move(write)), batch(std::move(request.body)) {
    request.body = {};
}

void Job::refuse_point(std::uint32_t observation, std::uint32_t place, ItemCode code,
                       std::string detail) {
    const std::lock_guard lock(mutex_);
    if (!refused_points_.insert(std::uint64_t{observation} << 32U | place).second) return;
    ++refused_;
    ++refused_of_[observation];
    const Point& point = batch.points(batch.observations()[observation])[place];
    record(observation, std::string(batch.name(point.name)), code, std::move(detail));
}

bool Job::has_refused_points() const {
    const std::lock_guard lock(mutex_);
    return !refused_points_.empty();
}

bool Job::is_refused(std::uint32_t observation, std::uint32_t place) const {
    const std::lock_guard lock(mutex_);
    return refused_points_.contains(std::uint64_t{observation} << 32U | place);
}

void Job::refuse_item(std::uint32_t observation, ItemCode code, std::string detail) {
    const std::lock_guard lock(mutex_);
    const std::uint32_t points = batch.observations()[observation].points;
    std::uint32_t& refused = refused_of_[observation];
    if (refused >= points) return;
    refused_ += points - refused;
    refused = points;
    record(observation, {}, code, std::move(detail));
}

void Job::record(std::uint32_t observation, std::string attribute, ItemCode code,
                 std::string detail) {
    if (errors_.size() >= kMaxItemErrors) {
        errors_truncated_ = true;
        return;
    }
    const Observation& item = batch.observations()[observation];
    errors_.push_back({item.index, item.line, std::string(batch.text(item.entity)),
                       std::move(attribute), code, std::move(detail)});
}

void Job::count_overwritten(std::uint64_t points) {
    const std::lock_guard lock(mutex_);
    overwritten_ += points;
}

std::uint64_t Job::refused() const {
    const std::lock_guard lock(mutex_);
    return refused_ + batch.rejected();
}

void Job::set_parts(int parts) {
    const std::lock_guard lock(mutex_);
    parts_ = parts;
}

void Job::add_part() {
    const std::lock_guard lock(mutex_);
    ++parts_;
}

bool Job::finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
}

void Job::part_committed(Lsn token) {
    end_part(WriteStatus::done, {}, token);
}

void Job::part_failed(WriteStatus status, std::string detail) {
    end_part(status, std::move(detail), Lsn{});
}

void Job::end_part(WriteStatus status, std::string detail, Lsn token) {
    WriteStatus answer{};
    std::string why;
    {
        const std::lock_guard lock(mutex_);
        token_ = std::max(token_, token);
        committed_ |= status == WriteStatus::done;
        // Of several failures the one that promises least is the answer.
        if (status > status_) {
            status_ = status;
            detail_ = std::move(detail);
        }
        if (--parts_ > 0) return;
        answer = status_;
        why = detail_;
        // Some of it is kept: "nothing kept" would be false.
        if (answer == WriteStatus::tenant_inactive && committed_) {
            answer = WriteStatus::unavailable;
            why = "the tenant was disabled while the request was written";
        }
    }
    finish(answer, std::move(why));
}

void Job::finish(WriteStatus status, std::string detail) {
    WriteOutcome answer;
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(finished_, true)) return;
        answer = outcome(status, std::move(detail));
    }
    request.done(std::move(answer));
}

WriteOutcome Job::outcome(WriteStatus status, std::string detail) {
    WriteOutcome outcome;
    outcome.status = status;
    outcome.detail = std::move(detail);
    // Of a job that is given up the batch may still be in the making.
    const bool settled = status == WriteStatus::done || status == WriteStatus::refused;
    if (!settled) return outcome;
    outcome.rejected = batch.rejected() + refused_;
    outcome.dropped_lines = lines_that_lost();
    if (outcome.dropped_lines > 0) outcome.kept_fields = fields_kept();
    outcome.errors = batch.errors();
    outcome.errors_truncated = errors_truncated_ || batch.errors_truncated();
    std::ranges::move(errors_, std::back_inserter(outcome.errors));
    std::ranges::sort(outcome.errors, {}, [](const ItemError& error) {
        return std::tie(error.index, error.attribute);
    });
    if (outcome.errors.size() > kMaxItemErrors) {
        outcome.errors.resize(kMaxItemErrors);
        outcome.errors_truncated = true;
    }
    if (status == WriteStatus::done) {
        outcome.accepted = batch.points().size() - refused_;
        outcome.overwritten = overwritten_;
        outcome.token = token_;
        if (outcome.accepted == 0 && outcome.rejected > 0) outcome.status = WriteStatus::refused;
    }
    return outcome;
}

std::uint64_t Job::lines_that_lost() const {
    if (request.format != Format::line) return 0;
    std::uint64_t lines = lines_refused;
    const auto observations = batch.observations();
    for (std::uint32_t i = 0; i < observations.size(); ++i) {
        lines += observations[i].lossy || refused_of_.contains(i) ? 1 : 0;
    }
    return lines;
}

// Tags do not count: they say whose the fields are.
std::uint64_t Job::fields_kept() const {
    std::uint64_t fields = 0;
    const auto observations = batch.observations();
    for (std::uint32_t i = 0; i < observations.size(); ++i) {
        const auto lost = refused_of_.find(i);
        if (lost != refused_of_.end() && lost->second >= observations[i].points) continue;
        const auto points = batch.points(observations[i]);
        for (std::uint32_t place = 0; place < points.size(); ++place) {
            const std::uint64_t key = std::uint64_t{i} << 32U | place;
            fields += points[place].tag || refused_points_.contains(key) ? 0 : 1;
        }
    }
    return fields;
}

}  // namespace atlas::ingest
