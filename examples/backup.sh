#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Backs up a running Atlas with pg_dump, restores the dump into a fresh database, and serves that.
#
#     examples/backup.sh atlas.dump     (Ctrl-C ends the second server; the first one goes on)
#
# SOURCE is the connection string of the database, by default the one of `atlas up`. TARGET is that
# of an empty database on any PostgreSQL 15 or later; by default one is made beside the source.
set -eu
dump=${1:?usage: backup.sh FILE}
atlas=${ATLAS_BIN:-atlas}
source=${SOURCE:-$("$atlas" dsn)}

# Writes go on meanwhile; the dump is the state of one instant. This format is compressed.
pg_dump --format=custom --file="$dump" --dbname="$source"

# A backup that was never restored is a hope.
if [ -z "${TARGET:-}" ]; then
    psql -Xq "$source user=postgres dbname=postgres" -c 'CREATE DATABASE restored OWNER atlas'
    TARGET="$source dbname=restored"
fi
pg_restore --exit-on-error --dbname="$TARGET" "$dump"

# Exits 0 when this program can serve the database as it is; `atlas migrate up` brings it there.
"$atlas" migrate status --database "$TARGET"
exec "$atlas" serve --database "$TARGET" --listen "${LISTEN:-127.0.0.1:8471}" --auth off
