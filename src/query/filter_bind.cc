// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

#include "query/filter.h"

namespace atlas::query {
namespace {

using model::Type;

constexpr std::string_view kPromote =
    "Make it hot with PATCH /v1/attributes/{0} {{\"hot\": true}}, or read its history with "
    "/v1/entities/<entity>/series.";

Error misfit(std::uint32_t position, std::string expected, std::string_view name, Type type) {
    Error error;
    error.code = ErrorCode::invalid_filter;
    error.detail = fmt::format("At character {} of the filter: {} is of type {}; expected {}.",
                               position, name, model::to_string(type), expected);
    error.parameter = "filter";
    error.position = position;
    error.expected = std::move(expected);
    return error;
}

// The digits of a double in the current state: the shortest that read back the same. Beyond the
// range of a double the literal stays as it is, and compares as what it says.
void round_to_double(std::string& digits) {
    double number = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (read.ec != std::errc{} || !std::isfinite(number)) return;
    std::array<char, 32> shortest{};
    const auto end = std::to_chars(shortest.data(), shortest.data() + shortest.size(), number).ptr;
    digits.assign(shortest.data(), end);
}

bool read_time(Literal& literal) {
    if (literal.kind == Literal::Kind::number) {
        std::int64_t millis = 0;
        const char* end = literal.text.data() + literal.text.size();
        const auto read = std::from_chars(literal.text.data(), end, millis);
        std::int64_t micros = 0;
        if (read.ec != std::errc{} || read.ptr != end ||
            __builtin_mul_overflow(millis, 1000, &micros)) {
            return false;
        }
        // The years that RFC 3339 can write.
        constexpr std::int64_t kFirst = -62'135'596'800'000'000;
        constexpr std::int64_t kLast = 253'402'300'799'999'999;
        literal.time = time_from_micros(micros);
        return micros >= kFirst && micros <= kLast;
    }
    const auto time = literal.kind == Literal::Kind::text && !literal.prefix
                          ? parse_rfc3339(literal.text)
                          : std::nullopt;
    if (time) literal.time = *time;
    return time.has_value();
}

class Binder {
public:
    explicit Binder(const model::TenantCatalog& catalog) : catalog_(catalog) {}

    Answer<void> bind(Filter& filter) {
        if (filter.kind == Filter::Kind::comparison) return bind(filter.comparison);
        for (Filter& child : filter.children) {
            if (auto bound = bind(child); !bound) return bound;
        }
        return {};
    }

private:
    Answer<void> bind(Comparison& comparison) {
        comparison.field = comparison.quoted ? Field::attribute : builtin_field(comparison.name);
        if (auto typed = find_type(comparison); !typed) return typed;
        for (Literal& literal : comparison.values) {
            if (auto fits = bind(comparison, literal); !fits) return fits;
        }
        return {};
    }

    Answer<void> find_type(Comparison& comparison) {
        switch (comparison.field) {
            case Field::type:
            case Field::entity: comparison.type = Type::string; return {};
            case Field::created_at:
            case Field::updated_at: comparison.type = Type::timestamp; return {};
            case Field::attribute: break;
        }
        const model::Attribute* attribute = catalog_.find(comparison.name);
        if (attribute != nullptr && attribute->hot) {
            comparison.type = attribute->type;
            comparison.other_name = attribute->other_name(comparison.name);
            return {};
        }
        Error error = attribute == nullptr ? unknown_attribute(comparison.name)
                                           : attribute_not_hot(comparison.name);
        error.parameter = "filter";
        error.position = comparison.position;
        return failure(std::move(error));
    }

    static Answer<void> bind(const Comparison& comparison, Literal& literal) {
        const bool ordered = comparison.op != Op::eq && comparison.op != Op::ne;
        std::string expected;
        switch (comparison.type) {
            case Type::int64:
            case Type::float64:
            case Type::decimal:
                if (literal.kind != Literal::Kind::number) expected = "a number";
                if (comparison.type == Type::float64) round_to_double(literal.text);
                break;
            case Type::boolean:
                if (literal.kind != Literal::Kind::boolean) expected = "true or false";
                if (ordered) expected = "= or !=, as true and false have no order";
                break;
            case Type::string:
                if (literal.kind != Literal::Kind::text) expected = "text in quotes";
                break;
            case Type::timestamp:
                if (!read_time(literal)) {
                    expected =
                        "a time such as \"2026-11-21T10:00:00Z\", or Unix milliseconds as an "
                        "integer";
                }
                break;
            case Type::json:
                expected = "`:*` (is present), the only operator for JSON values";
                break;
        }
        if (expected.empty()) return {};
        return failure(
            misfit(literal.position, std::move(expected), comparison.name, comparison.type));
    }

    const model::TenantCatalog& catalog_;
};

}  // namespace

Field builtin_field(std::string_view name) {
    if (name == "type") return Field::type;
    if (name == "entity") return Field::entity;
    if (name == "created_at") return Field::created_at;
    if (name == "updated_at") return Field::updated_at;
    return Field::attribute;
}

Error unknown_attribute(std::string_view name) {
    return {.code = ErrorCode::unknown_attribute,
            .detail = fmt::format("There is no attribute {} in this tenant. GET /v1/attributes "
                                  "lists them.",
                                  name)};
}

Error attribute_not_hot(std::string_view name) {
    return {.code = ErrorCode::attribute_not_hot,
            .detail = fmt::format("{} is cold: it is stored as history only, and filters and "
                                  "orders cannot use it. ",
                                  name) +
                      fmt::format(kPromote, name)};
}

Answer<void> bind_filter(Filter& filter, const model::TenantCatalog& catalog) {
    return Binder(catalog).bind(filter);
}

}  // namespace atlas::query
