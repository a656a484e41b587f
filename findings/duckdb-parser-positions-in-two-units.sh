#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# DuckDB 1.5.5 (PyPI, duckdb 1.5.5), extension json as built in
#
# Guess      Every position that json_serialize_sql gives counts the same unit.
# Behaviour  The position of a syntax error counts characters and is a string of digits;
#            query_location of a node counts bytes and is a number. After an umlaut they differ, so
#            a service that points at the place in the statement has to know which one it holds.
# Output     error position: '13' (characters before y: 13, bytes: 14)
#            query_location: 14 (characters before nope: 13, bytes: 14)
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.5
cat >"$folder/look.py" <<'PY'
import json, duckdb
con = duckdb.connect()


def parse(sql):
    return json.loads(con.execute("SELECT json_serialize_sql(?)", [sql]).fetchone()[0])


def location(node, name):
    if isinstance(node, dict):
        if node.get("column_names") == [name]:
            return node["query_location"]
        node = list(node.values())
    found = [location(child, name) for child in node] if isinstance(node, list) else []
    return next((place for place in found if place is not None), None)


def units(sql, word):
    before = sql[:sql.index(word)]
    return f"(characters before {word}: {len(before)}, bytes: {len(before.encode())})"


wrong, right = "SELECT 'ä' x y FRM", "SELECT 'ä' , nope"
print(f"error position: {parse(wrong)['position']!r} {units(wrong, 'y')}")
print(f"query_location: {location(parse(right), 'nope')} {units(right, 'nope')}")
PY
"$folder/venv/bin/python" "$folder/look.py" | tee "$folder/out"
diff "$folder/out" - <<'OUT'
error position: '13' (characters before y: 13, bytes: 14)
query_location: 14 (characters before nope: 13, bytes: 14)
OUT
