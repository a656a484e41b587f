// SPDX-License-Identifier: Apache-2.0
import { tellsState } from '../format/meaning';
import type { Entity, Value } from '../model/types';
import { same } from '../rows/rows';

const kEnoughColumns = 4;

interface Usage {
    name: string;
    count: number;
    first: Value;
    varies: boolean;
}

// Columns to begin with: the attributes that most of these entities have. One that is the same
// everywhere tells least: it comes last, or not at all when there are others enough. Among equals
// those come first that tell a state.
export function usualColumns(entities: readonly Entity[], limit: number): string[] {
    const usages = new Map<string, Usage>();
    for (const { attributes } of entities) {
        for (const [name, value] of Object.entries(attributes)) {
            if (value === null) continue;
            const usage = usages.get(name) ?? { name, count: 0, first: value, varies: false };
            usage.count++;
            usage.varies ||= !same(usage.first, value);
            usages.set(name, usage);
        }
    }
    const ranked = [...usages.values()].sort(moreTelling);
    const differing = ranked.filter(({ varies }) => varies);
    const shown = differing.length >= kEnoughColumns ? differing : ranked;
    return shown.slice(0, limit).map(({ name }) => name);
}

function moreTelling(a: Usage, b: Usage): number {
    return (
        Number(b.varies) - Number(a.varies) ||
        b.count - a.count ||
        Number(tellsState(b.name)) - Number(tellsState(a.name)) ||
        (a.name < b.name ? -1 : 1)
    );
}
