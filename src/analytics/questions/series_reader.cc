// SPDX-License-Identifier: Apache-2.0
#include "analytics/questions/series_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "analytics/questions/hours_sql.h"
#include "analytics/questions/question.h"
#include "analytics/questions/series_hours_sql.h"
#include "analytics/questions/series_sql.h"
#include "model/convert.h"
#include "query/filter_lexer.h"
#include "query/plan.h"
#include "query/series_fold.h"

namespace atlas::analytics {
namespace {

constexpr EntityId kOnly{};

// What of a point's storage id the request wants: which attribute, stored as which type, how many
// retypes ago.
struct Source {
    std::size_t wanted = 0;
    model::Type type = model::Type::string;
    std::size_t age = 0;
};

class SeriesReader {
public:
    SeriesReader(duckdb::Connection& connection, const query::SeriesRequest& request,
                 const duckdb::Limits& limits)
        : connection_(connection), limits_(limits), request_(request) {
        for (std::size_t i = 0; i < request_.attributes.size(); ++i) {
            const model::Attribute& attribute = request_.attributes[i];
            add(attribute.id, {.wanted = i, .type = attribute.type});
            wanted_.push_back(query::aggregates_of(request_, attribute.type));
            for (std::size_t age = 1; age <= attribute.superseded.size(); ++age) {
                const model::Superseded& old = attribute.superseded[age - 1];
                add(old.id, {.wanted = i, .type = old.type, .age = age});
                superseded_ = true;
            }
        }
    }

    query::Answer<query::SeriesPage> read() {
        auto resume = query::read_series_place(request_);
        if (!resume) return failure(std::move(resume.error()));
        resume_ = *resume;
        range_.emplace(request_, resume_);
        std::optional<EntityId> only;
        if (request_.entity) {
            auto found = find_entity();
            if (!found) return failure(std::move(found.error()));
            only = *found;
        }
        if (series_hours_suffice(request_, covered(only))) {
            auto page = read_page(only, true);
            if (!page || exact_) return page;
        }
        return read_page(only, false);
    }

private:
    // The id that folds and page tokens call the only entity is 0.
    query::TimeRange covered(std::optional<EntityId> only) const {
        return only ? range_->of(kOnly) : range_->all();
    }

    // From points, or from hours; the latter may turn out not to be exact_.
    query::Answer<query::SeriesPage> read_page(std::optional<EntityId> only, bool hours) {
        output_.emplace(request_);
        fold_ = query::make_fold(request_, *output_, resume_);
        place_.reset();
        entity_ = EntityId{-1};
        if (only) fold_->begin_entity(kOnly, *request_.entity);
        if (!ids_.empty()) {
            auto done = hours ? fold_hours(only) : fold_points(only);
            if (!done) return failure(std::move(done.error()));
        }
        if (!place_ && !fold_->end()) place_ = fold_->rest();
        if (!place_) place_ = range_->next();
        query::SeriesPage page{.series = output_->finish(),
                               .next_page_token = {},
                               .from = request_.from,
                               .to = request_.to,
                               .plan = {},
                               .snapshot = {}};
        if (place_) page.next_page_token = query::series_page_token(request_, *place_);
        if (request_.explain) page.plan = query::plan_json({plan(only, hours)});
        return page;
    }

    query::PlanUnit plan(std::optional<EntityId> only, bool hours) const {
        query::PlanUnit unit{.attributes = static_cast<std::int64_t>(request_.attributes.size())};
        if (!hours) return unit;
        const query::TimeRange read = covered(only);
        const Hours whole = whole_hours(read.from, read.to);
        unit.source = to_string(analytics::Source::rollup);
        unit.rollup_from = whole.from();
        unit.rollup_to = whole.to();
        return unit;
    }

    void add(AttributeId id, Source source) {
        if (sources_.try_emplace(id.value, source).second) ids_.push_back(id.value);
    }

    query::Answer<EntityId> find_entity() {
        if (!query::valid_utf8(*request_.entity)) {
            return failure(query::entity_not_found("of that name"));
        }
        const UnitSql sql = entity_id_sql(request_.tenant, *request_.entity);
        auto rows = connection_.query(sql.text, sql.params, limits_);
        if (!rows) return failure(read_error(std::move(rows.error())));
        auto id = rows->one_integer();
        if (!id) return failure(read_error(std::move(id.error())));
        if (!*id) return failure(query::entity_not_found(*request_.entity));
        return EntityId{**id};
    }

    // A page of raw points needs no more rows than it shows, and those of its first instant that
    // the page before has shown.
    std::optional<std::int64_t> row_limit() const {
        if (!request_.raw || superseded_) return std::nullopt;
        return request_.page_size + static_cast<std::int64_t>(request_.attributes.size()) + 1;
    }

    query::Answer<void> fold_points(std::optional<EntityId> only) {
        const UnitSql sql = series_sql(request_, *range_, resume_, only, ids_, row_limit());
        auto rows = connection_.query(sql.text, sql.params, limits_);
        if (!rows) return failure(read_error(std::move(rows.error())));
        while (!place_) {
            auto chunk = rows->next();
            if (!chunk) return failure(read_error(std::move(chunk.error())));
            if (!*chunk) break;
            fold(**chunk, only.has_value());
        }
        if (!place_ && !flush()) place_ = fold_->rest();
        return {};
    }

    query::Answer<void> fold_hours(std::optional<EntityId> only) {
        const UnitSql sql = series_hours_sql(request_, *range_, resume_, only, ids_);
        auto rows = connection_.query(sql.text, sql.params, limits_);
        if (!rows) return failure(read_error(std::move(rows.error())));
        while (exact_ && !place_) {
            auto chunk = rows->next();
            if (!chunk) return failure(read_error(std::move(chunk.error())));
            if (!*chunk) break;
            fold_summaries(**chunk, only.has_value());
        }
        return {};
    }

    void fold_summaries(const duckdb::Chunk& chunk, bool only) {
        std::vector<duckdb::Cells> cells;
        cells.reserve(kHoursColumns);
        for (std::size_t i = 0; i < kHoursColumns; ++i) cells.push_back(chunk.column(i));
        for (std::size_t row = 0; row < chunk.rows(); ++row) {
            const EntityId id{cells[kHoursEntity].integer(row)};
            const auto& name = cells[kHoursName];
            if (id != entity_ && !only) {
                entity_ = id;
                const std::string external = name.is_null(row) ? "" : std::string(name.text(row));
                if (!fold_->begin_entity(id, external)) place_ = fold_->rest();
            }
            const std::size_t i =
                sources_.at(static_cast<std::int32_t>(cells[kHoursAttribute].integer(row))).wanted;
            const model::Type type = request_.attributes[i].type;
            const auto summary = summary_of(type, wanted_[i], cells, row);
            exact_ = summary.has_value();
            const Time start = time_from_micros(cells[kHoursStart].integer(row));
            if (exact_ && !place_ && !fold_->add(start, i, *summary)) place_ = fold_->rest();
            if (!exact_ || place_) return;
        }
    }

    // Gathers the points of an instant of an entity, which are rows of their own here.
    void fold(const duckdb::Chunk& chunk, bool only) {
        const duckdb::Cells entity = chunk.column(kSeriesEntity);
        const duckdb::Cells name = chunk.column(kSeriesName);
        const duckdb::Cells time = chunk.column(kSeriesTime);
        const duckdb::Cells attribute = chunk.column(kSeriesAttribute);
        const duckdb::Cells ints = chunk.column(kSeriesInt);
        const duckdb::Cells doubles = chunk.column(kSeriesDouble);
        const duckdb::Cells texts = chunk.column(kSeriesText);
        for (std::size_t row = 0; row < chunk.rows(); ++row) {
            const EntityId id{entity.integer(row)};
            const Time at = time_from_micros(time.integer(row));
            if (id != entity_ || at != at_) {
                if (!flush()) {
                    place_ = fold_->rest();
                    return;
                }
                at_ = at;
            }
            if (id != entity_) {
                entity_ = id;
                const std::string external = name.is_null(row) ? "" : std::string(name.text(row));
                if (!only && !fold_->begin_entity(id, external)) {
                    place_ = fold_->rest();
                    return;
                }
            }
            const Source& source = sources_.at(static_cast<std::int32_t>(attribute.integer(row)));
            keep(source, value_of(source, ints, doubles, texts, row));
        }
    }

    model::Value value_of(const Source& source, const duckdb::Cells& ints,
                          const duckdb::Cells& doubles, const duckdb::Cells& texts,
                          std::size_t row) {
        model::Value value;
        if (!ints.is_null(row)) {
            value.group = model::Group::ints;
            value.integer = ints.integer(row);
        } else if (!doubles.is_null(row)) {
            value.group = model::Group::doubles;
            value.number = doubles.real(row);
        } else if (!texts.is_null(row)) {
            value.group =
                source.type == model::Type::decimal ? model::Group::decimals : model::Group::texts;
            value.text = copies_.emplace_back(texts.text(row));
        } else {
            value.null = true;
            value.group = model::group_of(source.type);
        }
        return value;
    }

    // Of an attribute under several storage ids the newest counts.
    void keep(const Source& source, const model::Value& value) {
        const auto same = std::ranges::find(held_, source.wanted,
                                            [](const Held& held) { return held.source.wanted; });
        if (same == held_.end()) {
            held_.push_back({.source = source, .value = value});
        } else if (source.age < same->source.age) {
            *same = {.source = source, .value = value};
        }
    }

    // Hands the gathered points on. False: the page is full.
    bool flush() {
        if (held_.empty()) return true;
        values_.clear();
        for (Held& held : held_) {
            const model::Type type = request_.attributes[held.source.wanted].type;
            if (held.source.age == 0) {
                values_.emplace_back(held.source.wanted, held.value);
            } else if (auto converted = model::convert(held.source.type, type, held.value,
                                                       copies_.emplace_back())) {
                values_.emplace_back(held.source.wanted, *converted);
            }
        }
        std::ranges::sort(values_, {}, &query::RowValues::value_type::first);
        const bool more = fold_->add(at_, values_);
        held_.clear();
        copies_.clear();
        return more;
    }

    struct Held {
        Source source;
        model::Value value;
    };

    duckdb::Connection& connection_;
    const duckdb::Limits& limits_;
    query::SeriesRequest request_;
    std::optional<query::SeriesOutput> output_;
    std::unordered_map<std::int32_t, Source> sources_;  // by storage id
    std::vector<std::int32_t> ids_;
    std::vector<std::vector<query::Aggregate>> wanted_;  // of each attribute
    bool superseded_ = false;
    std::optional<query::SeriesPlace> resume_;
    std::optional<query::SeriesRange> range_;
    std::unique_ptr<query::SeriesFold> fold_;
    std::optional<query::SeriesPlace> place_;  // where the next page begins
    bool exact_ = true;                        // what was read of hours
    EntityId entity_{-1};
    Time at_{};
    std::vector<Held> held_;          // of one instant
    std::deque<std::string> copies_;  // of its texts
    query::RowValues values_;
};

}  // namespace

query::Answer<query::SeriesPage> read_series(duckdb::Connection& connection,
                                             const query::SeriesRequest& request,
                                             const duckdb::Limits& limits) {
    return SeriesReader(connection, request, limits).read();
}

}  // namespace atlas::analytics
