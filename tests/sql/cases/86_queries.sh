# SPDX-License-Identifier: Apache-2.0
#
# Goal: every statement of sql/queries fits the schema and the gateway's rights.
# Method: prepare and execute it with NULL for every parameter, in a transaction that is rolled
# back; a statement that cannot be prepared (CREATE) is executed as is. An error of a constraint or
# a cast is fine; any other error means that the query cannot work.
set -euo pipefail
failures=0
while read -r file; do
    parameters=$(grep -v '^--' "$file" | grep -o '\$[0-9]\+' | tr -d '$' | sort -n |
        tail -1 || true)
    nulls=$(for _ in $(seq "${parameters:-0}"); do printf 'NULL,'; done)
    {
        # What the caller provides: a table of its session, bounds as literals.
        echo "SET ROLE atlas_gateway; BEGIN;"
        echo "CREATE TEMP TABLE merged_observations (LIKE public.observations);"
        statement=$(grep -v '^--' "$file")
        case $statement in
        CREATE*) printf '%s;\n' "$statement" ;;
        *)
            printf 'PREPARE q AS\n%s;\n' "$statement"
            if [ -n "$nulls" ]; then echo "EXECUTE q(${nulls%,});"; else echo "EXECUTE q;"; fi
            ;;
        esac
        echo "ROLLBACK;"
    } >"$SERVER/query.sql"
    if ! $PSQL -U atlas_owner -d atlas_case -o /dev/null -v from="'-infinity'" -v to="'infinity'" \
        -f "$SERVER/query.sql" 2>"$SERVER/query.err" &&
        ! grep -q 'ERROR:  2[23][0-9A-Z]\{3\}:' "$SERVER/query.err"; then
        echo "$file"
        cat "$SERVER/query.err"
        failures=$((failures + 1))
    fi
done < <(find "$ROOT/sql/queries" -name '*.sql' | sort)
[ "$failures" -eq 0 ]
