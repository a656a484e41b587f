// SPDX-License-Identifier: Apache-2.0
//
// What SQL can name: the relations of the analytics store, what a row of each is, and its columns.

interface Relation {
    name: string;
    row: string;
    columns: string;
}

export const kRelations: Relation[] = [
    {
        name: 'fact_telemetry',
        row: 'a data point',
        columns:
            'external_id entity_type attribute_name attribute_category observed_at received_at ' +
            'value value_number value_int value_double value_decimal value_bool value_timestamp ' +
            'value_json has_value ' +
            'ingested_at ingested_date ingested_hour day_of_week year_month ' +
            'entity_id attribute_id tenant_id tenant_name',
    },
    {
        name: 'fact_current_state',
        row: 'the current state of an entity',
        columns: 'external_id entity_type hot_attrs is_deleted entity_id tenant_id tenant_name',
    },
    {
        name: 'agg_daily_entity_stats',
        row: 'a day (UTC) of an attribute of an entity',
        columns:
            'stat_date entity_type attribute_name attribute_category value_count sum_value ' +
            'avg_value min_value max_value first_at last_at entity_id attribute_id tenant_id ' +
            'tenant_name',
    },
    {
        name: 'dim_entities',
        row: 'an entity',
        columns: 'external_id entity_type created_at is_deleted entity_id tenant_id tenant_name',
    },
    {
        name: 'dim_attributes',
        row: 'an attribute',
        columns:
            'attribute_name attribute_category type is_hot unit description created_at ' +
            'attribute_id tenant_id',
    },
    { name: 'dim_tenants', row: 'a tenant', columns: 'tenant_name is_active created_at tenant_id' },
];

export const kExample = `SELECT attribute_category, count(*) AS points
FROM fact_telemetry
GROUP BY attribute_category
ORDER BY points DESC`;
