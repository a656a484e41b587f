#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Imports a CSV file. `atlas ingest` remembers how far it came, so an interrupted import is simply
# started again; what is refused lands in a file of its own, with the reason.
#
# readings.csv has one mistake on purpose: line 7 says "broken" where a temperature should be.
set -eu
cd "$(dirname "$0")"
atlas=${ATLAS_BIN:-atlas}
rejects=$(mktemp)
trap 'rm -f "$rejects"' EXIT

# Declare what the file cannot say: units, and that `room` is for filters.
"$atlas" attributes set csv_temperature --type double --unit celsius
"$atlas" attributes set csv_humidity --type double --unit percent

# The exit code is 1 because one value is refused; everything else is in.
"$atlas" ingest readings.csv --entity sensor --time ts --type csv_sensor \
    --map temperature=csv_temperature --map humidity=csv_humidity --map room=csv_room \
    --rejects "$rejects" --restart || [ $? -eq 1 ]

echo "# refused:"
cat "$rejects"

echo "# in the lab:"
"$atlas" query 'type = "csv_sensor" AND csv_room = "lab"' --order-by entity

echo "# history of one sensor:"
"$atlas" series hall-1 csv_temperature --from 2025-06-02T00:00:00Z --to 2025-06-03T00:00:00Z
