// SPDX-License-Identifier: Apache-2.0
#include "primary/entity_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "pg/binary_result.h"
#include "primary/database_error.h"
#include "primary/entity_get.h"
#include "primary/filter_sql.h"
#include "primary/list_sql.h"
#include "query/place.h"

namespace atlas::primary {
namespace {

// A first stretch costs 1 to 3 ms, and is a sample of the rest. A walk that needs fewer entities
// than kShortWalk continues whatever the planner says, who may not know a new tenant yet.
constexpr std::int64_t kFirstStretch = 1'000;
constexpr double kShortWalk = 2'500;
constexpr std::int64_t kLongestStretch = 50'000;
constexpr std::int64_t kEndless = std::int64_t{1} << 60U;
// What an entity costs in a pass over the whole tenant in the order of its table's pages, measured
// in entities walked (0.6 against 2.2 µs). One that the GIN index finds costs as much as a walked
// one.
constexpr double kCostOfPassed = 0.25;
constexpr std::int64_t kSample = 5'000;

query::Place place_of(const pg::Rows& rows, int row, std::size_t keys) {
    query::Place place{.keys = {}, .id = EntityId{pg::read_int8(rows.text(row, kColumnId))}};
    for (int i = kColumnKeys; i < kColumnKeys + static_cast<int>(keys); ++i) {
        if (rows.is_null(row, i)) {
            place.keys.emplace_back();
        } else {
            place.keys.emplace_back(rows.text(row, i));
        }
    }
    return place;
}

// Gathers one page, and one entity more: that one tells that there is a next page.
//
// Walking and searching give the same rows in the same order, so a walk can become a search after
// any stretch: after_ is the last entity that was looked at, and both continue right after it.
// Their prices are compared in entities walked: a walk needs wanted() divided by the share of
// matches so far, a search the sample's share of indexed matches times the planner's size of the
// tenant.
class Lister {
public:
    Lister(pg::Connection& connection, SearchMemory& memory, const query::ListRequest& request)
        : connection_(connection), memory_(memory), request_(request) {}

    query::Answer<StatePage> list() {
        auto after = query::read_place(request_);
        if (!after) return failure(std::move(after.error()));
        after_ = std::move(*after);
        if (auto found = find(); !found) return failure(database_error(std::move(found.error())));
        if (auto counted = count(); !counted) {
            return failure(database_error(std::move(counted.error())));
        }
        finish();
        return std::move(page_);
    }

private:
    std::int64_t wanted() const {
        return request_.page_size + 1 - static_cast<std::int64_t>(page_.entities.size());
    }

    pg::Expected<void> find() {
        if (!walkable(request_.order) || names_entities(request_.filter)) return search();
        return memory_.contains(question_) ? search_instead() : walk();
    }

    // Searches what could have been walked, and tells the memory what that cost.
    pg::Expected<void> search_instead() {
        const auto begin = std::chrono::steady_clock::now();
        auto found = search();
        memory_.tell(question_, std::chrono::steady_clock::now() - begin);
        return found;
    }

    pg::Expected<void> walk() {
        const bool all_match = request_.filter.kind == query::Filter::Kind::everything;
        std::int64_t steps = all_match ? wanted() : kFirstStretch;
        std::int64_t walked = 0;
        while (wanted() > 0) {
            auto ended = stretch(steps);
            if (!ended || *ended) return ended ? pg::Expected<void>{} : failure(ended.error());
            walked += steps;
            const double needed = static_cast<double>(wanted()) * static_cast<double>(walked) /
                                  at_least_half(static_cast<std::int64_t>(page_.entities.size()));
            if (needed > kShortWalk && cost_of_search() < needed) return search_instead();
            steps = needed > static_cast<double>(kLongestStretch)
                        ? kEndless
                        : std::max(kFirstStretch, static_cast<std::int64_t>(needed * 1.5));
        }
        return {};
    }

    // What a sample does not hold may still exist, so none of it counts as half an entity.
    static double at_least_half(std::int64_t count) {
        return std::max(static_cast<double>(count), 0.5);
    }

    // In entities walked. Without the planner's size of the tenant, read with the sample, a search
    // has no bound.
    double cost_of_search() const {
        if (!size_) return HUGE_VAL;
        const double pass = *size_ * kCostOfPassed;
        if (part_.kind == query::Filter::Kind::everything) return pass;
        return std::min(pass, *size_ * at_least_half(found_) / kFirstStretch);
    }

    // One stretch of the walk; true when it came to the end of the tenant or filled the page.
    pg::Expected<bool> stretch(std::int64_t steps) {
        const bool sample = steps == kFirstStretch;
        std::vector<Read> reads{
            walk_sql(request_, after_, steps, sample ? part_ : query::Filter{}, wanted() + 1)};
        if (sample) reads.push_back(size_sql(request_));
        auto done = run_reads(connection_, Plan::walk, reads);
        if (!done) return failure(std::move(done.error()));
        page_.snapshot.extend(done->snapshot);
        const pg::Rows& rows = done->rows.front();
        bool cut_off = false;
        for (int row = 0; row < rows.size(); ++row) {
            after_ = place_of(rows, row, request_.order.size());
            cut_off = pg::read_int8(rows.text(row, kColumnWalked)) == steps;
            if (sample) found_ = pg::read_int8(rows.text(row, kColumnFound));
            if (pg::read_bool(rows.text(row, kColumnMatches)) && wanted() > 0) take(rows, row);
        }
        if (sample) size_ = planned_rows(done->rows.back());
        return !cut_off || wanted() <= 0;
    }

    pg::Expected<void> search() {
        const std::vector<Read> reads{search_sql(request_, after_, wanted())};
        auto done = run_reads(connection_, Plan::keyed, reads);
        if (!done) return failure(std::move(done.error()));
        page_.snapshot.extend(done->snapshot);
        const pg::Rows& rows = done->rows.front();
        for (int row = 0; row < rows.size(); ++row) take(rows, row);
        return {};
    }

    void take(const pg::Rows& rows, int row) {
        page_.entities.push_back(read_entity_row(rows, row));
        if (static_cast<int>(page_.entities.size()) == request_.page_size) {
            last_ = place_of(rows, row, request_.order.size());
        }
    }

    pg::Expected<void> count() {
        if (request_.count == query::Count::none) return {};
        if (request_.count == query::Count::estimated) {
            auto estimated = estimate();
            if (!estimated || *estimated) {
                return estimated ? pg::Expected<void>{} : failure(estimated.error());
            }
        }
        const std::vector<Read> reads{count_sql(request_)};
        auto done = run_reads(connection_, Plan::keyed, reads);
        if (!done) return failure(std::move(done.error()));
        page_.snapshot.extend(done->snapshot);
        page_.total_size = pg::read_int8(done->rows.front().text(0, 0));
        return {};
    }

    // The share of matches among the newest changes, times the planner's idea of the tenant. False
    // when the planner has none.
    pg::Expected<bool> estimate() {
        const std::vector<Read> reads{sample_sql(request_, kSample), size_sql(request_)};
        auto done = run_reads(connection_, Plan::walk, reads);
        if (!done) return failure(std::move(done.error()));
        page_.snapshot.extend(done->snapshot);
        const std::int64_t seen = pg::read_int8(done->rows.front().text(0, 0));
        const std::int64_t matching = pg::read_int8(done->rows.front().text(0, 1));
        page_.total_size = matching;
        if (seen < kSample) return true;
        const auto size = planned_rows(done->rows.back());
        if (!size) return false;
        page_.total_size = std::llround(std::max(*size, static_cast<double>(seen)) *
                                        static_cast<double>(matching) / static_cast<double>(seen));
        return true;
    }

    // What the planner expects of the plan; nullopt when it does not say.
    static std::optional<double> planned_rows(const pg::Rows& plan) {
        const std::string_view line = plan.text(0, 0);
        const auto rows = line.find(" rows=");
        if (rows == std::string_view::npos) return std::nullopt;
        return std::strtod(std::string(line.substr(rows + 6)).c_str(), nullptr);
    }

    void finish() {
        if (static_cast<int>(page_.entities.size()) <= request_.page_size) return;
        page_.entities.resize(static_cast<std::size_t>(request_.page_size));
        page_.next_page_token = query::page_token(request_, *last_);
    }

    pg::Connection& connection_;
    SearchMemory& memory_;
    const query::ListRequest& request_;
    const std::size_t question_ = std::hash<std::string>{}(
        fmt::format("{}\n{}", request_.page_size, query::question_of(request_)));
    const query::Filter part_ = indexed_part(request_.filter);
    std::int64_t found_ = 0;      // of the first stretch, those that match part_
    std::optional<double> size_;  // of the tenant, as the planner has it
    std::optional<query::Place> after_;
    std::optional<query::Place> last_;  // the last one of the page
    StatePage page_;
};

}  // namespace

query::Answer<StatePage> list_entities(pg::Connection& connection, SearchMemory& memory,
                                       const query::ListRequest& request) {
    return Lister(connection, memory, request).list();
}

query::Answer<void> add_last_observed(pg::Connection& connection, TenantId tenant,
                                      std::vector<EntityState>& entities,
                                      query::Snapshot& snapshot) {
    std::map<Day, std::vector<std::int64_t>> by_day;
    for (const EntityState& entity : entities) {
        if (entity.last_day) by_day[*entity.last_day].push_back(entity.id.value);
    }
    std::vector<Read> reads;
    reads.reserve(by_day.size());
    for (const auto& [day, ids] : by_day) {
        reads.push_back(last_observed_sql(tenant, day, ids));
    }
    if (reads.empty()) return {};
    auto done = run_reads(connection, Plan::walk, reads);
    if (!done) return failure(database_error(std::move(done.error())));
    snapshot.extend(done->snapshot);
    std::map<std::int64_t, Time> times;
    for (const pg::Rows& rows : done->rows) {
        for (int row = 0; row < rows.size(); ++row) {
            times[pg::read_int8(rows.text(row, 0))] = pg::read_timestamptz(rows.text(row, 1));
        }
    }
    for (EntityState& entity : entities) {
        if (const auto found = times.find(entity.id.value); found != times.end()) {
            entity.last_observed_at = found->second;
        }
    }
    return {};
}

}  // namespace atlas::primary
