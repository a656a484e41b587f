# SPDX-License-Identifier: Apache-2.0
#
# Goal: when two sessions choose ids at the same time, the one with the smaller ids does not set the
# sequence back, and neither waits for the other's transaction.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }
state=$SERVER/own_ids

# Holds the lock of the sequence until both sessions have read the sequence.
mkfifo "$state.in"
run -At <"$state.in" >"$state.out" 2>&1 &
holder=$!
exec 9>"$state.in"
echo "BEGIN; SELECT 'held' FROM pg_advisory_xact_lock(1635019891, 1003);" >&9
until grep -q held "$state.out"; do :; done

waiting() { run -At -c "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
                        AND objid = 1003 AND NOT granted"; }
pids=()
for id in 90000000 20000000; do
    run -c "INSERT INTO entities (entity_id, tenant_id) VALUES ($id, 10)" 9>&- & pids+=($!)
    until [ "$(waiting)" = ${#pids[@]} ] || ! kill -0 "${pids[-1]}" 2>/dev/null; do :; done
done
[ "$(waiting)" = 2 ] || { echo "the sessions do not wait for the sequence"; exit 1; }
echo "COMMIT;" >&9
exec 9>&-
wait "$holder"
for pid in "${pids[@]}"; do wait "$pid"; done
run -c "SELECT t.equal((SELECT last_value FROM entity_id_seq)::text, '91000000',
                       'the larger id counts')"

# A bulk load in an open transaction blocks no other session.
mkfifo "$state.loader"
run -At <"$state.loader" >"$state.loaded" 2>&1 &
loader=$!
exec 9>"$state.loader"
echo "BEGIN; INSERT INTO entities (entity_id, tenant_id) VALUES (200000000, 10) RETURNING 'ok';" >&9
until grep -q ok "$state.loaded"; do :; done
run -c "SET lock_timeout = '10s'" \
    -c "INSERT INTO entities (entity_id, tenant_id) VALUES (300000000, 10)"
echo "ROLLBACK;" >&9
exec 9>&-
wait "$loader"
run -c "SELECT t.ok(nextval('entity_id_seq') > 300000000, 'and the sequence went on')"
