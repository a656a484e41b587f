// SPDX-License-Identifier: Apache-2.0
//
// A hot value reduced to what decides whether it changed.
//
// Two values are equal when their fingerprints are: numbers exactly (an int equals the double of
// the same value), texts by kind, length and a keyed 64-bit hash. A collision would suppress a real
// change with odds of 2^-64 per comparison; reconciliation repairs even that.
//
// Threading  pure functions; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ingest/request/batch.h"
#include "model/tenant_catalog.h"

namespace atlas::ingest {

struct Fingerprint {
    std::uint64_t bits = 0;
    std::uint32_t kind = 0;  // and the length of a text; 0: no value
    bool operator==(const Fingerprint&) const = default;
    bool absent() const { return kind == 0; }
};

struct HotValue {
    Fingerprint value;
    // The latest observation known to have the attribute; with `exact` there is no later one.
    std::int64_t observed_us = 0;
    std::int32_t attribute = 0;
    bool exact = false;
};

// Of a value as its attribute stores it; absent for null. Comparable in this process only.
Fingerprint fingerprint(const Batch& batch, const Point& point, model::Type type);

// Reads hot_attrs and hot_at of one entity. `unknown` is set when they name an attribute that the
// catalog lacks: load a newer one and read again.
std::vector<HotValue> read_hot_state(std::string_view hot_attrs, std::string_view hot_at,
                                     const model::TenantCatalog& catalog, bool& unknown);

}  // namespace atlas::ingest
