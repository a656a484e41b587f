// SPDX-License-Identifier: Apache-2.0
#include "ingest/commit/hot_value.h"

#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <random>

#include "ingest/parse/number.h"
#include "ingest/resolve/value_check.h"
#include "storage/hot_state.h"

namespace atlas::ingest {

using model::Type;

namespace {

enum FingerprintKind : std::uint32_t { kInt = 1, kDouble, kBool, kText, kDecimal, kJson };

std::uint64_t hash_key() {
    static const std::uint64_t key =
        std::uint64_t{std::random_device{}()} << 32U | std::random_device{}();
    return key;
}

Fingerprint of_text(std::string_view text, FingerprintKind kind) {
    const auto length = static_cast<std::uint32_t>(text.size());
    return {XXH3_64bits_withSeed(text.data(), text.size(), hash_key()), kind | length << 3U};
}

Fingerprint of_int(std::int64_t number) {
    return {static_cast<std::uint64_t>(number), kInt};
}

// A whole number has the fingerprint of the int, so that widening changes nothing.
Fingerprint of_double(double number) {
    constexpr double kBeyondInts = 9223372036854775808.0;
    if (std::trunc(number) == number && number >= -kBeyondInts && number < kBeyondInts) {
        return of_int(static_cast<std::int64_t>(number));
    }
    return {std::bit_cast<std::uint64_t>(number), kDouble};
}

double to_double(std::string_view literal) {
    double number = 0;
    std::from_chars(literal.data(), literal.data() + literal.size(), number);
    return number;
}

// A cell of hot_attrs as PostgreSQL prints it. jsonb spells large doubles out digit by digit. A
// double attribute holds ints that no double holds, with all their digits.
Fingerprint of_json(std::string_view token, std::string_view unescaped, Type type) {
    if (token.starts_with('"')) {
        if (type == Type::timestamp) {
            const auto time = parse_rfc3339(unescaped);
            return of_int(time ? to_micros(*time) : 0);
        }
        return of_text(unescaped, kText);
    }
    if (token == "true" || token == "false") return {token == "true", kBool};
    if (token.starts_with('{') || token.starts_with('[')) return of_text(token, kJson);
    if (type == Type::decimal) return of_text(token, kDecimal);
    const Number number = read_number(token);
    if (number.kind == Kind::int64) return of_int(static_cast<std::int64_t>(number.payload));
    return of_double(to_double(token));
}

HotValue& entry(std::vector<HotValue>& values, std::int32_t attribute) {
    const auto found = std::ranges::find(values, attribute, &HotValue::attribute);
    if (found != values.end()) return *found;
    values.push_back({});
    values.back().attribute = attribute;
    return values.back();
}

// Calls `use(attribute, member)` for every member that the catalog knows.
template <class Use>
void each_known(std::string_view json, const model::TenantCatalog& catalog, bool& unknown,
                Use use) {
    storage::for_each_member(json, [&](const storage::HotMember& member) {
        if (const model::Attribute* attribute = catalog.find(member.name)) {
            use(*attribute, member);
        } else if (std::ranges::find(catalog.dropped(), member.name) == catalog.dropped().end()) {
            unknown = true;
        }
    });
}

// The server prints a stored JSON value in its own form: it never equals what was sent, so the
// first repetition is written again.
std::string_view comparable(std::string_view json) {
    return json.starts_with('[') || json.starts_with('{') ? "{" : json;
}

}  // namespace

Fingerprint fingerprint(const Batch& batch, const Point& point, Type type) {
    if (point.kind == Kind::null) return {};
    switch (type) {
        case Type::int64:
        case Type::timestamp: return of_int(stored_int(batch, point, type));
        case Type::boolean: return {point.payload, kBool};
        case Type::float64: return of_double(stored_double(batch, point));
        case Type::decimal: return of_text(stored_decimal(batch, point), kDecimal);
        case Type::string: return of_text(stored_text(batch, point), kText);
        case Type::json: return of_text(stored_text(batch, point), kJson);
    }
    return {};
}

std::vector<HotValue> read_hot_state(std::string_view hot_attrs, std::string_view hot_at,
                                     const model::TenantCatalog& catalog, bool& unknown) {
    std::vector<HotValue> values;
    if (hot_at.size() <= 2 && hot_attrs.size() <= 2) return values;
    each_known(hot_at, catalog, unknown,
               [&](const model::Attribute& attribute, const storage::HotMember& member) {
                   std::int64_t micros = 0;
                   const char* end = member.json.data() + member.json.size();
                   const auto read = std::from_chars(member.json.data(), end, micros);
                   if (read.ec != std::errc{} || read.ptr != end) return;
                   // Under two names while the attribute is being renamed.
                   HotValue& value = entry(values, attribute.id.value);
                   value.observed_us =
                       attribute.old_name.empty() ? micros : std::max(value.observed_us, micros);
               });
    each_known(hot_attrs, catalog, unknown,
               [&](const model::Attribute& attribute, const storage::HotMember& member) {
                   entry(values, attribute.id.value).value =
                       of_json(comparable(member.json), member.text, attribute.type);
               });
    return values;
}

}  // namespace atlas::ingest
