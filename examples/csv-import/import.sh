#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Imports a CSV file. `atlas ingest` stores its progress, so an interrupted import continues when it
# is started again; rejected records go to a file of their own, with the reason.
#
# readings.csv has one mistake on purpose: line 7 says "broken" where a temperature should be.
set -eu
cd "$(dirname "$0")"
atlas=${ATLAS_BIN:-atlas}
rejects=$(mktemp)
trap 'rm -f "$rejects"' EXIT

# Declare what the file cannot say: units. Text such as the room is filterable without that.
"$atlas" attributes set csv_temperature --type double --unit celsius
"$atlas" attributes set csv_humidity --type double --unit percent

# The exit code is 1 because one value is rejected; everything else is stored.
"$atlas" ingest readings.csv --entity sensor --time ts --type csv_sensor \
    --map temperature=csv_temperature --map humidity=csv_humidity --map room=csv_room \
    --rejects "$rejects" --restart || [ $? -eq 1 ]

echo "# rejected:"
cat "$rejects"

echo "# in the lab:"
"$atlas" query 'type = "csv_sensor" AND csv_room = "lab"' --order-by entity

echo "# history of one sensor:"
"$atlas" series csv-hall-1 csv_temperature --from 2025-06-02T00:00:00Z --to 2025-06-03T00:00:00Z
