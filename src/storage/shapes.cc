// SPDX-License-Identifier: Apache-2.0
#include "storage/shapes.h"

#include <xxhash.h>

#include <algorithm>

namespace atlas::storage {
namespace {

constexpr std::string_view kFindSql = "SELECT shape_id FROM public.shapes WHERE attrs = $1";
constexpr std::string_view kInsertSql =
    "INSERT INTO public.shapes (attrs) SELECT $1 "
    "WHERE (SELECT coalesce(max(shape_id), 0) FROM public.shapes) < $2 "
    "ON CONFLICT (attrs) DO NOTHING";

pg::Expected<std::int32_t> find_id(pg::Connection& connection, const Shape& shape) {
    const auto rows = connection.exec(kFindSql, pg::Params{}.add_int4s(shape.attrs));
    if (!rows) return failure(rows.error());
    return rows->empty() ? 0 : static_cast<std::int32_t>(rows->int8(0, 0));
}

}  // namespace

ShapePtr ShapeRegistry::find(std::span<const std::int32_t> attrs) {
    const std::uint64_t hash = XXH3_64bits(attrs.data(), attrs.size_bytes());
    const std::lock_guard lock(mutex_);
    const auto [begin, end] = shapes_.equal_range(hash);
    for (auto it = begin; it != end; ++it) {
        if (std::ranges::equal(it->second->attrs, attrs)) return it->second;
    }
    auto shape = std::make_shared<Shape>(std::vector<std::int32_t>(attrs.begin(), attrs.end()));
    // Beyond the bound a combination is forgotten with its batch and never gets an id.
    if (shapes_.size() < kMaxKnown && attrs.size() <= kMaxAttributes) shapes_.emplace(hash, shape);
    return shape;
}

pg::Expected<void> ShapeRegistry::assign_ids(pg::Connection& connection,
                                             std::span<Shape* const> shapes) {
    for (Shape* shape : shapes) {
        if (shape->id != 0 || shape->rows < kRowsForId || shape->attrs.empty() ||
            shape->attrs.size() > kMaxAttributes) {
            continue;
        }
        auto id = find_id(connection, *shape);
        if (id && *id == 0) {
            const auto inserted = connection.exec(
                kInsertSql, pg::Params{}.add_int4s(shape->attrs).add(std::int64_t{kMaxId}));
            if (!inserted) return failure(inserted.error());
            id = find_id(connection, *shape);
        }
        if (!id) return failure(id.error());
        shape->id = *id;
    }
    return {};
}

}  // namespace atlas::storage
