// SPDX-License-Identifier: Apache-2.0
#include "storage/shapes.h"

#include <xxhash.h>

#include <algorithm>

#include "assets/sql.h"

namespace atlas::storage {
namespace {

// 0: it has none.
pg::Expected<std::int32_t> find_id(pg::Connection& connection, const Shape& shape) {
    static const SqlText kSql = sql::text("queries/shapes/find.sql");
    const auto rows = connection.exec(kSql, pg::Params{}.add_int4s(shape.attrs));
    if (!rows) return failure(rows.error());
    return rows->empty() ? 0 : static_cast<std::int32_t>(rows->int8(0, 0));
}

// 0: no id is left.
pg::Expected<std::int32_t> find_or_create_id(pg::Connection& connection, const Shape& shape) {
    static const SqlText kSql = sql::text("queries/shapes/add.sql");
    auto id = find_id(connection, shape);
    if (!id || *id != 0) return id;
    const auto inserted = connection.exec(
        kSql, pg::Params{}.add_int4s(shape.attrs).add(std::int64_t{ShapeRegistry::kMaxId}));
    if (!inserted) return failure(inserted.error());
    return find_id(connection, shape);
}

}  // namespace

Shape::Shape(std::vector<std::int32_t> attributes)
    : attrs(std::move(attributes)),
      never_(attrs.empty() || attrs.size() > ShapeRegistry::kMaxAttributes) {
}

bool Shape::count_row() {
    const std::uint32_t rows = rows_.fetch_add(1, std::memory_order_relaxed) + 1;
    return rows >= ShapeRegistry::kRowsForId && !never_.load(std::memory_order_relaxed);
}

std::shared_ptr<const ShapeRegistry::ById> ShapeRegistry::known() const {
    const std::lock_guard lock(mutex_);
    return by_id_;
}

void ShapeRegistry::learn(const ById& more) {
    const std::lock_guard lock(mutex_);
    auto all = std::make_shared<ById>(*by_id_);
    for (const auto& [id, attrs] : more) {
        if (all->size() >= kMaxById || by_id_attributes_ + attrs.size() > kMaxByIdAttributes) break;
        if (all->emplace(id, attrs).second) by_id_attributes_ += attrs.size();
    }
    by_id_ = std::move(all);
}

ShapePtr ShapeRegistry::find(std::span<const std::int32_t> attrs) {
    const std::uint64_t hash = XXH3_64bits(attrs.data(), attrs.size_bytes());
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = shapes_.equal_range(hash);
    for (auto it = begin; it != end; ++it) {
        if (std::ranges::equal(it->second->attrs, attrs)) return it->second;
    }
    auto shape = std::make_shared<Shape>(std::vector<std::int32_t>(attrs.begin(), attrs.end()));
    // Beyond the bound a combination is dropped with its batch, and counted from 0 in the next.
    if (shapes_.size() < kMaxKnown && attrs.size() <= kMaxAttributes) shapes_.emplace(hash, shape);
    return shape;
}

pg::Expected<void> ShapeRegistry::assign_ids(pg::Connection& connection,
                                             std::span<const ShapePtr> shapes) {
    if (paused()) return {};
    ById assigned;
    std::size_t attempts = 0;
    for (const ShapePtr& shape : shapes) {
        if (shape->id != 0 || shape->never_) continue;
        if (++attempts > kMaxPerCall) break;
        const auto id = find_or_create_id(connection, *shape);
        if (!id) {
            end_attempt(false);
            return failure(id.error());
        }
        shape->id = *id;
        shape->never_ = *id == 0;
        if (*id != 0) assigned.emplace(*id, shape->attrs);
    }
    if (!assigned.empty()) learn(assigned);
    end_attempt(true);
    return {};
}

bool ShapeRegistry::paused() {
    const std::lock_guard lock(mutex_);
    return clock_.steady() < paused_until_;
}

void ShapeRegistry::end_attempt(bool success) {
    const std::lock_guard lock(mutex_);
    pause_ = success ? std::chrono::milliseconds{0}
                     : std::min(std::max(pause_ * 2, kFirstPause), kLongestPause);
    paused_until_ = clock_.steady() + pause_;
}

}  // namespace atlas::storage
