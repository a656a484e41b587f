// SPDX-License-Identifier: Apache-2.0
//
// Filters, evaluated by the database and by a few lines of C++ that share nothing with the compiler
// but the meaning.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "base/json_writer.h"
#include "primary/entity_list.h"
#include "primary/test_data.h"
#include "testing/rounds.h"

namespace atlas::primary {
namespace {

using Truth = std::function<bool(const TestEntity&)>;

struct Case {
    std::string text;
    Truth truth;
};

// Makes random filters, each with what it means.
class Generator {
public:
    explicit Generator(std::uint32_t seed) : random_(seed) {}

    Case filter(int depth) {
        switch (depth == 0 ? 0 : pick(5)) {
            case 1: return negation(filter(depth - 1));
            case 2: return join(depth, true);
            case 3: return join(depth, false);
            default: return leaf();
        }
    }

private:
    int pick(std::ptrdiff_t size) {
        const int count = static_cast<int>(size);
        return std::uniform_int_distribution<int>(0, count - 1)(random_);
    }

    Case negation(const Case& inner) {
        return {(pick(2) == 0 ? "NOT (" : "-(") + inner.text + ")",
                [truth = inner.truth](const TestEntity& e) { return !truth(e); }};
    }

    Case join(int depth, bool all) {
        std::vector<Truth> truths;
        std::string text;
        for (int i = 0; i < 2 + pick(2); ++i) {
            const Case inner = filter(depth - 1);
            if (i > 0) text += all ? " AND " : " OR ";
            text += "(" + inner.text + ")";
            truths.push_back(inner.truth);
        }
        return {text, [truths, all](const TestEntity& e) {
                    for (const Truth& truth : truths) {
                        if (truth(e) != all) return !all;
                    }
                    return all;
                }};
    }

    static bool holds(int order, int op) {
        switch (op) {
            case 0: return order == 0;
            case 1: return order != 0;
            case 2: return order < 0;
            case 3: return order <= 0;
            case 4: return order > 0;
            default: return order >= 0;
        }
    }
    static constexpr const char* kOps[] = {"=", "!=", "<", "<=", ">", ">="};

    // Numbers as scaled integers: exact without any number type of ours.
    Case number(const std::string& name,
                const std::function<std::optional<__int128>(const TestEntity&)>& get) {
        static const std::pair<const char*, __int128> kNumbers[] = {
            {"7", 7000},
            {"7.5", 7500},
            {"-3.25", -3250},
            {"8.00", 8000},
            {"8e0", 8000},
            {"0.1", 100},
            {"0", 0},
            {"-0", 0},
            {"12.5", 12500},
            {"9007199254740993", __int128{9007199254740993} * 1000},
            {"9007199254740992", __int128{9007199254740992} * 1000}};
        const auto [digits, scaled] = kNumbers[pick(11)];
        const int op = pick(6);
        return {fmt::format("{} {} {}", name, kOps[op], digits),
                [get, op, wanted = scaled](const TestEntity& e) {
                    const auto value = get(e);
                    return value && holds(*value < wanted ? -1 : *value > wanted ? 1 : 0, op);
                }};
    }

    std::string quoted(std::string_view text, bool prefix) {
        std::string out = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\' || c == '*') out += '\\';
            out += c;
        }
        return out + (prefix ? "*\"" : "\"");
    }

    Case text(const std::string& name,
              const std::function<std::optional<std::string>(const TestEntity&)>& get) {
        const std::string wanted = kTexts[static_cast<std::size_t>(pick(std::ssize(kTexts)))];
        const bool prefix = pick(3) == 0;
        const int op = pick(prefix ? 2 : 6);
        return {fmt::format("{} {} {}", name, kOps[op], quoted(wanted, prefix)),
                [get, op, wanted, prefix](const TestEntity& e) {
                    const auto value = get(e);
                    if (!value) return false;
                    if (prefix) return value->starts_with(wanted) == (op == 0);
                    return holds(value->compare(wanted), op);
                }};
    }

    Case list() {
        const std::string a = kTexts[static_cast<std::size_t>(pick(std::ssize(kTexts)))];
        const std::string b = kTexts[static_cast<std::size_t>(pick(std::ssize(kTexts)))];
        const bool prefix = pick(2) == 0;
        return {fmt::format("status {} ({} OR {})", pick(2) == 0 ? "=" : ":", quoted(a, false),
                            quoted(b, prefix)),
                [a, b, prefix](const TestEntity& e) {
                    return e.status &&
                           (*e.status == a || (prefix ? e.status->starts_with(b) : *e.status == b));
                }};
    }

    Case leaf() {
        switch (pick(10)) {
            case 0: return text("status", [](const TestEntity& e) { return e.status; });
            case 1: return list();
            case 2:
                return number("priority", [](const TestEntity& e) -> std::optional<__int128> {
                    if (!e.priority) return std::nullopt;
                    return __int128{*e.priority} * 1000;
                });
            case 3: return number("price", [](const TestEntity& e) { return e.price_milli; });
            case 4: return number("ratio", [](const TestEntity& e) { return e.ratio_milli; });
            case 5: {
                const bool wanted = pick(2) == 0;
                const bool equal = pick(2) == 0;
                return {fmt::format("enabled {} {}", equal ? "=" : "!=", wanted),
                        [wanted, equal](const TestEntity& e) {
                            return e.enabled && (*e.enabled == wanted) == equal;
                        }};
            }
            case 6: return time("since", [](const TestEntity& e) { return e.since; });
            case 7:
                return {"`odd \"name` : *", [](const TestEntity& e) { return e.odd.has_value(); }};
            case 8:
                return text("entity", [](const TestEntity& e) { return std::optional(e.name); });
            default: break;
        }
        if (pick(2) == 0)
            return text("type", [](const TestEntity& e) { return std::optional(e.type); });
        return time(pick(2) == 0 ? "updated_at" : "created_at",
                    [](const TestEntity& e) { return std::optional(e.at); });
    }

    Case time(const std::string& name,
              const std::function<std::optional<Time>(const TestEntity&)>& get) {
        const Time wanted = test_time(pick(20));
        const int op = pick(6);
        const std::string literal = pick(2) == 0 ? '"' + format_rfc3339(wanted) + '"'
                                                 : std::to_string(to_micros(wanted) / 1000);
        return {fmt::format("{} {} {}", name, kOps[op], literal),
                [get, op, wanted](const TestEntity& e) {
                    const auto value = get(e);
                    return value && holds(*value < wanted ? -1 : *value > wanted ? 1 : 0, op);
                }};
    }

    std::mt19937 random_;
};

class FilterProperty : public QueryDatabase {
protected:
    // Everything the filter finds, page by page, in the requested order.
    std::vector<std::string> find(const std::string& filter, std::string_view order_by,
                                  int page_size) {
        std::vector<std::string> names;
        query::ListRequest request{.tenant = tenant_, .filter_text = filter};
        auto parsed = query::parse_filter(filter);
        EXPECT_TRUE(parsed) << filter << ": " << parsed.error().detail;
        if (!parsed) return names;
        const auto bound = query::bind_filter(*parsed, catalog());
        EXPECT_TRUE(bound) << filter << ": " << bound.error().detail;
        request.filter = std::move(*parsed);
        request.order = bound_order(order_by, catalog());
        request.page_size = page_size;
        request.count = query::Count::exact;
        do {
            const auto page = list_entities(connection_, memory_, request);
            EXPECT_TRUE(page) << filter << ": " << page.error().detail;
            if (!page) return names;
            for (const EntityState& entity : page->entities) names.push_back(entity.external_id);
            total_ = page->total_size.value();
            request.page_token = page->next_page_token;
        } while (!request.page_token.empty());
        return names;
    }

    std::int64_t total_ = 0;
};

// Goal: random filters find exactly the entities they mean, by walk and by index, whatever the
// size of the pages.
TEST_F(FilterProperty, FindsWhatItMeans) {
    const auto entities = random_entities(300, 17);
    insert(entities);
    const std::uint64_t seed = test::seed_or(4711);
    SCOPED_TRACE(fmt::format("ATLAS_SEED={}", seed));
    Generator generator(static_cast<std::uint32_t>(seed));
    constexpr std::string_view kOrders[] = {
        "", "updated_at", "entity", "entity desc", "priority desc, status", "created_at"};
    for (std::uint64_t round = 0; round < test::rounds_or(240); ++round) {
        const Case random = generator.filter(static_cast<int>(round % 4));
        std::vector<std::string> expected;
        for (const TestEntity& entity : entities) {
            if (!entity.deleted && random.truth(entity)) expected.push_back(entity.name);
        }
        const int page_size = round % 3 == 0 ? 7 : 1000;
        auto found = find(random.text, kOrders[round % 6], page_size);
        EXPECT_EQ(total_, static_cast<std::int64_t>(expected.size())) << random.text;
        std::ranges::sort(found);
        std::ranges::sort(expected);
        ASSERT_EQ(found, expected) << random.text << " by " << kOrders[round % 6];
    }
}

}  // namespace
}  // namespace atlas::primary
