#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL 15.18 and 15.20 (Debian 12: postgresql-15, libpq5, postgresql-15-wal2json 2.5)
#
# Guess      A minor update keeps what a superuser could do: any installed output plugin makes a
#            slot, and a column's type can be changed whatever functions take the table's row.
# Behaviour  15.20 has the setting output_plugin_libraries, "pgoutput, test_decoding", and refuses
#            wal2json, also to a superuser. It also refuses ALTER COLUMN … TYPE on a table whose row
#            type a function with a parsed body reads; with the body as a string both are silent. An
#            upgrade script that passed on 15.18 stops, and so does a consumer that makes its slot.
# Output     15.18: slot made
#                   type changed, type changed
#            15.20: library "wal2json" may not be used as an output plugin
#                   cannot alter table "t" because function g(t) uses its row type, type changed
set -euo pipefail
folder=$(mktemp -d)
libraries=/files/usr/lib/$(uname -m)-linux-gnu
programs=/files/usr/lib/postgresql/15/bin
chmod 755 "$folder"
as_nobody() {
    setpriv --reuid=nobody --regid=nogroup --clear-groups \
        env LD_LIBRARY_PATH="$folder/$version$libraries" "$@"
}
stop() {
    for version in 15.18 15.20; do
        as_nobody "$folder/$version$programs/pg_ctl" -D "$folder/$version/data" -m immediate stop \
            >/dev/null 2>&1 || true
    done
    rm -rf "$folder"
}
trap stop EXIT
# The statement's error, or the second argument.
ask() {
    local said
    said=$(as_nobody "$folder/$version$programs/psql" -XAtq -h "$folder/$version" -U postgres \
        -d postgres -c "$1" 2>&1 >/dev/null) || { sed -n 's/^ERROR:  //p' <<<"$said" && return; }
    echo "$2"
}
for version in 15.18 15.20; do
    mkdir -p "$folder/$version" && cd "$folder/$version"
    for package in "postgresql-15=$version-0+deb12u1" "libpq5=$version-0+deb12u1" \
        "postgresql-client-15=$version-0+deb12u1" postgresql-15-wal2json=2.5-1+b1; do
        apt-get download -qq -o APT::Sandbox::User=root "$package"
    done
    for file in ./*.deb; do dpkg -x "$file" files; done
    chown nobody .
    as_nobody "$folder/$version$programs/initdb" -D data -U postgres -A trust >/dev/null
    as_nobody "$folder/$version$programs/pg_ctl" -D data -w -l log start >/dev/null \
        -o "-c wal_level=logical -c listen_addresses= -k $PWD"
    slot=$(ask "SELECT pg_create_logical_replication_slot('a', 'wal2json')" "slot made")
    ask "CREATE TABLE t (a int); CREATE FUNCTION g(x t) RETURNS t BEGIN ATOMIC SELECT x; END" made \
        >/dev/null
    parsed=$(ask "ALTER TABLE t ALTER a TYPE bigint" "type changed")
    ask "CREATE TABLE u (a int); CREATE FUNCTION h(x u) RETURNS u LANGUAGE sql AS 'SELECT x'" made \
        >/dev/null
    text=$(ask "ALTER TABLE u ALTER a TYPE bigint" "type changed")
    printf '%s: %s\n       %s, %s\n' "$version" "$slot" "$parsed" "$text"
done | tee "$folder/out"
diff "$folder/out" - <<'OUT'
15.18: slot made
       type changed, type changed
15.20: library "wal2json" may not be used as an output plugin
       cannot alter table "t" because function g(t) uses its row type, type changed
OUT
