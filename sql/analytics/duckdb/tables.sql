-- SPDX-License-Identifier: Apache-2.0
--
-- The tables of the analytics store in DuckDB. A change of them raises kTablesVersion in
-- src/analytics/duckdb/store_file.cc: a store with another version is rebuilt.
--
-- Points are narrow, one row per entity, attribute and instant, named by storage ids and stored as
-- history holds them: at most one of int_value (int; bool as 0 and 1; timestamp as Unix
-- microseconds), double_value and text_value (string and json; the digits of a decimal). None of
-- the three: from that instant on the attribute has no value.
--
--     apply() ──► recent ──► settled, sparse    compaction moves closed days, sorted by
--                    │          │               (tenant, attribute, entity, time)
--                    └────┬─────┘
--                      points ──► hourly        for the hours that open_hours does not name
--
-- Caller      src/analytics/duckdb/store_file.cc
CREATE SCHEMA store;

CREATE TABLE store.recent (
    tenant_id    BIGINT NOT NULL,
    attribute_id INTEGER NOT NULL,
    entity_id    BIGINT NOT NULL,
    day          DATE NOT NULL,  -- of observed_at, UTC: prunes
    observed_at  TIMESTAMPTZ NOT NULL,
    delay        BIGINT NOT NULL,  -- microseconds until it was received: less bits than an instant
    int_value    BIGINT,
    double_value DOUBLE,
    text_value   VARCHAR
);

-- The arrival in two parts, since most instants have no microseconds: milliseconds from that of
-- observed_at, or since 1970 if it was more than an hour away, as where history is loaded; and the
-- rest. The view store.stored puts them together.
CREATE TABLE store.settled (
    tenant_id    BIGINT NOT NULL,
    attribute_id INTEGER NOT NULL,
    entity_id    BIGINT NOT NULL,
    day          DATE NOT NULL,
    observed_at  TIMESTAMPTZ NOT NULL,
    late         BOOLEAN NOT NULL,
    arrival      BIGINT NOT NULL,
    arrival_us   SMALLINT NOT NULL,
    int_value    BIGINT,
    double_value DOUBLE,
    text_value   VARCHAR
);

-- Points of many days that were settled together, since each has few: days and instants would be
-- half of what they take. Times do not prune here, but there is little to prune.
CREATE TABLE store.sparse (
    tenant_id    BIGINT NOT NULL,
    attribute_id INTEGER NOT NULL,
    entity_id    BIGINT NOT NULL,
    observed_ms  BIGINT NOT NULL,    -- since 1970, rounded down…
    observed_us  SMALLINT NOT NULL,  -- …and the rest
    late         BOOLEAN NOT NULL,
    arrival      BIGINT NOT NULL,
    arrival_us   SMALLINT NOT NULL,
    int_value    BIGINT,
    double_value DOUBLE,
    text_value   VARCHAR
);

-- Aggregates of the values of an hour; nulls are left out. Hours are counted from 1970. Ints are
-- those that lie in int_value, whatever the type of their attribute; digits of decimals are in
-- `count` and the instants only. The view store.hourly_current shows these rows with instants.
CREATE TABLE store.hourly (
    tenant_id    BIGINT NOT NULL,
    attribute_id INTEGER NOT NULL,
    entity_id    BIGINT NOT NULL,
    day          DATE NOT NULL,
    hour         INTEGER NOT NULL,
    count        BIGINT NOT NULL,
    ints         BIGINT NOT NULL,
    int_sum      HUGEINT,
    int_min      BIGINT,
    int_max      BIGINT,
    doubles      BIGINT NOT NULL,
    double_sum   DOUBLE,           -- rounded…
    double_rest  DOUBLE,           -- …and what that took away: store.rest_of()
    double_min   DOUBLE,
    double_max   DOUBLE,
    first_ms     UINTEGER NOT NULL,  -- of the hour…
    first_us     USMALLINT NOT NULL,  -- …and of the millisecond
    last_ms      UINTEGER NOT NULL,
    last_us      USMALLINT NOT NULL,
    first_int    BIGINT,
    last_int     BIGINT,
    first_double DOUBLE,
    last_double  DOUBLE
);

-- The hours of a tenant that have points and no aggregates, or wrong ones, because something
-- changed since. Written in the transaction of the change. An hour may be there several times:
-- aggregating removes the rows up to the generation that it began with. Generation -1: the hour has
-- so few points of an entity and attribute that aggregates would be larger, so it stays open.
CREATE TABLE store.open_hours (
    tenant_id  BIGINT NOT NULL,
    day        DATE NOT NULL,
    hour       INTEGER NOT NULL,
    generation BIGINT NOT NULL
);

-- The small tables of the database, with the columns of src/analytics/dimensions.cc.
CREATE TABLE store.tenants (
    tenant_id BIGINT NOT NULL, tenant_name VARCHAR, created_at TIMESTAMPTZ, is_active BOOLEAN);
CREATE TABLE store.attributes (
    attribute_id BIGINT NOT NULL, attribute_name VARCHAR, data_type VARCHAR, is_hot BOOLEAN,
    created_at TIMESTAMPTZ, type VARCHAR, category VARCHAR);
CREATE TABLE store.tenant_attributes (
    tenant_id BIGINT NOT NULL, attribute_id BIGINT NOT NULL, name_id BIGINT, type VARCHAR,
    is_hot BOOLEAN, unit VARCHAR, description VARCHAR, category VARCHAR, created_at TIMESTAMPTZ,
    state VARCHAR, continues BIGINT, newer INTEGER[], read_as VARCHAR);
CREATE TABLE store.entities (
    entity_id BIGINT NOT NULL, tenant_id BIGINT, entity_type VARCHAR, created_at TIMESTAMPTZ,
    is_deleted BOOLEAN, external_id VARCHAR);
CREATE TABLE store.entity_jsonb (
    tenant_id BIGINT NOT NULL, entity_id BIGINT NOT NULL, hot_attrs JSON, is_deleted BOOLEAN);

-- One row. `batch` counts what was applied, so that a commit can be verified.
CREATE TABLE store.position (
    version INTEGER NOT NULL, batch BIGINT NOT NULL, timeline BIGINT, lsn UBIGINT,
    committed_at TIMESTAMPTZ);
CREATE TABLE store.notes (name VARCHAR NOT NULL, text VARCHAR);
