# SPDX-License-Identifier: Apache-2.0
#
# Goal: after kill -9 of a flushing backend or an immediate stop of the server, every row is either
# packed or not: history and state agree, nothing is duplicated, and earlier flushes survive. Staged
# rows are lost in a crash of the server, because staging is unlogged.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }

stage() {  # ROUND
    run -c "INSERT INTO entity_values_ingest
                (entity_id, tenant_id, attribute_id, value, ingested_at)
            SELECT 1 + g % 100, 10, 7, 'r$1-' || g, '2026-11-01 00:00:00+00'::timestamptz
                   + $1 * interval '1 hour' + g * interval '1 millisecond'
            FROM generate_series(1, 30000) g"
}
wait_for() { until [ "$($PSQL -At -d atlas_case -c "$1" 2>/dev/null)" = t ]; do :; done; }

# Ends a flush in the middle: it has written history and waits for a row of current state that
# another session has locked.
flush_and() {  # COMMAND: gets the backend's pid
    rm -f "$SERVER/holder"
    mkfifo "$SERVER/holder"
    run <"$SERVER/holder" >/dev/null 2>&1 &
    local holder=$! client pid
    exec 7>"$SERVER/holder"
    echo "SET application_name = 'holder'; BEGIN;
          SELECT FROM entity_jsonb WHERE tenant_id = 10 AND entity_id = 50 FOR UPDATE;" >&7
    wait_for "SELECT count(*) = 1 FROM pg_stat_activity
              WHERE application_name = 'holder' AND state = 'idle in transaction'"
    PGAPPNAME=flusher run -c "SELECT stage_flush()" >/dev/null 2>&1 &
    client=$!
    wait_for "SELECT count(*) = 1 FROM pg_stat_activity
              WHERE application_name = 'flusher' AND wait_event_type = 'Lock'
                AND wait_event IN ('transactionid', 'tuple')"
    pid=$($PSQL -At -c "SELECT pid FROM pg_stat_activity WHERE application_name = 'flusher'")
    "$@" "$pid"
    wait "$client" && return 1
    exec 7>&-
    wait "$holder" || true
}
pg_terminate() { $PSQL -c "SELECT pg_terminate_backend($1)" >/dev/null; }
kill_9() { kill -9 "$1"; }
server_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --clear-groups -- "$@"
    else
        "$@"
    fi
}
stop_server() { server_user "$BIN/pg_ctl" -D "$SERVER/data" -m immediate -w stop >/dev/null; }
server_start() {
    server_user "$BIN/pg_ctl" -D "$SERVER/data" -l "$SERVER/server.log" -w start >/dev/null
}
agree() {  # WHAT EXPECTED_POINTS
    run -c "
    SELECT t.equal((SELECT count(*) FROM entity_values_ts)::text, '$2', '$1: points');
    SELECT t.equal((SELECT count(*) FROM entity_jsonb j WHERE tenant_id = 10
        AND hot_attrs ->> 'status' IS DISTINCT FROM (
            SELECT value FROM entity_values_ts v
            WHERE v.tenant_id = 10 AND v.entity_id = j.entity_id
            ORDER BY ingested_at DESC LIMIT 1))::text, '0', '$1: state differs');"
}
crashed() { wait_for "SELECT true"; }

stage 1
run -c "SELECT stage_flush()"
agree "before" 30000

# A terminated backend rolls back; the next flush takes its rows.
stage 2
flush_and pg_terminate
agree "after pg_terminate_backend" 30000
run -c "SELECT t.equal(stage_flush()::text, '30000', 'flushed again')"
agree "after the next flush" 60000

# kill -9 of a backend makes the server restart all backends and empty unlogged tables.
stage 3
flush_and kill_9
crashed
agree "after kill -9" 60000
run -c "SELECT t.equal(stage_flush()::text, '0', 'staging is empty after a crash')"

stage 4
flush_and stop_server
server_start
agree "after an immediate stop" 60000
stage 5
run -c "SELECT t.equal(stage_flush()::text, '30000', 'and it goes on')"
agree "at the end" 90000
