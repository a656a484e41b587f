// SPDX-License-Identifier: Apache-2.0
//
// An analytics store in memory for tests, which also checks what a batch promises: a key is added
// once, and only when the store does not hold it.
//
// Threading  any thread.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "analytics/store.h"

namespace atlas::analytics {

class MemoryStore final : public AnalyticsStore {
public:
    // tenant, entity, observed_at, attribute
    using PointKey = std::tuple<std::int64_t, std::int64_t, std::int64_t, std::int32_t>;
    using RowKey = std::pair<stream::Table, std::vector<std::string>>;

    StoreExpected<StoreState> state() override {
        const std::scoped_lock lock(mutex_);
        if (closed_) {
            return failure(
                StoreError{.kind = StoreError::Kind::unavailable, .message = "no way in"});
        }
        StoreState state{.until = until_, .committed_at = committed_at_, .notes = {}};
        for (const auto& [name, text] : notes_) state.notes.push_back({.name = name, .text = text});
        return state;
    }

    StoreExpected<void> apply(const Batch& batch) override {
        const std::scoped_lock lock(mutex_);
        if (failures_ > 0) {
            --failures_;
            return failure(StoreError{.kind = failure_kind_, .message = "no room"});
        }
        ++batches_;
        for (const stream::Table table : batch.truncated) truncate(table);
        std::erase_if(points_,
                      [&batch](const auto& point) { return is_removed(batch, point.first); });
        add(batch.points);
        for (const DimensionRow& row : batch.dimensions) upsert(row);
        for (const Note& note : batch.notes) {
            if (note.text)
                notes_[note.name] = *note.text;
            else
                notes_.erase(note.name);
        }
        if (batch.until) until_ = batch.until;
        if (batch.until) committed_at_ = batch.committed_at;
        return {};
    }

    StoreExpected<void> clear() override {
        const std::scoped_lock lock(mutex_);
        points_.clear();
        rows_.clear();
        notes_.clear();
        until_.reset();
        return {};
    }

    StoreExpected<void> read_points(const TimeRange& range,
                                    const std::function<bool(const Points&)>& use) override {
        const std::scoped_lock lock(mutex_);
        Points points;
        for (const auto& [key, value] : points_) {
            const auto& [tenant, entity, at, attribute] = key;
            if (at < range.from || at >= range.until) continue;
            points.tenant.push_back(tenant);
            points.entity.push_back(entity);
            points.observed_at.push_back(at);
            points.attribute.push_back(attribute);
            points.received_at.push_back(received_.at(key));
            append_value(points, value);
        }
        use(points);
        return {};
    }
    StoreExpected<void> read_rows(stream::Table table, const KeyRange& range,
                                  const std::function<void(const DimensionRow&)>& use) override {
        const std::scoped_lock lock(mutex_);
        for (const auto& [key, cells] : rows_) {
            KeyRange::Key parts{};
            for (std::size_t i = 0; i < key.second.size(); ++i)
                parts[i] = std::stoll(key.second[i]);
            if (key.first != table || (range.after && parts <= *range.after) ||
                (range.until && parts > *range.until)) {
                continue;
            }
            DimensionRow row{.table = table, .cells = {}};
            for (const auto& cell : cells) {
                row.cells.push_back(cell == "NULL" ? std::nullopt : std::optional(cell));
            }
            use(row);
        }
        return {};
    }

    // The next `count` batches are refused.
    void fail(int count, StoreError::Kind kind = StoreError::Kind::unavailable) {
        const std::scoped_lock lock(mutex_);
        failures_ = count;
        failure_kind_ = kind;
    }
    // Whether it can tell how far it is.
    void set_closed(bool closed) {
        const std::scoped_lock lock(mutex_);
        closed_ = closed;
    }
    // "tenant entity observed_at attribute" → "i5", "d1.5", "n12.50", "tup" or "null".
    std::map<std::string, std::string> points() const {
        const std::scoped_lock lock(mutex_);
        std::map<std::string, std::string> all;
        for (const auto& [key, value] : points_) {
            const auto& [tenant, entity, at, attribute] = key;
            all.emplace(fmt::format("{} {} {} {}", tenant, entity, at, attribute), value);
        }
        return all;
    }
    std::map<RowKey, std::vector<std::string>> rows() const {
        const std::scoped_lock lock(mutex_);
        return rows_;
    }
    std::size_t size() const {
        const std::scoped_lock lock(mutex_);
        return points_.size();
    }
    std::optional<stream::Position> until() const {
        const std::scoped_lock lock(mutex_);
        return until_;
    }
    std::string note(const std::string& name) const {
        const std::scoped_lock lock(mutex_);
        const auto found = notes_.find(name);
        return found == notes_.end() ? "" : found->second;
    }
    int batches() const {
        const std::scoped_lock lock(mutex_);
        return batches_;
    }
    // What a batch did that it may not do.
    std::vector<std::string> violations() const {
        const std::scoped_lock lock(mutex_);
        return violations_;
    }

private:
    static bool is_removed(const Batch& batch, const PointKey& key) {
        const auto& [tenant, entity, at, attribute] = key;
        const ObservationKey observation{.tenant = tenant, .entity = entity, .observed_at = at};
        for (const TimeRange& range : batch.cleared) {
            if (range.from <= at && at < range.until) return true;
        }
        return std::ranges::binary_search(batch.removed, observation);
    }

    void truncate(stream::Table table) {
        if (table == stream::Table::observations) points_.clear();
        std::erase_if(rows_, [table](const auto& row) { return row.first.first == table; });
    }

    void add(const Points& points) {
        std::size_t text = 0;
        for (std::size_t i = 0; i < points.size(); ++i) {
            const std::string bytes = points.text_bytes.substr(text, points.text[i] - text);
            text = points.text[i];
            const PointKey key{points.tenant[i], points.entity[i], points.observed_at[i],
                               points.attribute[i]};
            received_[key] = points.received_at[i];
            if (!points_.emplace(key, value_of(points, i, bytes)).second) {
                violations_.push_back(fmt::format("{} {} {} {} is there already", points.tenant[i],
                                                  points.entity[i], points.observed_at[i],
                                                  points.attribute[i]));
            }
        }
        if (text != points.text_bytes.size()) violations_.emplace_back("texts left over");
    }

    static std::string value_of(const Points& points, std::size_t i, const std::string& text) {
        switch (points.group[i]) {
            case 0: return fmt::format("i{}", points.int_value[i]);
            case 1: return fmt::format("d{}", points.double_value[i]);
            case 2: return "n" + text;
            case 3: return "t" + text;
            default: return "null";
        }
    }

    // The inverse of value_of(); decimals come as texts.
    static void append_value(Points& points, const std::string& value) {
        points.int_value.push_back(0);
        points.double_value.push_back(0);
        const auto group = value == "null"   ? Points::kNoValue
                           : value[0] == 'i' ? std::uint8_t{0}
                           : value[0] == 'd' ? std::uint8_t{1}
                                             : std::uint8_t{3};
        points.group.push_back(group);
        if (group == 0) points.int_value.back() = std::stoll(value.substr(1));
        if (group == 1) points.double_value.back() = std::stod(value.substr(1));
        if (group == 3) points.text_bytes += value.substr(1);
        points.text.push_back(static_cast<std::uint32_t>(points.text_bytes.size()));
    }

    void upsert(const DimensionRow& row) {
        const auto columns = dimension_columns(row.table);
        RowKey key{row.table, {}};
        std::vector<std::string> cells;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            cells.push_back(row.cells[i].value_or("NULL"));
            if (columns[i].key) key.second.push_back(cells.back());
        }
        if (row.removed)
            rows_.erase(key);
        else
            rows_[key] = cells;
    }

    mutable std::mutex mutex_;
    std::map<PointKey, std::string> points_;
    std::map<PointKey, std::int64_t> received_;
    std::map<RowKey, std::vector<std::string>> rows_;
    std::map<std::string, std::string> notes_;
    std::optional<stream::Position> until_;
    Time committed_at_{};
    int failures_ = 0;
    bool closed_ = false;
    StoreError::Kind failure_kind_ = StoreError::Kind::unavailable;
    int batches_ = 0;
    std::vector<std::string> violations_;
};

}  // namespace atlas::analytics
