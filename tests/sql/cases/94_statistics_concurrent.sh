# SPDX-License-Identifier: Apache-2.0
#
# Goal: a day that a transaction writes to while it is counted is counted again: when the day was
# over already, and when the transaction began before its end (so that it reported nothing).
# Nothing waits for anything.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }
wait_for() { until [ "$($PSQL -At -d atlas_case -c "$1")" = t ]; do :; done; }
values() {
    run -c "SET statement_timeout = '30s'" \
        -c "REFRESH MATERIALIZED VIEW mv_entity_attribute_stats" >/dev/null
    run -At -c "SELECT coalesce(sum(total_values), 0) FROM mv_entity_attribute_stats"
}
expect() {  # WHAT EXPECTED
    local got
    got=$(values)
    [ "$got" = "$2" ] || { echo "$1: $got values, not $2"; exit 1; }
}
# Runs statements in a transaction that stays open until fd 7 is closed.
open_transaction() {  # STATEMENTS
    rm -f "$SERVER/writer"
    mkfifo "$SERVER/writer"
    PGAPPNAME=writer run <"$SERVER/writer" >/dev/null &
    writer=$!
    exec 7>"$SERVER/writer"
    echo "BEGIN; $1; SELECT 'written';" >&7
    wait_for "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'writer'
              AND state = 'idle in transaction' AND query LIKE '%written%'"
}
commit() {
    echo "COMMIT;" >&7
    exec 7>&-
    wait "$writer"
}

put="INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) VALUES"
run -c "$put (1, 10, 7, 'x', '2026-07-01 00:00+00')"
expect "one value" 1

open_transaction "$put (2, 10, 7, 'x', '2026-07-01 00:00+00')"
expect "while it is written" 1
commit
expect "after the commit" 2

# A transaction that wrote when the day was not over holds the day's lock, and reports nothing.
day=$(run -At -c "SELECT date '2026-07-01' - date '1970-01-01'")
open_transaction "SELECT pg_advisory_xact_lock_shared(1635019892, $day);
    INSERT INTO observations SELECT 10, 3, '2026-07-01 00:00+00', now(), NULL, '{7}', NULL, NULL,
        NULL, ARRAY['x']"
run -c "DELETE FROM counted_days"
expect "while it is open" 2
[ "$(run -At -c "SELECT days FROM atlas_uncounted_days()")" = "{2026-07-01}" ]
commit
expect "after its end" 3
[ -z "$(run -At -c "SELECT days FROM atlas_uncounted_days()")" ]

# That is the lock which writers of today take.
open_transaction "$put (4, 10, 7, 'x', now())"
run -c "SELECT t.equal((SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
            AND classid = 1635019892 AND mode = 'ShareLock')::text, '1', 'the lock of today')"
commit
