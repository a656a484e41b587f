# SPDX-License-Identifier: Apache-2.0
#
# Goal: every statement of sql/queries fits the schema and the rights of the role that runs it: a
# gateway's, or the role that its header names.
# Method: prepare and execute it with NULL for every parameter, in a transaction that is rolled
# back; a statement that cannot be prepared is executed as it is. An error of a constraint or a
# cast is fine, and so is one of a statement that must not run in a transaction; any other error
# means that the query cannot work.
set -euo pipefail
failures=0

# The role that the header of a file names.
role_of() {
    sed -n 's/^-- Role  *\([a-z]*\).*/\1/p' "$1"
}

body_of() {
    grep -v '^--' "$1"
}

# The statements of one try.
script_of() {
    local file=$1 parameters nulls
    if [ -z "$(role_of "$file")" ]; then echo "SET ROLE atlas_gateway;"; fi
    # What the caller provides: a table of its session, bounds as literals.
    echo "BEGIN;"
    echo "CREATE TEMP TABLE merged_observations (LIKE public.observations);"
    if body_of "$file" | head -n 1 | grep -qE '^(SELECT|INSERT|UPDATE|DELETE|WITH)\b'; then
        parameters=$(body_of "$file" | grep -o '\$[0-9]\+' | tr -d '$' | sort -n | tail -1 || true)
        nulls=$(for _ in $(seq "${parameters:-0}"); do printf 'NULL,'; done)
        echo "PREPARE q AS"
        body_of "$file"
        echo ";"
        if [ -n "$nulls" ]; then echo "EXECUTE q(${nulls%,});"; else echo "EXECUTE q;"; fi
    else
        body_of "$file"
        echo ";"
    fi
    echo "ROLLBACK;"
}

# The migrator's tables, which psql has not created here.
$PSQL -U atlas_owner -d atlas_case -f "$ROOT/sql/queries/schema/create_bookkeeping.sql"
$PSQL -U atlas_owner -d atlas_case -c \
    "GRANT SELECT ON schema_migrations, schema_objects TO atlas_gateway"

while read -r file; do
    user=atlas_owner
    if [ "$(role_of "$file")" = superuser ]; then user=postgres; fi
    script_of "$file" >"$SERVER/query.sql"
    if ! $PSQL -U "$user" -d atlas_case -o /dev/null -v from="'-infinity'" -v to="'infinity'" \
        -f "$SERVER/query.sql" 2>"$SERVER/query.err" &&
        ! grep -qE 'ERROR:  (2[23][0-9A-Z]{3}|25001):' "$SERVER/query.err"; then
        echo "$file"
        cat "$SERVER/query.err"
        failures=$((failures + 1))
    fi
done < <(find "$ROOT/sql/queries" -name '*.sql' | sort)
[ "$failures" -eq 0 ]
