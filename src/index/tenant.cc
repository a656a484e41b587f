// SPDX-License-Identifier: Apache-2.0
#include "index/tenant.h"

#include <algorithm>

namespace atlas::index {
namespace {

constexpr std::size_t kSmallestRows = 16;

}  // namespace

Rows::Rows(Bytes& bytes)
    : flags(bytes), updated(bytes), created(bytes), ids(bytes), newest(bytes), names(bytes) {
}

void Rows::extend(std::size_t rows, Write& write) {
    flags.extend(rows, write);
    updated.extend(rows, write);
    created.extend(rows, write);
    ids.extend(rows, write);
    newest.extend(rows, write);
    names.extend(rows, write);
}

void Rows::prefetch(std::size_t row) const {
    flags.prefetch(row);
    updated.prefetch(row);
    newest.prefetch(row);
}

Tenant::Tenant(TenantId id, Standing standing)
    : id_(id), standing_(standing), types_(bytes_, "type", false) {
    bytes_.add(sizeof(Tenant));
    published_.table =
        std::make_shared<const Table>(std::vector<std::shared_ptr<const ColumnView>>{});
    published_.types = types_.view();
}

Tenant::~Tenant() = default;

Row Tenant::row_of(EntityId entity) {
    if (const auto found = find(entity)) return *found;
    Write write = writing();
    const Row row = new_row(write);
    rows_.ids.change(row, visible_, write) = entity.value;
    entity_rows_.insert(entity.value, row, id_at());
    touched_.push_back(row);
    return row;
}

Row Tenant::new_row(Write& write) {
    if (!free_.empty()) {
        const Row row = free_.back();
        free_.pop_back();
        return row;
    }
    if (row_count_ == capacity_) {
        // In the steps in which the first chunks of arrays grow.
        const std::size_t step = capacity_ < kBlockRows ? capacity_ * 3 : kBlockRows;
        capacity_ += std::max(step, kSmallestRows);
        rows_.extend(capacity_, write);
        types_.extend(capacity_, write);
        for (const auto& column : columns_) {
            if (column) column->extend(capacity_, write);
        }
    }
    counts_.emplace_back();
    return static_cast<Row>(row_count_++);
}

void Tenant::put(const EntityRow& row) {
    Write write = writing();
    const Scalar type{.kind = Scalar::Kind::string, .json = row.type, .text = row.type};
    changes_.push_back({.kind = Change::Kind::entity,
                        .retired = row.deleted,
                        .row = row_of(row.entity),
                        .time = to_micros(row.created_at),
                        .type = types_.intern(type, write),
                        .text = static_cast<std::uint32_t>(texts_.size()),
                        .size = static_cast<std::uint32_t>(row.external_id.size())});
    texts_ += row.external_id;
}

void Tenant::put(const StateRow& state) {
    Write write = writing();
    Change change{.kind = Change::Kind::state,
                  .retired = state.deleted,
                  .has_values = state.values.has_value(),
                  .has_instants = state.instants.has_value(),
                  .row = row_of(state.entity),
                  .time = to_micros(state.updated_at),
                  .newest = state.last_day ? Newest::on(*state.last_day) : Newest::kNone,
                  .cells = static_cast<std::uint32_t>(cells_.size()),
                  .instants = static_cast<std::uint32_t>(instants_.size())};
    std::uint32_t guess = 0;
    if (state.values) {
        for (const HotValue& value : *state.values) add_cell(value, guess, write);
        change.cell_count = static_cast<std::uint32_t>(cells_.size()) - change.cells;
    }
    guess = 0;
    if (state.instants) {
        for (const HotInstant& instant : *state.instants) {
            guess = column_of(instant.name, guess);
            instants_.push_back({.column = guess++, .at = to_micros(instant.at)});
        }
        change.instant_count = static_cast<std::uint32_t>(instants_.size()) - change.instants;
    }
    changes_.push_back(change);
}

// The members of one row after another usually come in the same order.
std::uint32_t Tenant::column_of(std::string_view name, std::uint32_t guess) {
    const std::uint32_t number = find_column(name, guess);
    touch(number);
    return number;
}

void Tenant::touch(std::uint32_t number) {
    if (columns_[number]->touched()) return;
    columns_[number]->touch();
    touched_columns_.push_back(number);
}

std::uint32_t Tenant::find_column(std::string_view name, std::uint32_t guess) {
    if (guess < columns_.size() && columns_[guess] && columns_[guess]->name() == name) {
        return guess;
    }
    const auto found = column_numbers_.find(std::string(name));
    if (found != column_numbers_.end()) return found->second;
    Write write = writing();
    auto column = std::make_unique<Column>(bytes_, std::string(name), true);
    column->extend(capacity_, write);
    const auto gap = std::ranges::find_if(columns_, [](const auto& one) { return !one; });
    const auto number = static_cast<std::uint32_t>(gap - columns_.begin());
    if (gap == columns_.end()) columns_.emplace_back();
    columns_[number] = std::move(column);
    column_numbers_.emplace(name, number);
    table_changed_ = true;
    return number;
}

void Tenant::add_cell(const HotValue& value, std::uint32_t& guess, Write& write) {
    guess = column_of(value.name, guess);
    Column& column = *columns_[guess];
    const Scalar::Kind kind = kind_of(value.json);
    const Scalar scalar{.kind = kind,
                        .json = value.json,
                        .text = kind == Scalar::Kind::string ? value.text : value.json};
    Cell cell{.column = guess++,
              .text = static_cast<std::uint32_t>(texts_.size()),
              .json_size = static_cast<std::uint32_t>(scalar.json.size()),
              .text_size = static_cast<std::uint32_t>(scalar.text.size()),
              .bits = column.intern(scalar, write)};
    if (!is_coded(column.form())) texts_.append(scalar.json).append(scalar.text);
    cells_.push_back(cell);
}

void Tenant::observed(EntityId entity, Time at) {
    if (const auto row = find(entity)) observed_.emplace_back(*row, to_micros(at));
}

void Tenant::learned(EntityId entity, Newest newest) {
    if (const auto row = find(entity)) learned_.emplace_back(*row, newest);
}

void Tenant::remove_entity(EntityId entity) {
    const auto row = find(entity);
    if (row) changes_.push_back({.kind = Change::Kind::remove_entity, .row = *row});
}

void Tenant::remove_state(EntityId entity) {
    const auto row = find(entity);
    if (row) changes_.push_back({.kind = Change::Kind::remove_state, .row = *row});
}

void Tenant::abort() {
    for (const Cell& cell : cells_) columns_[cell.column]->discard(cell.bits);
    for (const Change& change : changes_) {
        if (change.kind == Change::Kind::entity) types_.discard(change.type);
    }
    forget_pending();
    Write write = writing();
    free_rows(write);
}

void Tenant::forget_pending() {
    changes_.clear();
    cells_.clear();
    instants_.clear();
    texts_.clear();
    observed_.clear();
    learned_.clear();
    // What one large transaction took is not kept for the small ones after it.
    constexpr std::size_t kKept = std::size_t{1} << 20U;
    if (cells_.capacity() * sizeof(Cell) > kKept) cells_.shrink_to_fit();
    if (instants_.capacity() * sizeof(Instant) > kKept) instants_.shrink_to_fit();
    if (changes_.capacity() * sizeof(Change) > kKept) changes_.shrink_to_fit();
    if (observed_.capacity() * sizeof(observed_.front()) > kKept) observed_.shrink_to_fit();
    if (texts_.capacity() > kKept) texts_.shrink_to_fit();
}

// Rows about which nothing is known any more.
void Tenant::free_rows(Write& write) {
    std::ranges::sort(touched_);
    const auto repeated = std::ranges::unique(touched_);
    touched_.erase(repeated.begin(), repeated.end());
    for (const Row row : touched_) {
        if (rows_.flags.newest(row) != 0) continue;
        const std::int64_t id = rows_.ids.newest(row);
        entity_rows_.erase(id, row, id_at());
        rows_.newest.change(row, visible_, write) = Newest::kNone;
        free_.push_back(row);
    }
    touched_.clear();
}

void Tenant::count_bytes() {
    const std::size_t bytes = free_.capacity() * sizeof(Row) + counts_.capacity() * sizeof(Counts) +
                              changes_.capacity() * sizeof(Change) +
                              cells_.capacity() * sizeof(Cell) +
                              instants_.capacity() * sizeof(Instant) + texts_.capacity() +
                              observed_.capacity() * sizeof(observed_.front()) +
                              columns_.size() * (sizeof(void*) * 4 + 64);
    bytes_.add(bytes);
    bytes_.take(counted_);
    counted_ = bytes;
}

}  // namespace atlas::index
