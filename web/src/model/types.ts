// SPDX-License-Identifier: Apache-2.0
//
// What /v1 returns, as far as the page reads it.

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type Value = Json | bigint;

export type AttributeType = 'int' | 'double' | 'decimal' | 'bool' | 'string' | 'timestamp' | 'json';

export interface Metadata {
    source: string;
    lag_seconds: number | null;
    as_of: string;
    consistency: string;
    cached: boolean;
    query_ms: number;
    warnings?: { code: string; detail: string }[];
}

export interface Entity {
    entity: string;
    type: string;
    created_at: string;
    updated_at: string;
    last_observed_at?: string | null;
    attributes: Record<string, Value>;
    attribute_times: Record<string, string>;
    truncated_at?: string;
    _metadata?: Metadata;
}

export interface EntityPage {
    entities: Entity[];
    next_page_token: string;
    total_size?: number;
    _metadata: Metadata;
}

// How many of the entities have each value of an attribute, the most frequent first.
export interface Facets {
    facets: { attribute: string; values: { value: Value; count: number | bigint }[] }[];
    _metadata: Metadata;
}

export interface Attribute {
    name: string;
    type: AttributeType;
    declared: boolean;
    hot: boolean;
    unit: string | null;
    description: string | null;
    category: string;
    created_at: string;
}

export interface AttributePage {
    attributes: Attribute[];
    next_page_token: string;
}

export interface Series {
    entity: string;
    attribute: string;
    type: AttributeType;
    unit?: string | null;
    columns: string[];
    points: Value[][];
}

export interface SeriesPage {
    from: string;
    to: string;
    series: Series[];
    next_page_token: string;
    _metadata: Metadata;
}

// A role of the server, a source that reads are served from, or a stage that data goes through.
export interface StatusPart {
    name: string;
    state: string;
    position: string | null;
    lag_seconds: number | null;
    rate: number | null;
    // What `rate` counts: `data_points`, `answers`, `rows`.
    rate_unit: string | null;
    detail?: string;
    // Of a stage that follows the log: what the server keeps of it, and the budget for its lag.
    retained_bytes?: number | bigint;
    target_seconds?: number;
    maximum_seconds?: number;
}

// A replication slot that Atlas did not make: it holds back the log until it is read or dropped.
export interface ForeignSlot {
    name: string;
    active: boolean;
    retained_bytes: number | bigint;
}

export interface Status {
    version: string;
    uptime_seconds: number;
    roles: StatusPart[];
    sources: StatusPart[];
    // In the direction of the data: `ingest`, `log`, `stream`, and what follows the stream.
    stages: StatusPart[];
    // Settings of the database server that weaken what an acknowledgement promises, as sentences.
    warnings: string[];
    slots: ForeignSlot[];
    ingest: { points_per_second: number; accepted_points: number | bigint };
    // The command that opens psql on this database, where there is one that works.
    psql?: string;
}
