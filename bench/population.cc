// SPDX-License-Identifier: Apache-2.0
#include "bench/population.h"

#include <chrono>

namespace atlas::bench {
namespace {

// Bulk loading without the row-by-row triggers and with the indexes built afterwards.
constexpr std::string_view kPopulate = R"(
ALTER TABLE entities DISABLE TRIGGER USER;
INSERT INTO attributes (attribute_name, data_type, type)
    VALUES ('environment', 'string', 'string'), ('status', 'string', 'string'),
           ('priority', 'int', 'int'), ('zone', 'string', 'string'), ('online', 'bool', 'bool');
INSERT INTO tenants (tenant_name) SELECT 'population-' || i FROM generate_series(0, 40) i;
INSERT INTO tenant_attributes (tenant_id, attribute_id, type, is_hot, declared, in_use)
    SELECT t.tenant_id, a.attribute_id, a.type, true, false, true
    FROM tenants t, attributes a WHERE t.tenant_name LIKE 'population-%';
CREATE TEMP TABLE share AS
    SELECT tenant_id, sum(size) OVER (ORDER BY tenant_id) - size AS first,
           sum(size) OVER (ORDER BY tenant_id) AS last
    FROM (SELECT tenant_id, CASE tenant_name
                 WHEN 'population-0' THEN :entities * 7 / 5000
                 WHEN 'population-1' THEN :entities * 130 / 5000
                 ELSE (:entities - :entities * 137 / 5000) / 39 END AS size
          FROM tenants WHERE tenant_name LIKE 'population-%') s;
INSERT INTO entities (tenant_id, entity_type, external_id)
    SELECT s.tenant_id, 'device', 'e' || i
    FROM share s CROSS JOIN LATERAL generate_series(s.first, s.last - 1) i;
DROP INDEX idx_entity_jsonb_hot_attrs;
DROP INDEX idx_entity_jsonb_updated;
INSERT INTO entity_jsonb (entity_id, tenant_id, hot_attrs, hot_at, updated_at, last_day)
    SELECT entity_id, tenant_id,
           jsonb_build_object(
               'environment', (ARRAY['production', 'staging', 'test', 'dev', 'qa', 'lab', 'demo'])
                              [1 + (hashint8(entity_id) & 65535) % 7],
               'status', (ARRAY['online', 'standby', 'offline', 'failed', 'new', 'old'])
                         [1 + (hashint8(entity_id + 1) & 65535) % 6],
               'priority', (hashint8(entity_id + 2) & 65535) % 10,
               'zone', 'zone-' || (hashint8(entity_id + 3) & 65535) % 50,
               'online', (hashint8(entity_id + 4) & 1) = 1),
           jsonb_build_object('environment', micros, 'status', micros, 'priority', micros,
                              'zone', micros, 'online', micros),
           updated_at, CASE WHEN :today THEN current_date
                            ELSE (updated_at AT TIME ZONE 'UTC')::date END
    FROM entities e JOIN share USING (tenant_id), LATERAL (
        SELECT now() - interval '1 day' - (hashint8(entity_id + 5) & 16777215) * interval '10 ms'
               AS updated_at) u, LATERAL (
        SELECT (extract(epoch FROM updated_at) * 1000000)::bigint AS micros) m;
CREATE INDEX idx_entity_jsonb_hot_attrs ON entity_jsonb
    USING gin (tenant_id, hot_attrs jsonb_path_ops);
CREATE INDEX idx_entity_jsonb_updated ON entity_jsonb (tenant_id, updated_at DESC, entity_id);
ALTER TABLE entities ENABLE TRIGGER USER;
)";

constexpr std::string_view kReference = R"(
CREATE TABLE reference_jsonb (entity_id bigint, tenant_id bigint, hot_attrs jsonb,
    updated_at timestamptz, PRIMARY KEY (entity_id, tenant_id)) PARTITION BY HASH (entity_id);
DO $$ BEGIN
    FOR i IN 0 .. 99 LOOP
        EXECUTE format('CREATE TABLE reference_jsonb_%s PARTITION OF reference_jsonb '
                       'FOR VALUES WITH (MODULUS 100, REMAINDER %s)', i, i);
    END LOOP;
END $$;
INSERT INTO reference_jsonb SELECT entity_id, tenant_id, hot_attrs, updated_at FROM entity_jsonb
    WHERE hot_attrs <> '{}';
CREATE INDEX ON reference_jsonb USING gin (hot_attrs);
ANALYZE reference_jsonb;
)";

constexpr std::string_view kHistory = R"(
INSERT INTO attributes (attribute_name, data_type, type)
    SELECT 'curve_' || i, 'decimal', 'double' FROM generate_series(0, 9) i;
INSERT INTO tenant_attributes (tenant_id, attribute_id, type, in_use)
    SELECT 2, attribute_id, 'double', true FROM attributes WHERE attribute_name LIKE 'curve\_%';
INSERT INTO shapes (attrs) SELECT array_agg(attribute_id::int ORDER BY attribute_id)
    FROM attributes WHERE attribute_name LIKE 'curve\_%';
INSERT INTO entities (tenant_id, entity_type, external_id)
    SELECT 2, 'device', 'h' || i FROM generate_series(0, :entities - 1) i;
INSERT INTO observations (tenant_id, entity_id, observed_at, received_at, shape_id, double_values)
    SELECT 2, e.entity_id, m, m, s.shape_id,
           ARRAY[random(), random(), random(), random(), random(), random(), random(), random(),
                 random(), random()]
    FROM generate_series(date_trunc('day', now()) - interval '1 day',
                         date_trunc('day', now()) - interval '1 minute', '1 minute') m,
         entities e, (SELECT max(shape_id) AS shape_id FROM shapes) s
    WHERE e.external_id LIKE 'h%';
UPDATE entity_jsonb SET last_day = current_date - 1 WHERE tenant_id = 2;
)";

void run(pg::Connection& database, std::string_view script, std::int64_t entities) {
    std::string sql(script);
    constexpr std::string_view kPlaceholder = ":entities";
    for (auto at = sql.find(kPlaceholder); at != std::string::npos; at = sql.find(kPlaceholder)) {
        sql.replace(at, kPlaceholder.size(), std::to_string(entities));
    }
    must(database.exec_script(sql));
}

Tenant find_tenant(pg::Connection& database, const std::string& name, std::string size_name) {
    const auto rows = must(database.exec(
        "SELECT tenant_id, s.first, s.last - s.first FROM tenants JOIN share s USING (tenant_id) "
        "WHERE tenant_name = $1",
        pg::Params{}.add(name)));
    return {rows.int8(0, 0), name, std::move(size_name), rows.int8(0, 2), rows.int8(0, 1)};
}

}  // namespace

Population populate(pg::Connection& database, std::int64_t entities, Reported reported) {
    std::string script(kPopulate);
    constexpr std::string_view kToday = ":today";
    script.replace(script.find(kToday), kToday.size(),
                   reported == Reported::today ? "true" : "false");
    run(database, script, entities);
    // Behind the commit, so that autovacuum has nothing left to do.
    must(database.exec_script("VACUUM (ANALYZE, FREEZE) entity_jsonb"));
    must(database.exec_script("VACUUM (ANALYZE, FREEZE) entities"));
    return {entities, find_tenant(database, "population-0", "7k"),
            find_tenant(database, "population-1", "130k")};
}

void build_reference(pg::Connection& database) {
    run(database, kReference, 0);
    must(database.exec_script("VACUUM (FREEZE) reference_jsonb"));
}

History populate_history(pg::Connection& database, std::int64_t points) {
    constexpr std::int64_t kPointsPerEntity = 1440 * 10;
    History history;
    history.entities = std::max<std::int64_t>(points / kPointsPerEntity, 1);
    history.points = history.entities * kPointsPerEntity;
    run(database, kHistory, history.entities);
    must(database.exec_script("VACUUM (ANALYZE, FREEZE) observations"));
    for (int i = 0; i < 10; ++i) {
        history.attributes += (i > 0 ? ",curve_" : "curve_") + std::to_string(i);
    }
    history.to_ms = must(database.exec("SELECT (extract(epoch FROM date_trunc('day', now())) * "
                                       "1000)::bigint"))
                        .int8(0, 0);
    history.from_ms = history.to_ms - std::int64_t{86'400'000};
    return history;
}

std::int64_t unix_ms_hours_ago(int hours) {
    const auto then = std::chrono::system_clock::now() - std::chrono::hours{hours};
    return std::chrono::duration_cast<std::chrono::milliseconds>(then.time_since_epoch()).count();
}

}  // namespace atlas::bench
