# SPDX-License-Identifier: Apache-2.0
#
# Goal: every query of sql/ops runs in psql unchanged, as a reader with pg_monitor, on a store with
# data; hot_state_check finds a planted difference and nothing else.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }
run -o /dev/null <<'SQL'
SELECT atlas_heartbeat();
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value_int, ingested_at)
    SELECT g, 10, 9, g, now() - interval '1 day' * d
    FROM generate_series(1, 100) g, generate_series(0, 3) d;
INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value) VALUES
    (1, 10, 7, 'on'), (1, 10, 2, 'true'), (1, 10, 6, '{"a": 1}'), (1, 10, 3, '0.10'),
    (1, 10, 4, '7.50');
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
    VALUES (999, 10, 7, 'x');
SELECT stage_flush();
INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value)
    VALUES (2, 10, 7, 'waiting');
SELECT atlas_collect_attribute_stats((now() AT TIME ZONE 'UTC')::date - 1);
SQL
$PSQL -c "DROP ROLE IF EXISTS atlas_watcher" -c "CREATE ROLE atlas_watcher LOGIN" \
    -c "GRANT atlas_reader, pg_monitor TO atlas_watcher"
count=0
for file in "$ROOT"/sql/ops/*.sql; do
    echo "$(basename "$file")"
    $PSQL -U atlas_watcher -d atlas_case -v retain='1 day' -f "$file" >"$SERVER/ops.out"
    grep -q '^(.* row' "$SERVER/ops.out"
    grep -q -- '^-- Result' "$file"
    count=$((count + 1))
done
[ "$count" -ge 15 ]
rows() { $PSQL -U atlas_watcher -d atlas_case -At -f "$ROOT/sql/ops/$1.sql"; }
[ "$(rows staging_backlog | cut -d'|' -f1,2)" = "1|t" ]
rows rejected_rows | grep -q '^unknown_entity|1|1|'
[ -z "$(rows hot_state_check)" ] || { rows hot_state_check; exit 1; }
run -c "UPDATE entity_jsonb SET hot_attrs = hot_attrs || '{\"level\": 0.2}' WHERE entity_id = 1"
[ "$(rows hot_state_check)" = '10|1|level|0.2|0.1' ] || { rows hot_state_check; exit 1; }
