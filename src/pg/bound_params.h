// SPDX-License-Identifier: Apache-2.0
//
// Parameters in the form of libpq, four parallel arrays: for the files that talk to it.
//
// Lifetime   borrows the parameters, for one call of libpq.
// Threading  one thread at a time.
#pragma once

#include <cstdint>
#include <vector>

#include "pg/params.h"

namespace atlas::pg {

class BoundParams {
public:
    explicit BoundParams(const Params& params);

    int count() const { return static_cast<int>(values_.size()); }
    const std::uint32_t* types() const { return types_.data(); }
    const char* const* values() const { return values_.data(); }
    const int* lengths() const { return lengths_.data(); }
    const int* formats() const { return formats_.data(); }

private:
    std::vector<std::uint32_t> types_;
    std::vector<const char*> values_;
    std::vector<int> lengths_;
    std::vector<int> formats_;
};

}  // namespace atlas::pg
