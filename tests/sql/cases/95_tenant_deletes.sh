# SPDX-License-Identifier: Apache-2.0
#
# Goal: no entity without its tenant, whichever of two transactions comes first: the one that
# registers an entity, by SQL or as gateways do, or the one that deletes the tenant.
# Method: the first waits in its transaction until it blocks the second, then commits.
set -euo pipefail
run() { $PSQL -U atlas_owner -d atlas_case "$@"; }

until_blocking="DO \$\$ BEGIN
    WHILE NOT EXISTS (SELECT FROM pg_stat_activity
                      WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))) LOOP
        PERFORM pg_stat_clear_snapshot();
    END LOOP;
END \$\$"
holds_lock="SELECT count(*) FROM pg_stat_activity
    WHERE query LIKE 'DO%pg_blocking_pids%' AND state = 'active' AND pid <> pg_backend_pid()"

race() {  # FIRST SECOND: SECOND is refused
    run -c "INSERT INTO tenants (tenant_id, tenant_name) VALUES (77, 'raced')"
    run -c "SET statement_timeout = '20s'" -c BEGIN -c "$1" -c "$until_blocking" -c COMMIT &
    local first=$! refusal
    for _ in $(seq 2000); do [ "$(run -At -c "$holds_lock")" = 0 ] || break; done
    if refusal=$(run -c "$2" 2>&1); then
        echo "not refused: $2"
        exit 1
    fi
    wait "$first"
    case $refusal in
    *23503*entities_tenant_id_fkey*) ;;
    *) echo "$refusal"; exit 1 ;;
    esac
    run -c "SELECT t.equal((SELECT count(*) FROM entities e WHERE NOT EXISTS (
                SELECT FROM tenants t WHERE t.tenant_id = e.tenant_id))::text, '0', 'orphans')" \
        -c "DELETE FROM entities WHERE tenant_id = 77" -c "DELETE FROM tenants WHERE tenant_id = 77"
}

insert="INSERT INTO entities (tenant_id, external_id) VALUES (77, 'x')"
delete="DELETE FROM tenants WHERE tenant_id = 77"
gateway="DO \$\$ BEGIN
    PERFORM set_config('atlas.state_rows', 'later', true);
    $(sed 's/^SELECT/PERFORM/; s/\$1/77/' sql/queries/ingest/read_entity_limit.sql);
    $insert;
END \$\$"
race "$insert" "$delete"
race "$gateway" "$delete"
race "$delete" "$insert"
