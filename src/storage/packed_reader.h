// SPDX-License-Identifier: Apache-2.0
//
// Takes the values of chosen attributes out of packed observations.
//
//     observations (binary rows) → [PackedReader] → series, latest cold values
//
// A row holds its values in four arrays and names its attributes by a shape, or by a list of its
// own (docs/internals/storage.md). The place of an attribute is computed once per shape and reader.
// Values that a retype superseded are read as the attribute's present type; those that do not
// convert are skipped.
//
// Lifetime   a reader is one request's; the shape cache lives as long as the process.
// Threading  one thread at a time.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "model/attribute.h"
#include "model/value.h"
#include "pg/binary_result.h"
#include "pg/connection.h"
#include "storage/shapes.h"

namespace atlas::storage {

class PackedReader {
public:
    // Reads the attributes of `wanted`, in whatever order a row holds them. `shapes` outlives it.
    PackedReader(ShapeRegistry& shapes, std::vector<model::Attribute> wanted);
    PackedReader(const PackedReader&) = delete;
    PackedReader& operator=(const PackedReader&) = delete;
    ~PackedReader();  // tells the registry the shapes it met

    const std::vector<model::Attribute>& wanted() const { return wanted_; }
    // Whether a row that holds a wanted attribute may still have no value for it.
    bool may_skip() const { return has_superseded_; }

    // The columns that read() takes, over `o`; adds their parameters.
    std::string columns_sql(pg::Params& params) const;
    // Whether row `o` holds any of the wanted attributes; adds its parameters.
    std::string holds_sql(pg::Params& params) const;

    // Calls use(index into wanted, value) for each wanted attribute in the row, whose columns begin
    // at `column`. Values borrow from the rows and from the reader until the next call.
    // False when the row is damaged: an array is shorter than its shape says.
    bool read(const pg::Rows& rows, int row, int column,
              const std::function<void(std::size_t, const model::Value&)>& use);

private:
    struct Source {
        std::size_t wanted;  // index into wanted_
        std::size_t age;     // 0: stored as of now; else superseded that many retypes ago
    };
    struct Slot {
        Source source;
        int index;  // in its array
    };
    struct Layout {
        std::array<int, 4> lengths{};
        std::array<std::vector<Slot>, 4> slots;
    };

    void add_source(AttributeId id, model::Type type, Source source);
    void drop_superseded(Layout& layout) const;
    std::optional<model::Value> convert(Source source, const model::Value& value);
    bool read_group(pg::ArrayReader array, model::Group group, const std::vector<Slot>& slots,
                    const std::function<void(std::size_t, const model::Value&)>& use);
    std::string_view digits_of(const pg::ArrayReader& array);
    std::string& next_text();
    const std::vector<std::int32_t>* attributes_of(std::int32_t shape, std::string_view cell);
    Layout make_layout(const std::vector<std::int32_t>& attrs, std::array<int, 4> lengths) const;
    const Layout& layout_of(std::int32_t shape, const std::vector<std::int32_t>& attrs,
                            std::array<int, 4> lengths);

    ShapeRegistry& shapes_;
    std::shared_ptr<const ShapeRegistry::ById> known_;
    ShapeRegistry::ById learned_;
    std::vector<model::Attribute> wanted_;
    std::unordered_map<std::int32_t, Source> index_;  // by storage id
    bool has_superseded_ = false;
    std::size_t groups_ = 2;  // how many of the arrays are needed, in the order of the groups
    std::unordered_map<std::int32_t, Layout> layouts_;
    Layout loose_;                   // of the last row without a shape
    std::deque<std::string> texts_;  // of the values of the row; kept for their memory
    std::size_t texts_used_ = 0;
};

}  // namespace atlas::storage
