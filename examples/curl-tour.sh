#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Atlas with nothing but curl: write, read back, filter, history, buckets, and what an error looks
# like. Start `atlas up` first; another address goes into ATLAS_URL.
set -eu
url=${ATLAS_URL:-http://localhost:8470}

say() { printf '\n# %s\n' "$*"; }
# Without authentication any token that is not one of Atlas's is ignored.
ask() { curl -sS -H "Authorization: Bearer ${ATLAS_TOKEN:-none}" "$@"; }

say "Write. No schema is needed: the first write creates the entity, its type and its attributes."
ask --fail-with-body "$url/v1/telemetry" -H 'Content-Type: application/json' -d '[
  {"entity": "tour-pump-1", "type": "tour_pump",
   "attributes": {"tour_status": "online", "tour_pressure": 4.2}},
  {"entity": "tour-pump-2", "type": "tour_pump",
   "attributes": {"tour_status": "standby", "tour_pressure": 0.3}}]'

say "Read one back: its current state, and in _metadata how fresh that is."
ask --fail-with-body "$url/v1/entities/tour-pump-1"

say "Find entities. Strings and bools are current state by themselves; pressure has to be named."
ask --fail-with-body -G "$url/v1/entities" \
    --data-urlencode 'filter=type = "tour_pump" AND tour_status = "online"' \
    -d attributes=tour_status,tour_pressure

say "Write some history: 60 points, a minute apart, each with the instant it was observed at."
now=$(date +%s)
i=60
while [ $i -gt 0 ]; do
    at=$(((now - i * 60) * 1000)) # integers are Unix milliseconds
    attributes="{\"tour_pressure\": 4.$((i % 10))}"
    echo "{\"entity\": \"tour-pump-1\", \"at\": $at, \"attributes\": $attributes}"
    i=$((i - 1))
done | ask --fail-with-body "$url/v1/telemetry" -H 'Content-Type: application/x-ndjson' \
    --data-binary @-

say "History, raw: the last five points of the hour."
ask --fail-with-body -G "$url/v1/entities/tour-pump-1/series" -d attributes=tour_pressure \
    --data-urlencode 'order_by=time desc' -d page_size=5

say "History in buckets of 15 minutes."
ask --fail-with-body -G "$url/v1/entities/tour-pump-1/series" -d attributes=tour_pressure \
    -d step=15m -d agg=avg,max

say "Declare an attribute: unit, description, and hot, so that filters can use it."
ask --fail-with-body -X PUT "$url/v1/attributes/tour_level" \
    -H 'Content-Type: application/json' \
    -d '{"type": "double", "unit": "m", "hot": true, "description": "Level of the tank"}'

say "What is wrong with one item is said for that item; the others are stored."
ask --fail-with-body "$url/v1/telemetry" -H 'Content-Type: application/json' -d '[
  {"entity": "tour-tank-1", "type": "tour_tank", "attributes": {"tour_level": 2.5}},
  {"entity": "tour-tank-1", "type": "tour_tank", "attributes": {"tour_level": "high"}}]'

say "A filter that does not parse returns 400, and the position of the mistake."
ask -G "$url/v1/entities" --data-urlencode 'filter=tour_status = online AND'
echo
