#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Backs up a running Atlas with pg_dump, restores the dump into a fresh database, and serves that.
#
#     examples/backup.sh atlas.dump     (Ctrl-C ends the second server; the first one continues)
#
# SOURCE is the connection string of the database, by default the one of `atlas up`. TARGET is that
# of an empty database on any PostgreSQL 15 or later. By default one is created beside the source.
# On that disk it takes as much space as the source, until this script ends and drops it.
set -eu
dump=${1:?usage: backup.sh FILE}
atlas=${ATLAS_BIN:-atlas}
source=${SOURCE:-$("$atlas" dsn)}

# Writes continue meanwhile; the dump is the state of one instant. This format is compressed.
pg_dump --format=custom --file="$dump" --dbname="$source"

# A backup that was never restored is a hope.
if [ -z "${TARGET:-}" ]; then
    copy=atlas_restored_$$
    superuser="$source user=postgres dbname=postgres"
    psql -Xq "$superuser" -c "CREATE DATABASE $copy OWNER atlas"
    trap 'psql -Xq "$superuser" -c "DROP DATABASE $copy WITH (FORCE)"' EXIT
    trap 'exit 1' INT TERM
    echo "restoring into the database $copy, which is dropped at the end" >&2
    TARGET="$source dbname=$copy"
fi
# Statistics of statements are the server's own, and only a superuser installs them.
pg_restore --list "$dump" | grep -v 'EXTENSION.* pg_stat_statements' |
    pg_restore --exit-on-error --use-list=/dev/stdin --dbname="$TARGET" "$dump"

# Exits 0 when this program can serve the database as it is; `atlas migrate up` brings it there.
"$atlas" migrate status --database "$TARGET"
"$atlas" serve --database "$TARGET" --listen "${LISTEN:-127.0.0.1:8471}" --auth off &
server=$!
trap 'kill "$server"' INT TERM
status=0
wait "$server" || status=$?
# A signal ends the first wait, and then the server.
[ "$status" -le 128 ] || { status=0 && wait "$server" || status=$?; }
exit "$status"
