// SPDX-License-Identifier: Apache-2.0
#include "primary/series.h"

#include <fmt/format.h>

#include <algorithm>

#include "pg/binary_result.h"
#include "primary/database_error.h"
#include "primary/list_sql.h"
#include "primary/series_sql.h"
#include "query/filter_lexer.h"
#include "query/plan.h"
#include "query/series_fold.h"
#include "query/series_range.h"

namespace atlas::primary {
namespace {

constexpr std::int64_t kFleetChunk = 200;
// What folds and page tokens call the entity of a request for one, whose id is not needed.
constexpr EntityId kOnly{};
// After that long a page is given out as it is, if it has anything.
constexpr auto kPatience = std::chrono::seconds{3};
// And after that long a request fails.
constexpr auto kLongest = std::chrono::seconds{20};

query::Error too_much(std::string_view what) {
    return {.code = query::ErrorCode::too_much_data,
            .detail = fmt::format("{} Request a shorter time range, fewer attributes, or a "
                                  "narrower filter.",
                                  what)};
}

class SeriesReader {
public:
    SeriesReader(pg::Connection& connection, storage::ShapeRegistry& shapes,
                 const query::SeriesRequest& request)
        : connection_(connection),
          request_(request),
          reader_(shapes, request.attributes),
          output_(request_) {}

    query::Answer<query::SeriesPage> read() {
        auto resume = query::read_series_place(request_);
        if (!resume) return failure(std::move(resume.error()));
        resume_ = *resume;
        fold_ = query::make_fold(request_, output_, resume_);
        range_.emplace(request_, resume_);
        query::Answer<void> done = request_.entity ? read_entity() : read_fleet();
        if (!done) return failure(std::move(done.error()));
        if (!place_ && !fold_->end()) place_ = fold_->rest();
        if (!place_) place_ = range_->next();
        query::SeriesPage page{.series = output_.finish(),
                               .next_page_token = {},
                               .from = request_.from,
                               .to = request_.to,
                               .plan = {},
                               .snapshot = snapshot_};
        if (request_.explain) {
            page.plan = query::plan_json(
                {{.attributes = static_cast<std::int64_t>(request_.attributes.size())}});
        }
        if (place_) page.next_page_token = query::series_page_token(request_, *place_);
        return page;
    }

private:
    bool merged_buckets() const { return request_.merged && !request_.raw; }

    query::Answer<void> read_entity() {
        if (!query::valid_utf8(*request_.entity) ||
            request_.entity->find('\0') != std::string::npos) {
            return failure(query::entity_not_found("of that name"));
        }
        fold_->begin_entity(kOnly, *request_.entity);
        const std::vector<Read> reads{entity_id_sql(request_),
                                      entity_rows_sql(request_, reader_, range_->of(kOnly))};
        const auto found = stream(reads, Plan::walk, {});
        if (!found) return failure(found.error());
        if (found->front().empty()) return failure(query::entity_not_found(*request_.entity));
        return {};
    }

    query::Answer<void> read_fleet() {
        if (request_.merged && request_.raw) return read_merged_rows();
        const query::ListRequest fleet = fleet_request();
        EntityId from = resume_ ? resume_->entity : EntityId{};
        while (!place_) {
            const std::vector<Read> reads{fleet_sql(fleet, from, kFleetChunk)};
            auto found = run_reads(connection_, Plan::keyed, reads);
            if (!found) return failure(database_error(std::move(found.error())));
            snapshot_.extend(found->snapshot);
            const auto members = read_members(found->rows.front());
            if (members.empty()) return {};
            const std::vector<Read> rows{fleet_rows_sql(request_, reader_, members)};
            auto done = stream(rows, Plan::walk, members);
            if (!done) return failure(std::move(done.error()));
            if (static_cast<std::int64_t>(members.size()) < kFleetChunk) return {};
            from = EntityId{members.back().id.value + 1};
            if (!place_ && !give_out_early(from)) {
                return failure(too_much("The query exceeds the time limit."));
            }
        }
        return {};
    }

    // Between two chunks: the page ends here when it took long. False when that is no way out.
    bool give_out_early(EntityId next) {
        const auto took = std::chrono::steady_clock::now() - started_;
        if (took < kPatience) return true;
        if (merged_buckets()) return took < kLongest;
        if (!fold_->end()) {
            place_ = fold_->rest();
        } else if (!output_.empty()) {
            place_ = query::SeriesPlace{.entity = next,
                                        .at = request_.descending ? request_.to : request_.from};
        }
        return place_ || took < kLongest;
    }

    query::Answer<void> read_merged_rows() {
        const std::vector<Read> reads{
            fleet_sql(fleet_request(), EntityId{}, kMaxMergedEntities + 1)};
        auto found = run_reads(connection_, Plan::keyed, reads);
        if (!found) return failure(database_error(std::move(found.error())));
        snapshot_.extend(found->snapshot);
        const auto members = read_members(found->rows.front());
        if (static_cast<std::int64_t>(members.size()) > kMaxMergedEntities) {
            return failure(too_much(fmt::format("A merged raw series covers at most {} entities.",
                                                kMaxMergedEntities)));
        }
        if (members.empty()) return {};
        const std::vector<Read> rows{merged_rows_sql(request_, reader_, members, resume_)};
        auto done = stream(rows, Plan::keyed, members);
        if (!done) return failure(std::move(done.error()));
        return {};
    }

    query::ListRequest fleet_request() const {
        query::ListRequest fleet;
        fleet.tenant = request_.tenant;
        fleet.filter = request_.filter;
        return fleet;
    }

    std::vector<SeriesMember> read_members(const pg::Rows& rows) const {
        std::vector<SeriesMember> members;
        for (int row = 0; row < rows.size(); ++row) {
            const EntityId id{pg::read_int8(rows.text(row, 0))};
            members.push_back(
                {.id = id, .name = std::string(rows.text(row, 1)), .range = range_->of(id)});
        }
        return members;
    }

    // Reads the rows of the last statement until they end or the page is full; the rows of those
    // before it. Without members all rows are of one entity.
    query::Answer<std::vector<pg::Rows>> stream(const std::vector<Read>& reads, Plan plan,
                                                const std::vector<SeriesMember>& members) {
        const int shift = members.empty() ? kSeriesTime : 0;
        std::int64_t current = 0;
        std::optional<query::Error> error;
        const auto on_row = [&](const pg::Rows& rows) {
            if (!members.empty()) {
                const std::int64_t member = pg::read_int8(rows.text(0, kSeriesMember));
                if (member != current && !begin_member(members, member)) return false;
                current = member;
            }
            if (!fold(rows, shift)) {
                place_ = fold_->rest();
                return false;
            }
            error = over_limits();
            return !error;
        };
        auto streamed = stream_reads(connection_, plan, reads, on_row);
        if (error) return failure(std::move(*error));
        if (!streamed) return failure(database_error(std::move(streamed.error())));
        snapshot_.extend(streamed->snapshot);
        return std::move(streamed->rows);
    }

    bool begin_member(const std::vector<SeriesMember>& members, std::int64_t member) {
        if (request_.merged && request_.raw) return fold_->begin_entity(EntityId{member}, {});
        const SeriesMember& next = members[static_cast<std::size_t>(member - 1)];
        if (fold_->begin_entity(next.id, next.name)) return true;
        place_ = fold_->rest();
        return false;
    }

    bool fold(const pg::Rows& rows, int shift) {
        values_.clear();
        reader_.read(
            rows, 0, kSeriesPacked - shift,
            [this](std::size_t i, const model::Value& value) { values_.emplace_back(i, value); });
        if (!std::ranges::is_sorted(values_, {}, &query::RowValues::value_type::first)) {
            std::ranges::sort(values_, {}, &query::RowValues::value_type::first);
        }
        held_ += static_cast<std::int64_t>(values_.size());
        ++rows_;
        return fold_->add(pg::read_timestamptz(rows.text(0, kSeriesTime - shift)), values_);
    }

    std::optional<query::Error> over_limits() const {
        if (rows_ > kMaxSeriesRows) {
            return too_much(
                fmt::format("A request reads at most {} observations.", kMaxSeriesRows));
        }
        const bool holds = std::ranges::any_of(
            request_.aggregates, [](query::Aggregate a) { return a >= query::Aggregate::p50; });
        if (holds && merged_buckets() && held_ > kMaxHeldValues) {
            return too_much(
                fmt::format("A percentile over a fleet covers at most {} values.", kMaxHeldValues));
        }
        return std::nullopt;
    }

    pg::Connection& connection_;
    query::SeriesRequest request_;
    storage::PackedReader reader_;
    query::SeriesOutput output_;
    std::unique_ptr<query::SeriesFold> fold_;
    const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
    std::optional<query::SeriesRange> range_;
    std::optional<query::SeriesPlace> resume_;
    std::optional<query::SeriesPlace> place_;  // where the next page begins
    query::Snapshot snapshot_;
    query::RowValues values_;
    std::int64_t rows_ = 0;
    std::int64_t held_ = 0;
};

}  // namespace

query::Answer<query::SeriesPage> read_series(pg::Connection& connection,
                                             storage::ShapeRegistry& shapes,
                                             const query::SeriesRequest& request) {
    return SeriesReader(connection, shapes, request).read();
}

}  // namespace atlas::primary
