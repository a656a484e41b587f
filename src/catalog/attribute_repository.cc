// SPDX-License-Identifier: Apache-2.0
#include "catalog/attribute_repository.h"

#include <array>

#include "assets/sql.h"
#include "catalog/attribute_rows.h"
#include "pg/connection.h"
#include "pg/transaction.h"

namespace atlas::catalog {
namespace {

using Outcome = AttributeChange::Outcome;

pg::Expected<std::optional<model::Attribute>> find(pg::Connection& connection, TenantId tenant,
                                                   std::string_view name) {
    const auto rows = connection.exec(sql::text("queries/attributes/find.sql"),
                                      pg::Params{}.add(tenant.value).add(name));
    if (!rows) return failure(rows.error());
    if (rows->empty()) return std::nullopt;
    return std::move(read_attributes(*rows).front());
}

// What one transaction knows while it works.
struct Work {
    pg::Connection& connection;
    TenantId tenant;
    std::string_view name;
    const AttributeWish& wish;
    std::int64_t max_attributes = 0;
    std::int64_t max_hot = 0;
};
// What ends the transaction; nullopt: nothing so far.
using Step = pg::Expected<std::optional<Outcome>>;

pg::Expected<void> run(pg::Connection& connection, std::string_view query,
                       const pg::Params& params) {
    const auto rows = connection.exec(sql::text(query), params);
    if (!rows) return failure(rows.error());
    return {};
}

pg::Expected<void> lock_tenant(Work& work) {
    const auto rows = work.connection.exec(sql::text("queries/tenants/lock.sql"),
                                           pg::Params{}.add(work.tenant.value));
    if (!rows) return failure(rows.error());
    if (!rows->empty()) {
        work.max_attributes = rows->int8(0, 0);
        work.max_hot = rows->int8(0, 1);
    }
    return {};
}

// Before everything else, because it takes the locks of the shards.
Step flip(Work& work) {
    const auto rows = work.connection.exec(
        sql::text("queries/attributes/set_hot.sql"),
        pg::Params{}.add(work.tenant.value).add(work.name).add(*work.wish.hot));
    if (!rows) return failure(rows.error());
    const std::string_view result = rows->text(0, 0);
    if (result == "needs_backfill") return Outcome::needs_backfill;
    if (result == "hot_limit") {
        // Only for the message: the transaction ends here.
        if (auto locked = lock_tenant(work); !locked) return failure(locked.error());
        return Outcome::hot_limit;
    }
    return std::nullopt;
}

// A string or bool is hot from its first value while there is room; a wish goes before that rule.
Step create(Work& work) {
    const auto counts = work.connection.exec(sql::text("queries/attributes/count.sql"),
                                             pg::Params{}.add(work.tenant.value));
    if (!counts) return failure(counts.error());
    if (counts->int8(0, 0) >= work.max_attributes) return Outcome::attribute_limit;
    const model::Type type = *work.wish.type;
    const bool room = counts->int8(0, 1) < work.max_hot;
    if (work.wish.hot.value_or(false) && !room) return Outcome::hot_limit;
    const bool hot = work.wish.hot.value_or(
        room && (type == model::Type::string || type == model::Type::boolean));
    const auto declared =
        run(work.connection, "queries/attributes/declare.sql",
            pg::Params{}
                .add(work.tenant.value)
                .add(work.name)
                .add(to_string(type))
                .add(hot)
                .add(work.wish.unit.value_or(""))
                .add(work.wish.description.value_or(""))
                .add(work.wish.category.value_or(std::string(model::kUncategorized))));
    if (!declared) return failure(declared.error());
    return Outcome::created;
}

Step change(Work& work, const model::Attribute& known) {
    const model::Type type = work.wish.type.value_or(known.type);
    if (known.in_use && !fits(known, type)) return Outcome::type_in_use;
    const auto changed = run(work.connection, "queries/attributes/change.sql",
                             pg::Params{}
                                 .add(work.tenant.value)
                                 .add(std::int64_t{known.id.value})
                                 .add(to_string(type))
                                 .add(work.wish.unit.value_or(known.unit))
                                 .add(work.wish.description.value_or(known.description))
                                 .add(known.declared || work.wish.type.has_value())
                                 .add(work.wish.category.value_or(known.category)));
    if (!changed) return failure(changed.error());
    return Outcome::changed;
}

// The attribute as it was seen before the locks decides whether shards must be locked; who comes
// in between is met by `again`.
Step transact(Work& work, bool flips, bool& again) {
    auto transaction = pg::Transaction::begin(work.connection);
    if (!transaction) return failure(transaction.error());
    if (flips) {
        auto obstacle = flip(work);
        if (!obstacle || *obstacle) return obstacle;
    }
    if (auto locked = lock_tenant(work); !locked) return failure(locked.error());
    const auto known = find(work.connection, work.tenant, work.name);
    if (!known) return failure(known.error());
    if (!*known && !work.wish.create) return Outcome::not_found;
    again = *known && work.wish.hot && *work.wish.hot != (*known)->hot;
    if (again) return std::nullopt;
    auto outcome = *known ? change(work, **known) : create(work);
    if (!outcome || (**outcome != Outcome::changed && **outcome != Outcome::created)) {
        return outcome;
    }
    const auto raised = run(work.connection, "queries/attributes/raise_epochs.sql",
                            pg::Params{}.add(work.tenant.value));
    if (!raised) return failure(raised.error());
    if (auto done = transaction->commit(); !done) return failure(done.error());
    return outcome;
}

}  // namespace

bool fits(const model::Attribute& from, model::Type to) {
    return from.type == to || (from.type == model::Type::int64 &&
                               (to == model::Type::float64 || to == model::Type::decimal));
}

pg::Expected<std::optional<model::Attribute>> find_attribute(pg::Connection& connection,
                                                             TenantId tenant,
                                                             std::string_view name) {
    return find(connection, tenant, name);
}

pg::Expected<std::vector<model::Attribute>> list_attributes(pg::Connection& connection,
                                                            TenantId tenant,
                                                            const AttributeList& list) {
    pg::Params params;
    params.add(tenant.value).add(list.after).add(list.prefix);
    list.hot ? params.add(*list.hot) : params.add(nullptr);
    params.add(std::int64_t{list.limit});
    const auto rows = connection.exec(sql::text("queries/attributes/list.sql"), params);
    if (!rows) return failure(rows.error());
    return read_attributes(*rows);
}

pg::Expected<AttributeChange> change_attribute(pg::Connection& connection, TenantId tenant,
                                               std::string_view name, const AttributeWish& wish) {
    Work work{.connection = connection, .tenant = tenant, .name = name, .wish = wish};
    auto known = find(connection, tenant, name);
    if (!known) return failure(known.error());
    if (!*known && wish.create) {
        const auto added = run(connection, "queries/ingest/add_dictionary_names.sql",
                               pg::Params{}
                                   .add(tenant.value)
                                   .add_texts(std::array{name})
                                   .add_texts(std::array{to_string(*wish.type)}));
        if (!added) return failure(added.error());
    }
    Outcome outcome = Outcome::changed;
    for (bool flips = *known && wish.hot && *wish.hot != (*known)->hot, again = true; again;
         flips = true) {
        again = false;
        const auto done = transact(work, flips, again);
        if (!done) return failure(done.error());
        outcome = done->value_or(Outcome::changed);
    }
    known = find(connection, tenant, name);
    if (!known) return failure(known.error());
    return AttributeChange{
        .outcome = outcome,
        .attribute = known->value_or(model::Attribute{}),
        .limit = outcome == Outcome::attribute_limit ? work.max_attributes : work.max_hot};
}

}  // namespace atlas::catalog
