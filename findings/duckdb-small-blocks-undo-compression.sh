#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# DuckDB 1.5.5 (PyPI, duckdb 1.5.5)
#
# Guess      Smaller blocks (BLOCK_SIZE) waste less room at the ends of compressed segments.
# Behaviour  They undo compression: the same integers of 15 bits, and doubles with two digits, take
#            their full eight bytes with blocks of 16 KB, and the doubles also with 64 KB.
# Output     262144: 2.3 and 2.3 bytes per row
#            65536: 2.2 and 8.1 bytes per row
#            16384: 8.1 and 8.1 bytes per row
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5
cat >"$folder/size.py" <<'PY'
import sys, duckdb
ROWS = 1228800
def size(block, expression):
    con = duckdb.connect()
    con.execute(f"ATTACH '{sys.argv[1]}/{block}-{len(expression)}' AS w (BLOCK_SIZE {block})")
    con.execute(f"CREATE TABLE w.t AS SELECT {expression} AS v FROM range({ROWS}) r(i)")
    con.execute("CHECKPOINT w")
    used = con.execute("SELECT block_size * used_blocks FROM pragma_database_size() "
                       "WHERE database_name = 'w'").fetchone()[0]
    return used / ROWS
for block in (262144, 65536, 16384):
    print(f"{block}: {size(block, '(hash(i) % 20000)::BIGINT'):.1f} and "
          f"{size(block, 'round((hash(i) % 20000) / 100.0, 2)'):.1f} bytes per row")
PY
"$folder/venv/bin/python" "$folder/size.py" "$folder"
