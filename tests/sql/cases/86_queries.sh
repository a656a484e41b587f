# SPDX-License-Identifier: Apache-2.0
#
# Goal: every statement of sql/queries fits the schema and the gateway's rights: it is prepared and
# executed with NULLs for all parameters, in a transaction that is rolled back. A statement that a
# NULL cannot pass is listed here with the refusal that it has to meet; any other error is a query
# that nobody can have run.
set -euo pipefail
declare -A refusal=(
    [tenants/create.sql]='23502: null value in column "tenant_name" of relation "tenants"'
    [tokens/create.sql]='23502: null value in column "tenant_id" of relation "api_tokens"'
)
failures=0
complain() {  # WHAT
    echo "$query: $1"
    cat "$SERVER/query.err"
    failures=$((failures + 1))
}

while read -r query; do
    file=$ROOT/sql/queries/$query
    parameters=$(grep -v '^--' "$file" | grep -o '\$[0-9]\+' | tr -d '$' | sort -n |
        tail -1 || true)
    nulls=$(for _ in $(seq "${parameters:-0}"); do printf 'NULL,'; done)
    {
        # What the caller provides: a table of its session, bounds written into the text.
        echo "SET ROLE atlas_gateway; BEGIN;"
        echo "CREATE TEMP TABLE merged_observations (LIKE public.observations);"
        echo "PREPARE q AS"
        grep -v '^--' "$file"
        echo ";"
        if [ -n "$nulls" ]; then echo "EXECUTE q(${nulls%,});"; else echo "EXECUTE q;"; fi
        echo "ROLLBACK;"
    } >"$SERVER/query.sql"
    expected=${refusal[$query]:-}
    unset "refusal[$query]"
    if $PSQL -U atlas_owner -d atlas_case -o /dev/null -v from="'-infinity'" -v to="'infinity'" \
        -f "$SERVER/query.sql" 2>"$SERVER/query.err"; then
        [ -z "$expected" ] || complain "is not refused any more; expected: $expected"
    elif [ -z "$expected" ]; then
        complain "fails"
    elif ! grep -qF "ERROR:  $expected" "$SERVER/query.err"; then
        complain "fails otherwise; expected: $expected"
    fi
done < <(cd "$ROOT/sql/queries" && find . -name '*.sql' -printf '%P\n' | sort)
for query in "${!refusal[@]}"; do
    : >"$SERVER/query.err"
    complain "is listed here, but is not in sql/queries"
done
[ "$failures" -eq 0 ]
