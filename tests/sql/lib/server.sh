# SPDX-License-Identifier: Apache-2.0
#
# A private PostgreSQL for the tests: socket only, in its own directory. If the caller is root, it
# runs as user postgres, because the server does not run as root.

find_binaries() {
    local dir
    for dir in "${PGBIN:-}" /usr/lib/postgresql/{18,17,16,15}/bin; do
        [ -x "$dir/initdb" ] && echo "$dir" && return
    done
    echo "tests/sql: no PostgreSQL 15 or later found; set PGBIN" >&2
    return 1
}

as_server_user() {
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid postgres --regid postgres --clear-groups -- "$@"
    else
        "$@"
    fi
}

server_make() {
    BIN=$(find_binaries)
    SERVER=$(mktemp -d "${TMPDIR:-/tmp}/atlas-sql.XXXXXX")
    chmod 755 "$SERVER"
    [ "$(id -u)" != 0 ] || chown postgres "$SERVER"
    as_server_user "$BIN/initdb" -D "$SERVER/data" -U postgres -A trust -k -E UTF8 \
        --locale=C.UTF-8 --no-sync >"$SERVER/initdb.log"
    # Not UTC, so that code which depends on the session's time zone fails.
    cat >>"$SERVER/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$SERVER'
wal_level = logical
max_wal_size = 4GB
shared_buffers = 128MB
fsync = off
jit = off
dynamic_shared_memory_type = mmap
max_locks_per_transaction = 1024
timezone = 'America/New_York'
track_functions = all
log_min_messages = warning
CONF
    export BIN SERVER PGHOST=$SERVER PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
    export PGOPTIONS="-c client_min_messages=warning"
    server_up
}

server_up() {
    as_server_user "$BIN/pg_ctl" -D "$SERVER/data" status >/dev/null ||
        as_server_user "$BIN/pg_ctl" -D "$SERVER/data" -l "$SERVER/server.log" -w start >/dev/null
}

server_remove() {
    as_server_user "$BIN/pg_ctl" -D "$SERVER/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$SERVER"
}

# The schema as an ordinary owner creates it, with the helpers of the cases.
make_template() {
    local file
    $PSQL -c "CREATE ROLE atlas_owner LOGIN CREATEROLE" -c "GRANT pg_monitor TO atlas_owner" \
        -c "CREATE DATABASE template_atlas OWNER atlas_owner"
    # Two partitions of current state are enough for the tests.
    export PGOPTIONS="$PGOPTIONS -c atlas.hot_partitions=2"
    for file in "$ROOT"/sql/migrations/*.sql "$ROOT"/sql/objects/*.sql "$ROOT"/sql/objects/*.sql; do
        $PSQL -U atlas_owner -d template_atlas -1 -f "$file" || return 1
    done
    $PSQL -c "GRANT atlas_gateway, atlas_reader TO atlas_owner"
    $PSQL -U atlas_owner -d template_atlas -f "$ROOT/tests/sql/lib/checks.sql"
}

make_database() {  # NAME
    $PSQL -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" \
        -c "CREATE DATABASE $1 TEMPLATE template_atlas OWNER atlas_owner"
}

# Records which functions a case called. The statistics of a session arrive when it ends.
keep_function_calls() {  # DATABASE
    $PSQL -At -d "$1" -c "SELECT funcname FROM pg_stat_user_functions" >>"$SERVER/called" \
        2>/dev/null || true
}

# The planner inlines SQL functions without SET clauses, and they are not counted: they are left
# out.
check_coverage() {
    make_database atlas_case
    $PSQL -At -d atlas_case -c "
        SELECT p.proname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
        WHERE p.pronamespace = 'public'::regnamespace AND l.lanname IN ('sql', 'plpgsql')
          AND (p.proconfig IS NOT NULL OR l.lanname = 'plpgsql')" | sort -u >"$SERVER/functions"
    [ -s "$SERVER/functions" ]
    sort -u "$SERVER/called" | comm -23 "$SERVER/functions" - >"$SERVER/uncalled"
    if [ -s "$SERVER/uncalled" ]; then
        echo "no case calls:"
        cat "$SERVER/uncalled"
        return 1
    fi
}
