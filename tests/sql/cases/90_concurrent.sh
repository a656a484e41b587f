# SPDX-License-Identifier: Apache-2.0
#
# Goal: when many sessions stage, flush and insert into the view at once, on days without a
# partition, nothing is lost or duplicated, no session deadlocks, both flushers do their part one
# after the other, and history agrees with the state.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }

writer() {  # NUMBER: stages 20 statements of 200 points over 5 days, at instants of its own
    local i
    for i in $(seq 20); do
        echo "INSERT INTO entity_values_ingest
                  (entity_id, tenant_id, attribute_id, value, ingested_at)
              SELECT 1 + g % 100, 10, 7, 'w$1-$i-' || g / 100,
                     '2026-07-01 00:00:00+00'::timestamptz + $i % 5 * interval '1 day'
                     + $1 * interval '1 hour' + $i * interval '1 minute' + g * interval '1 ms'
              FROM generate_series(1, 200) g;"
    done | run -f -
}
inserter() {  # NUMBER: writes through the view, a shard at a time
    local i
    for i in $(seq 15); do
        echo "INSERT INTO entity_values_ts
                  (entity_id, tenant_id, attribute_id, value_double, ingested_at)
              SELECT g, 10, 3, $i, '2026-06-01 00:00:00+00'::timestamptz
                     + $i * interval '1 day' + $1 * interval '1 hour'
              FROM generate_series(1, 100) g;"
    done | run -f -
}
flusher() {
    for _ in $(seq 25); do echo "SELECT stage_flush(700);"; done | run -At -f - >>"$SERVER/flushed"
}

: >"$SERVER/flushed"
pids=()
for n in 1 2 3; do
    writer $n & pids+=($!)
    inserter $n & pids+=($!)
done
flusher & pids+=($!)
flusher & pids+=($!)
for pid in "${pids[@]}"; do wait "$pid"; done
run -At -c "SELECT stage_flush(1000000)" >>"$SERVER/flushed"

flushed=$(awk '{s += $1} END {print s}' "$SERVER/flushed")
[ "$flushed" = 12000 ] || { echo "flushed $flushed rows, not 12000"; exit 1; }
run -c "
SELECT t.equal((SELECT count(*) FROM entity_values_rejected)::text, '0', 'rejected');
SELECT t.equal((SELECT count(*) FROM entity_values_ts WHERE attribute_id = 7)::text, '12000',
               'staged');
SELECT t.equal((SELECT count(*) FROM entity_values_ts WHERE attribute_id = 3)::text, '4500',
               'inserted');
SELECT t.equal((SELECT count(*) FROM entity_jsonb j WHERE tenant_id = 10 AND hot_attrs <> (
        SELECT coalesce(jsonb_object_agg(v.attribute_name, v.j), '{}')
        FROM (SELECT DISTINCT ON (attribute_id) attribute_name,
                     coalesce(to_jsonb(value_double), to_jsonb(value)) AS j
              FROM entity_values_ts JOIN attributes USING (attribute_id)
              WHERE tenant_id = 10 AND entity_id = j.entity_id
              ORDER BY attribute_id, ingested_at DESC) v))::text, '0',
    'state differs from history');
"
