# SPDX-License-Identifier: Apache-2.0
#
# Goal: what a gateway reads of an entity's history it reads through the key, also where a partition
# was analyzed when it held the rows of one entity. (The planner took the index on tenant and time
# to be as good, and read all of the tenant's rows for each of its entities.)
# Method: the plans of the statements, with a writer's settings.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }
run <<'SQL'
SELECT atlas_ensure_partitions('{2026-11-03}');
ALTER TABLE observations_p20261103 SET (autovacuum_enabled = off);
CREATE FUNCTION fill(first bigint, last bigint) RETURNS void LANGUAGE sql AS $$
    INSERT INTO observations
        SELECT 10, e, '2026-11-03 00:00+00'::timestamptz + m * interval '1 second', now(), NULL,
               '{3}', NULL, ARRAY[m], NULL, NULL
        FROM generate_series(1, 500) m, generate_series(first, last) e;
$$;
SELECT fill(1, 1);
ANALYZE observations_p20261103;
SELECT fill(2, 40);
SQL
body() { grep -v '^--' "$ROOT/sql/queries/$1.sql"; }
plan_of() {  # NAME PARAMETERS SETTINGS
    run -At -v from="$from" -v to="$to" <<SQL
$(body "$3");
SET plan_cache_mode = force_custom_plan;
CREATE TEMP TABLE merged_observations AS SELECT * FROM observations WHERE entity_id = 5 LIMIT 9;
PREPARE q AS $(body "$1");
EXPLAIN (COSTS OFF) EXECUTE q ($2);
SQL
}
ids="ARRAY[10, 10], ARRAY[5, 6]"
from="'2026-11-03 00:00+00'"
to="'2026-11-04 00:00+00'"
through_key() {  # NAME PARAMETERS [SETTINGS]
    plan_of "$1" "$2" "${3:-ingest/writer_settings}" >"$SERVER/plan"
    grep -Eq 'using observations_p2026110[34]_pkey' "$SERVER/plan" &&
        ! grep -q 'tenant_id_observed_at_idx' "$SERVER/plan" ||
        { echo "$1:"; cat "$SERVER/plan"; exit 1; }
}
through_key ingest/read_newest "$ids, $from, $to"
through_key ingest/find_later "$ids, ARRAY[7, 7], ARRAY[$from, $from]::timestamptz[], $from, $to"
through_key ingest/read_existing "$ids, ARRAY[$from, $from]::timestamptz[], $from, $to"
through_key ingest/update_merged "$from, $to"
# Planned once a day, perhaps while the partition is empty.
through_key read/entity_get "10, 'e5'" read/settings
run -c "SELECT atlas_ensure_partitions('{2026-11-04}')" -o /dev/null
from=$to
to="'2026-11-05 00:00+00'"
through_key read/entity_get "10, 'e5'" read/settings

# Functions that look for the history of entities that have none, which fetch nothing of others.
run <<'SQL'
INSERT INTO entities (entity_id, tenant_id, external_id)
    SELECT e, 10, 'new' || e FROM generate_series(7001, 7020) e;
ALTER TABLE entity_jsonb DISABLE TRIGGER entity_jsonb_deleted;
DELETE FROM entity_jsonb WHERE entity_id BETWEEN 7001 AND 7010;
SQL
for statement in "SELECT atlas_restore_states(array_agg(10::bigint), array_agg(e::bigint)) \
                      FROM generate_series(7001, 7010) e" \
    "DELETE FROM entities WHERE entity_id BETWEEN 7011 AND 7020" \
    "DO \$\$ BEGIN PERFORM upsert_hot_attrs(10, 7777, '{}');
         EXCEPTION WHEN invalid_parameter_value THEN NULL; END \$\$"; do
    fetched=$(run -At -c "BEGIN" -c "$statement" -c "SELECT sum(idx_tup_fetch)
        FROM pg_stat_xact_user_tables WHERE relname LIKE 'observations_p%'" | tail -n 1)
    [ "$fetched" -lt 100 ] || { echo "$statement: $fetched rows"; exit 1; }
done
