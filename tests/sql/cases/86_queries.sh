# SPDX-License-Identifier: Apache-2.0
#
# Goal: every statement of sql/queries fits the schema and the rights of the role that runs it: a
# gateway's, or the role that its header names.
# Method: prepare and execute it with NULL for every parameter, in a transaction that is rolled
# back; a statement that cannot be prepared is executed as it is. A statement that cannot run so is
# listed with the error that it must meet; any other error means that the query cannot work.
set -euo pipefail
declare -A refusal=(
    [cluster/create_database.sql]='25001: CREATE DATABASE cannot run inside a transaction block'
    [jobs/add_throughput.sql]='23502: null value in column "source" of relation "write_throughput"'
    [stream/renew_lease.sql]='23502: null value in column "slot_name" of relation "stream_slots"'
    [schema/add_migration.sql]='23502: null value in column "version"'
    [schema/set_objects.sql]='23502: null value in column "checksum" of relation "schema_objects"'
    [tenants/create.sql]='23502: null value in column "tenant_name" of relation "tenants"'
    [tokens/create.sql]='23502: null value in column "tenant_id" of relation "api_tokens"'
)
failures=0

complain() {  # WHAT
    echo "$query: $1"
    cat "$SERVER/query.err"
    failures=$((failures + 1))
}

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
    if body_of "$file" | sed -n 1p | grep -qE '^(SELECT|INSERT|UPDATE|DELETE|WITH)\b'; then
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

while read -r query; do
    file=$ROOT/sql/queries/$query
    user=atlas_owner
    if [ "$(role_of "$file")" = superuser ]; then user=postgres; fi
    script_of "$file" >"$SERVER/query.sql"
    expected=${refusal[$query]:-}
    unset "refusal[$query]"
    if $PSQL -U "$user" -d atlas_case -o /dev/null -v from="'-infinity'" -v to="'infinity'" \
        -f "$SERVER/query.sql" 2>"$SERVER/query.err"; then
        [ -z "$expected" ] || complain "succeeds; expected: $expected"
    elif [ -z "$expected" ]; then
        complain "fails"
    elif ! grep -qF "ERROR:  $expected" "$SERVER/query.err"; then
        complain "fails with another error; expected: $expected"
    fi
done < <(cd "$ROOT/sql/queries" && find . -name '*.sql' -printf '%P\n' | sort)
for query in "${!refusal[@]}"; do
    : >"$SERVER/query.err"
    complain "is listed here, but is not in sql/queries"
done
[ "$failures" -eq 0 ]
