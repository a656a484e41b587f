// SPDX-License-Identifier: Apache-2.0
//
// The words completion offers: the tenant's hot attributes, and their values: counted where the
// live index answers, which does that in a moment, else sampled from the rows on the screen and
// from a page of entities that have the attribute.
import { computed, signal } from '@preact/signals';
import { get } from '../api/client';
import { catalog } from '../catalog/catalog';
import { plainText } from '../format/ValueText';
import { freshness } from '../freshness/freshness';
import { kBuiltIn, spelledName } from '../language/names';
import type { Entity, EntityPage, Facets } from '../model/types';
import { kBuiltInFields, type Field, type KnownValue, type Vocabulary } from './complete';

const kSampledEntities = 200;
const kCountedValues = 50;
const kSampleLifeMs = 60_000;
const kLongestValue = 120;

type Counts = Map<string, number>;

interface Sample {
    values: readonly KnownValue[];
    at_ms: number;
}

const samples = signal<ReadonlyMap<string, Sample>>(new Map());

const fields = computed<Field[]>(() => [
    ...[...catalog.value.values()]
        .filter(({ hot }) => hot)
        .map(({ name, type, unit }) => ({ name, type, hint: unit ? `${type}, ${unit}` : type })),
    ...kBuiltInFields,
]);

export function vocabularyOf(rows: readonly Entity[]): Vocabulary {
    return {
        fields: fields.value,
        valuesOf: (name) => {
            const known = samples.value.get(name)?.values ?? [];
            const counted = known.filter(({ entities }) => entities !== null);
            const listed = new Set(counted.map(({ text }) => text));
            const counts = countValues(name, rows);
            for (const { text } of known) {
                if (!counts.has(text)) counts.set(text, 0);
            }
            const others = [...counts]
                .filter(([text]) => !listed.has(text))
                .sort(([, a], [, b]) => b - a)
                .map(([text]) => ({ text, entities: null }));
            return [...counted, ...others];
        },
    };
}

// Fetches them unless that was done lately. Completion works without them, so it may fail.
export async function sampleValues(name: string): Promise<void> {
    const known = samples.peek().get(name);
    if (known && Date.now() - known.at_ms < kSampleLifeMs) return;
    remember(name, known?.values ?? []);
    const hot = catalog.peek().get(name)?.hot ?? false;
    try {
        const counted = hot && freshness.peek()?.source === 'live';
        remember(name, await (counted ? countedValues(name) : sampledValues(name)));
    } catch {
        // The rows on the screen still offer theirs.
    }
}

async function countedValues(name: string): Promise<KnownValue[]> {
    const params = { attributes: spelledName(name), limit: kCountedValues };
    const { facets } = await get<Facets>('/v1/entities:facets', params);
    return (facets[0]?.values ?? [])
        .map(({ value, count }) => ({ text: plainText(value), entities: Number(count) }))
        .filter(({ text }) => isOffered(text));
}

async function sampledValues(name: string): Promise<KnownValue[]> {
    const spelled = spelledName(name);
    const params = kBuiltIn.includes(name)
        ? { page_size: kSampledEntities }
        : { page_size: kSampledEntities, filter: `${spelled}:*`, attributes: spelled };
    const page = await get<EntityPage>('/v1/entities', params);
    return [...countValues(name, page.entities).keys()].map((text) => ({ text, entities: null }));
}

function remember(name: string, values: readonly KnownValue[]): void {
    samples.value = new Map(samples.peek()).set(name, { values, at_ms: Date.now() });
}

function isOffered(text: string): boolean {
    return text !== '' && text.length <= kLongestValue;
}

function countValues(name: string, rows: readonly Entity[]): Counts {
    const counts: Counts = new Map();
    for (const row of rows) {
        const value = plainText(valueIn(row, name));
        if (!isOffered(value)) continue;
        counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return counts;
}

function valueIn(row: Entity, name: string) {
    if (name === 'type') return row.type;
    if (name === 'entity') return row.entity;
    if (name === 'updated_at') return row.updated_at;
    if (name === 'created_at') return row.created_at;
    return row.attributes[name];
}
