// SPDX-License-Identifier: Apache-2.0
//
// How a transaction becomes a version: what was put in is resolved already, so little is done while
// the gate is closed.
#include <algorithm>

#include "base/prefetch.h"
#include "index/tenant.h"

namespace atlas::index {
namespace {

// Changes that readers may wait for: about a millisecond's.
constexpr std::size_t kInPlace = 1000;

}  // namespace

Tenant::Done Tenant::commit(const Applied& end) {
    const std::size_t changes = changes_.size() + observed_.size();
    if (!pending()) return {};
    Write write = writing();
    prepare(write);
    std::unique_lock gate(gate_);
    write.in_place = readers_.empty() && (changes <= kInPlace || pins_ == pins_before_);
    if (!write.in_place) gate.unlock();
    apply(write);
    settle(write);
    publish(end, gate);
    count_bytes();
    return {.changes = changes, .copied = write.copied};
}

// Makes cells wide enough, and brings back dictionaries: then the values of this transaction become
// codes, too.
void Tenant::prepare(Write& write) {
    types_.prepare(write);
    for (const std::uint32_t number : touched_columns_) {
        Column& column = *columns_[number];
        if (!column.prepare(write)) continue;
        for (Cell& cell : cells_) {
            if (cell.column != number) continue;
            const std::string_view json(texts_.data() + cell.text, cell.json_size);
            const std::string_view text(json.data() + json.size(), cell.text_size);
            cell.bits = column.intern({.kind = kind_of(json), .json = json, .text = text}, write);
        }
    }
}

void Tenant::apply(Write& write) {
    // Observations come first: the day that a state names is then known to be theirs.
    apply_observed(write);
    for (std::size_t i = 0; i < changes_.size(); ++i) {
        if (i + kPrefetchAhead < changes_.size()) prefetch(changes_[i + kPrefetchAhead]);
        apply(changes_[i], write);
    }
    forget_pending();
    free_rows(write);
}

void Tenant::prefetch(const Change& change) const {
    rows_.prefetch(change.row);
    __builtin_prefetch(&counts_[change.row], 1);
    for (std::uint32_t i = 0; i < change.cell_count; ++i) {
        columns_[cells_[change.cells + i].column]->prefetch(change.row);
    }
}

void Tenant::apply_observed(Write& write) {
    for (std::size_t i = 0; i < observed_.size(); ++i) {
        if (i + kPrefetchAhead < observed_.size()) {
            rows_.newest.prefetch(observed_[i + kPrefetchAhead].first);
        }
        observe(observed_[i].first, time_from_micros(observed_[i].second), write);
    }
    for (const auto& [row, newest] : learned_) learn(row, newest, write);
}

// What is older than the day on which the entity reported last cannot be the newest; what is of
// that day may be.
void Tenant::observe(Row row, Time at, Write& write) {
    const Newest before(rows_.newest.newest(row));
    if (!before.none() && before.day() > day_of(at)) return;
    if (before.unknown() && before.day() == day_of(at)) {
        if (before.seen() < at) set_newest(row, Newest::not_before(at), write);
    } else if (!before.known() || before.time() < at) {
        set_newest(row, Newest::at(at), write);
    }
}

// The database may have been asked before a later one was seen.
void Tenant::learn(Row row, Newest found, Write& write) {
    const Newest before(rows_.newest.newest(row));
    if (before.none() || before.day() != found.day()) return;
    const auto time_of = [](Newest newest) {
        return newest.known() ? std::optional(newest.time()) : newest.seen();
    };
    const auto newest = std::max(time_of(before), time_of(found));
    if (newest && (!before.known() || before.time() < *newest)) {
        set_newest(row, Newest::at(*newest), write);
    } else if (before.unknown()) {
        set_newest(row, Newest::nothing_on(found.day()), write);
    }
}

void Tenant::set_newest(Row row, std::int64_t newest, Write& write) {
    rows_.newest.change(row, visible_, write) = newest;
}

void Tenant::apply(const Change& change, Write& write) {
    switch (change.kind) {
        case Change::Kind::entity: apply_entity(change, write); return;
        case Change::Kind::state: apply_state(change, write); return;
        case Change::Kind::remove_entity:
            rows_.names.clear(change.row, visible_, write);
            types_.change(change.row, types_.absent(), visible_, write);
            set_flags(change.row, 0, kHasEntity | kEntityRetired, write);
            break;
        case Change::Kind::remove_state:
            apply_values(change, write);
            apply_instants(change, write);
            set_newest(change.row, Newest::kNone, write);
            set_flags(change.row, 0, kHasState | kStateRetired, write);
            break;
    }
    touched_.push_back(change.row);
}

void Tenant::apply_entity(const Change& change, Write& write) {
    const std::string_view name(texts_.data() + change.text, change.size);
    rows_.names.set(change.row, name, visible_, write);
    types_.change(change.row, change.type, visible_, write);
    if (rows_.created.newest(change.row) != change.time) {
        rows_.created.change(change.row, visible_, write) = change.time;
    }
    set_flags(change.row, kHasEntity | (change.retired ? kEntityRetired : 0), kEntityRetired,
              write);
}

void Tenant::apply_state(const Change& change, Write& write) {
    if (change.has_values) apply_values(change, write);
    if (change.has_instants) apply_instants(change, write);
    if (rows_.updated.newest(change.row) != change.time) {
        rows_.updated.change(change.row, visible_, write) = change.time;
    }
    const Newest before(rows_.newest.newest(change.row));
    const Newest now(change.newest);
    if (!now.none() && (before.none() || before.day() < now.day())) {
        set_newest(change.row, change.newest, write);
    }
    set_flags(change.row, kHasState | (change.retired ? kStateRetired : 0), kStateRetired, write);
}

// A row's other columns are looked at only where its count says that one of them has a value.
void Tenant::apply_values(const Change& change, Write& write) {
    std::uint16_t& count = counts_[change.row].values;
    std::uint32_t had = 0;
    for (std::uint32_t i = 0; i < change.cell_count; ++i) {
        const Cell& cell = cells_[change.cells + i];
        had += columns_[cell.column]->change(change.row, cell.bits, visible_, write) ? 1 : 0;
    }
    if (had < count) remove_other_values(change, write);
    count = static_cast<std::uint16_t>(change.cell_count);
}

void Tenant::remove_other_values(const Change& change, Write& write) {
    const auto cells = std::span(cells_).subspan(change.cells, change.cell_count);
    for (std::uint32_t number = 0; number < columns_.size(); ++number) {
        Column* const column = columns_[number].get();
        if (column == nullptr || column->newest(change.row) == column->absent() ||
            std::ranges::find(cells, number, &Cell::column) != cells.end()) {
            continue;
        }
        touch(number);
        column->change(change.row, column->absent(), visible_, write);
    }
}

void Tenant::remove_other_instants(const Change& change, Write& write) {
    const auto instants = std::span(instants_).subspan(change.instants, change.instant_count);
    for (std::uint32_t number = 0; number < columns_.size(); ++number) {
        Column* const column = columns_[number].get();
        if (column == nullptr || column->newest_instant(change.row) == kAbsent ||
            std::ranges::find(instants, number, &Instant::column) != instants.end()) {
            continue;
        }
        touch(number);
        column->change_instant(change.row, kAbsent, visible_, write);
    }
}

void Tenant::apply_instants(const Change& change, Write& write) {
    std::uint16_t& count = counts_[change.row].instants;
    std::uint32_t had = 0;
    for (std::uint32_t i = 0; i < change.instant_count; ++i) {
        const Instant& one = instants_[change.instants + i];
        had += columns_[one.column]->change_instant(change.row, one.at, visible_, write) ? 1 : 0;
    }
    if (had < count) remove_other_instants(change, write);
    count = static_cast<std::uint16_t>(change.instant_count);
}

void Tenant::set_flags(Row row, std::uint8_t set, std::uint8_t cleared, Write& write) {
    const std::uint8_t before = rows_.flags.newest(row);
    const auto now = static_cast<std::uint8_t>((before & ~cleared) | set);
    if (now == before) return;
    rows_.flags.change(row, visible_, write) = now;
    listed_ += (now == kListed ? 1 : 0) - (before == kListed ? 1 : 0);
}

void Tenant::settle(Write& write) {
    types_.settle(write);
    for (const std::uint32_t number : touched_columns_) {
        Column& column = *columns_[number];
        column.settle(write);
        if (column.view_is_stale()) table_changed_ = true;
        if (!column.empty()) continue;
        column_numbers_.erase(column.name());
        columns_[number] = nullptr;
        table_changed_ = true;
    }
    touched_columns_.clear();
}

std::shared_ptr<const Table> Tenant::make_table() {
    std::vector<std::shared_ptr<const ColumnView>> views;
    for (const auto& column : columns_) {
        if (column) views.push_back(column->view());
    }
    std::ranges::sort(views, [](const auto& a, const auto& b) {
        return a->name.size() != b->name.size() ? a->name.size() < b->name.size()
                                                : a->name < b->name;
    });
    return std::make_shared<const Table>(std::move(views));
}

void Tenant::publish(const Applied& end, std::unique_lock<std::mutex>& gate) {
    Version next{.number = published_.number + 1,
                 .rows = row_count_,
                 .listed = listed_,
                 .end = end,
                 .table = table_changed_ ? make_table() : published_.table,
                 .types = types_.view()};
    table_changed_ = false;
    visible_ = row_count_;
    entities_.store(listed_, std::memory_order_relaxed);

    if (!gate.owns_lock()) gate.lock();
    std::swap(published_, next);
    std::uint64_t oldest = published_.number;
    for (const auto& [number, readers] : readers_) oldest = std::min(oldest, number);
    pins_before_ = pins_;
    gate.unlock();
    retired_.free(oldest);
}

}  // namespace atlas::index
