#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# DuckDB 1.5.5 (PyPI, duckdb 1.5.5)
#
# Guess      A condition on CAST(column AS TIMESTAMPTZ) prunes by the column's range in each row
#            group, as one on the column does: the cast of a TIMESTAMP_MS keeps the order.
# Behaviour  It is pushed into the scan, but evaluated for every row. The cast itself is slow, too:
#            it asks the calendar for the zone, also where that is UTC. make_timestamptz() of
#            microseconds does not.
# Output     rows read for the last of 4,000,000: column 37120, cast 4000000
#            the cast takes more than 10 times as long as make_timestamptz(): True
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5
cat >"$folder/prune.py" <<'PY'
import json, time, duckdb
con = duckdb.connect()
con.execute("SET threads = 1; SET timezone = 'UTC'")
con.execute("CREATE TABLE t AS SELECT make_timestamp_ms(i) AS ms, make_timestamptz(i * 1000) AS us "
            "FROM range(4000000) r(i)")
def scanned(condition):
    plan = con.execute("EXPLAIN (ANALYZE, FORMAT json) SELECT count(*) FROM t WHERE "
                       + condition).fetchone()[1]
    def find(node):
        found = [node["operator_rows_scanned"]] if node.get("operator_rows_scanned") else []
        return found + [n for child in node.get("children", []) for n in find(child)]
    return max(find(json.loads(plan)))
last = "TIMESTAMPTZ '1970-01-01 01:06:39.999+00'"
print("rows read for the last of 4,000,000: column",
      scanned("us >= " + last), "cast", scanned("CAST(ms AS TIMESTAMPTZ) >= " + last))
def seconds(expression):
    begin = time.process_time()
    con.execute(f"SELECT CAST(max({expression}) AS VARCHAR) FROM range(4000000) r(i)").fetchall()
    return time.process_time() - begin
print("the cast takes more than 10 times as long as make_timestamptz():",
      seconds("CAST(make_timestamp(i) AS TIMESTAMPTZ)")
      > 10 * seconds("make_timestamptz(i)"))
PY
"$folder/venv/bin/python" "$folder/prune.py"
