# SPDX-License-Identifier: Apache-2.0
#
# Goal: sessions create partitions while others COPY into the history. The COPY transactions
# continue (neither they nor ATTACH wait), two sessions that create the same day agree, and the
# copier sees the new day in its next statement.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }
# A month with a day partition gets more of them, even when it is old.
run -c "SELECT atlas_attach_partition('observations_p20261101', '2026-11-01', '2026-11-02')"

# A session that has copied keeps its transaction open while others create partitions.
fifo=$SERVER/copier
mkfifo "$fifo"
run -At <"$fifo" >"$SERVER/copier.out" 2>&1 &
copier=$!
exec 9>"$fifo"
cat >&9 <<'SQL'
BEGIN;
COPY observations (tenant_id, entity_id, observed_at, received_at, attrs, text_values) FROM STDIN;
10	1	2026-11-01 00:00:00+00	2026-11-01 00:00:00+00	{7}	{on}
\.
SELECT 'copied';
SQL
until grep -q copied "$SERVER/copier.out"; do :; done

# With a short lock_timeout: this fails if ATTACH has to wait for the copier.
makers=()
for _ in 1 2 3 4; do
    run -c "SET lock_timeout = '10s'" \
        -c "SELECT atlas_ensure_partitions('{2026-11-02,2026-11-03,2026-11-04}')" &
    makers+=($!)
done
for pid in "${makers[@]}"; do wait "$pid"; done
run -c "INSERT INTO entity_values_ingest (entity_id, tenant_id, attribute_id, value, ingested_at)
        VALUES (2, 10, 7, 'x', '2026-11-05 00:00:00+00')" \
    -c "SET lock_timeout = '10s'" -c "SELECT stage_flush()"
cat >&9 <<'SQL'
COPY observations (tenant_id, entity_id, observed_at, received_at, attrs, text_values) FROM STDIN;
10	1	2026-11-04 00:00:00+00	2026-11-04 00:00:00+00	{7}	{off}
10	1	2026-11-05 00:00:00+00	2026-11-04 00:00:00+00	{7}	{on}
\.
COMMIT;
SQL
exec 9>&-
wait "$copier" || { cat "$SERVER/copier.out"; exit 1; }
run -c "SELECT t.equal((SELECT count(*) FROM observations)::text, '4', 'rows');
        SELECT t.equal((SELECT count(*) FROM atlas_partitions())::text, '5', 'partitions');"
