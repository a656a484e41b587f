#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# DuckDB 1.5.5 (PyPI, duckdb 1.5.5)
#
# Guess      A COMMIT that raises has rolled the transaction back.
# Behaviour  On a full disk (here: a limit on the size of files) COMMIT raises a FatalException in
#            two cases that mean the opposite. A small transaction goes to the log first; when only
#            the automatic checkpoint after it fails, the transaction is durable. A large one is
#            written by a checkpoint instead of the log; when that fails, nothing of it is there.
#            Type and cause are the same, the text alone differs. A loader that repeats a batch, or
#            goes on after it, is wrong in one of the two: it has to open the file and look.
# Output     small: FatalException, rows before 5000, after reopening 6000
#            large: FatalException, rows before 0, after reopening 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5
cat >"$folder/write.py" <<'PY'
import resource, signal, sys, duckdb
path, rows, times, limit = sys.argv[1], *map(int, sys.argv[2:])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
con = duckdb.connect(path)
con.execute("CREATE TABLE t (i BIGINT, s VARCHAR)")
con.execute("CHECKPOINT")
con.execute("SET checkpoint_threshold = '200KB'")
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for number in range(times):
    con.execute("BEGIN")
    con.execute(f"INSERT INTO t SELECT i, md5(i::VARCHAR) FROM range({rows}) r(i)")
    try:
        con.execute("COMMIT")
    except duckdb.Error as error:
        print(f"{type(error).__name__}, rows before {number * rows}", end=", ", flush=True)
        break
PY
cat >"$folder/read.py" <<'PY'
import sys, duckdb
count = duckdb.connect(sys.argv[1]).execute("SELECT count(*) FROM t").fetchone()[0]
print("after reopening", count)
PY
for case in "small 1000 400 300000" "large 20000 1 400000"; do
    read -r name rows times limit <<<"$case"
    printf '%s: ' "$name"
    "$folder/venv/bin/python" "$folder/write.py" "$folder/$name.db" "$rows" "$times" "$limit" ||
        true  # the interpreter may not like to close what is broken
    "$folder/venv/bin/python" "$folder/read.py" "$folder/$name.db"
done | tee "$folder/out"
diff "$folder/out" - <<'OUT'
small: FatalException, rows before 5000, after reopening 6000
large: FatalException, rows before 0, after reopening 0
OUT
