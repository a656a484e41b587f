// SPDX-License-Identifier: Apache-2.0
//
// The words completion offers: the tenant's hot attributes, and values sampled from the rows on
// the screen and, for an attribute that is not there, from a page of entities that have it.
import { computed, signal } from '@preact/signals';
import { get } from '../api/client';
import { catalog } from '../catalog/catalog';
import { plainText } from '../format/ValueText';
import { kBuiltIn, spelledName } from '../language/names';
import type { Entity, EntityPage } from '../model/types';
import { kBuiltInFields, type Field, type Vocabulary } from './complete';

const kSampledEntities = 200;
const kSampleLifeMs = 60_000;
const kLongestValue = 120;

type Counts = Map<string, number>;

const samples = signal<ReadonlyMap<string, { values: string[]; at_ms: number }>>(new Map());

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
            const counts = countValues(name, rows);
            for (const value of samples.value.get(name)?.values ?? []) {
                if (!counts.has(value)) counts.set(value, 0);
            }
            return [...counts].sort(([, a], [, b]) => b - a).map(([value]) => value);
        },
    };
}

// Fetches a sample unless there is a recent one. Completion works without it, so it may fail.
export async function sampleValues(name: string): Promise<void> {
    const known = samples.peek().get(name);
    if (known && Date.now() - known.at_ms < kSampleLifeMs) return;
    remember(name, known?.values ?? []);
    const built_in = kBuiltIn.includes(name);
    const spelled = spelledName(name);
    const params = built_in
        ? { page_size: kSampledEntities }
        : { page_size: kSampledEntities, filter: `${spelled}:*`, attributes: spelled };
    try {
        const page = await get<EntityPage>('/v1/entities', params);
        remember(name, [...countValues(name, page.entities).keys()]);
    } catch {
        // The rows on the screen still offer theirs.
    }
}

function remember(name: string, values: string[]): void {
    samples.value = new Map(samples.peek()).set(name, { values, at_ms: Date.now() });
}

function countValues(name: string, rows: readonly Entity[]): Counts {
    const counts: Counts = new Map();
    for (const row of rows) {
        const value = plainText(valueIn(row, name));
        if (value === '' || value.length > kLongestValue) continue;
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
