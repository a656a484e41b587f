// SPDX-License-Identifier: Apache-2.0
//
// Turns packed rows of observations into the columns of data points, without an allocation per row
// or point once the columns have grown.
//
//     Change, rows of the copy → [LoaderPoints] → Points
//
// docs/internals/storage.md has the format of a row. A row that says less or more than its arrays
// hold, as only a statement by hand can leave one, is read as the view entity_values_ts reads it:
// an attribute without a place in the arrays has no value.
//
// Lifetime   the shapes outlive it.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "analytics/loader_shapes.h"
#include "analytics/store.h"
#include "stream/change.h"

namespace atlas::analytics {

class LoaderPoints {
public:
    enum class Outcome : std::uint8_t {
        added,
        unchanged,      // the log lacks an array that the update did not touch: nothing was added
        unknown_shape,  // nothing was added; missing_shape() says which one to look up
        damaged,        // no row of observations: nothing was added
    };

    explicit LoaderPoints(const LoaderShapes& shapes) : shapes_(shapes) {}

    // Finds the columns by their names. False when one is missing. Cheap when nothing changed.
    bool bind(const stream::Relation& relation);
    // Before relations of another session, which count their versions from the start.
    void forget() { width_ = 0; }

    // The key of a row, or of an old key. nullopt: a part of it is null or damaged.
    std::optional<ObservationKey> key(std::span<const stream::Cell> row) const;
    // Appends the points of a row, whose key is key(row).
    Outcome append(std::span<const stream::Cell> row, Points& points);
    std::int32_t missing_shape() const { return missing_shape_; }

    // The names, in the order in which a query may select them.
    static constexpr std::array<std::string_view, 10> kColumns{
        "tenant_id", "entity_id",  "observed_at",   "received_at",    "shape_id",
        "attrs",     "int_values", "double_values", "decimal_values", "text_values"};

private:
    struct Array;
    struct Run;

    const stream::Cell& cell(std::span<const stream::Cell> row, std::size_t column) const {
        return row[places_[column]];
    }
    Outcome find_attributes(std::span<const stream::Cell> row);
    bool append_group(std::size_t group, const Array& array, Run run, Points& points) const;

    const LoaderShapes& shapes_;
    std::array<std::size_t, kColumns.size()> places_{};
    std::size_t width_ = 0;  // of the bound relation; 0: none is bound
    std::uint32_t oid_ = 0;
    std::uint32_t version_ = 0;
    std::int32_t missing_shape_ = 0;
    std::span<const std::int32_t> attributes_;  // of the row in hand
    std::vector<std::int32_t> own_attributes_;  // of a row without a shape
};

// Removes the points of the rows that `keep` rejects. `ends` has, per row, where its points end,
// and is shortened with them. Cost: one pass.
void keep_rows(Points& points, std::vector<std::uint32_t>& ends, const std::vector<bool>& keep);

}  // namespace atlas::analytics
