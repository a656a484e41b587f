// SPDX-License-Identifier: Apache-2.0
//
// Tests the read contract without a database: a reader over a table in memory. What it needs beyond
// the table is what query/ offers every reader: binding, places and their tokens, folds of values
// into points and buckets.
//
// Lifetime   one test's.
// Threading  one thread: it counts its calls.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "query/place.h"
#include "query/reader.h"
#include "query/series_fold.h"

namespace atlas::query {

class TableReader final : public Reader {
public:
    struct Row {
        Entity entity;
        std::map<std::string, std::string> texts;               // the hot attributes
        std::map<std::string, std::map<Time, double>> history;  // of the others
    };

    TableReader(Lsn position, Time as_of, std::int64_t timeline = 1)
        : TableReader({.timeline = timeline, .lsn = position},
                      {.timeline = timeline, .lsn = position}, as_of) {}
    // Some of the commits between the two are in it.
    TableReader(LogPosition holds, LogPosition position, Time as_of)
        : snapshot_{.as_of = as_of, .position = position, .holds = holds} {}

    void put(Row row) { rows_.emplace(row.entity.external_id, std::move(row)); }
    void fail_with(std::optional<ErrorCode> code) { failure_ = code; }
    int asked() const { return asked_; }

    Answer<EntityAnswer> get(const GetRequest& request) override {
        GetRequest get = request;
        if (auto ready = begin(get); !ready) return failure(std::move(ready.error()));
        const auto found = rows_.find(get.entity);
        if (found == rows_.end()) return failure(entity_not_found(get.entity));
        return EntityAnswer{.entity = shown(found->second, get.shown), .snapshot = snapshot_};
    }

    // By external id, whatever the order asks for.
    Answer<EntityPage> list(const ListRequest& request) override {
        ListRequest list = request;
        if (auto ready = begin(list); !ready) return failure(std::move(ready.error()));
        const auto after = read_place(list);
        if (!after) return failure(after.error());
        EntityPage page{
            .entities = {}, .next_page_token = {}, .total_size = {}, .snapshot = snapshot_};
        std::string last;
        for (const auto& [name, row] : rows_) {
            if (*after && name <= (*after)->keys.front().value()) continue;
            if (!matches(list.filter, row)) continue;
            if (static_cast<int>(page.entities.size()) == list.page_size) {
                page.next_page_token = page_token(list, {.keys = {last}, .id = EntityId{1}});
                break;
            }
            page.entities.push_back(shown(row, list.shown));
            last = name;
        }
        return page;
    }

    Answer<SeriesPage> series(const SeriesRequest& request) override {
        SeriesRequest series = request;
        if (auto ready = begin(series); !ready) return failure(std::move(ready.error()));
        const auto resume = read_series_place(series);
        if (!resume) return failure(resume.error());
        const auto row = rows_.find(series.entity.value());
        if (row == rows_.end()) return failure(entity_not_found(*series.entity));
        SeriesOutput output(series);
        const auto fold = make_fold(series, output, *resume);
        fold->begin_entity({}, *series.entity);
        if (fold_all(series, row->second, *resume, *fold)) static_cast<void>(fold->end());
        SeriesPage page{.series = output.finish(),
                        .next_page_token = {},
                        .from = series.from,
                        .to = series.to,
                        .plan = {},
                        .snapshot = snapshot_};
        if (fold->rest()) page.next_page_token = series_page_token(series, *fold->rest());
        return page;
    }

private:
    template <class Request>
    Answer<void> begin(Request& request) {
        ++asked_;
        if (failure_) return failure(Error{.code = *failure_, .detail = "as the test asked for"});
        return bind(request, catalog_);
    }

    static Entity shown(const Row& row, const Shown& shown) {
        Entity entity = row.entity;
        for (const auto& [name, text] : row.texts) {
            const bool wanted =
                !shown.names || shown.names->everything ||
                std::ranges::find(shown.names->names, name) != shown.names->names.end();
            if (wanted) entity.values.push_back({name, '"' + text + '"', entity.last_observed_at});
        }
        return entity;
    }

    static bool matches(const Filter& filter, const Row& row) {
        const auto holds = [&row](const Filter& child) { return matches(child, row); };
        switch (filter.kind) {
            case Filter::Kind::everything: return true;
            case Filter::Kind::all_of: return std::ranges::all_of(filter.children, holds);
            case Filter::Kind::any_of: return std::ranges::any_of(filter.children, holds);
            case Filter::Kind::negation: return !holds(filter.children.front());
            case Filter::Kind::comparison: break;
        }
        const auto found = row.texts.find(filter.comparison.name);
        if (found == row.texts.end()) return false;
        return std::ranges::find(filter.comparison.values, found->second, &Literal::text) !=
               filter.comparison.values.end();
    }

    // False when the page is full.
    static bool fold_all(const SeriesRequest& series, const Row& row,
                         const std::optional<SeriesPlace>& resume, SeriesFold& fold) {
        std::map<Time, RowValues> observations;
        for (std::size_t i = 0; i < series.attributes.size(); ++i) {
            const auto history = row.history.find(series.attributes[i].name);
            if (history == row.history.end()) continue;
            for (const auto& [at, number] : history->second) {
                if (at < (resume ? resume->at : series.from) || at >= series.to) continue;
                observations[at].emplace_back(
                    i, model::Value{.group = model::Group::doubles, .number = number, .text = {}});
            }
        }
        return std::ranges::all_of(observations, [&fold](const auto& observation) {
            return fold.add(observation.first, observation.second);
        });
    }

    static model::TenantCatalog make_catalog() {
        const auto attribute = [](int id, std::string name, model::Type type, bool hot) {
            model::Attribute made;
            made.id = AttributeId{id};
            made.name = std::move(name);
            made.type = type;
            made.hot = hot;
            return made;
        };
        return {kDefaultTenant,
                1,
                1,
                true,
                {attribute(1, "status", model::Type::string, true),
                 attribute(2, "pressure", model::Type::float64, false),
                 attribute(3, "flow", model::Type::float64, false)}};
    }

    const model::TenantCatalog catalog_ = make_catalog();
    const Snapshot snapshot_;
    std::map<std::string, Row> rows_;
    std::optional<ErrorCode> failure_;
    int asked_ = 0;
};

}  // namespace atlas::query
