// SPDX-License-Identifier: Apache-2.0
//
// Which attributes to draw until some are chosen: what an operator would look at first.
import type { AttributeType } from '../model/types';

export type Drawn = 'curve' | 'band' | 'none';

const kTelling = [
    /^(status|state|health|mode)$/,
    /usage_percent|utilization|used_percent|busy/,
    /^load_?1m?$|pressure|temperature|speed|flow|level/,
    /used_bytes|memory_bytes|resident|rss/,
    /per_second|rate/,
    /percent|latency|duration/,
];
const kUsualCurves = 4;
const kUsualBands = 1;

export function drawnAs(type: AttributeType | undefined): Drawn {
    if (type === 'int' || type === 'double' || type === 'decimal') return 'curve';
    return type === 'string' || type === 'bool' ? 'band' : 'none';
}

export interface Candidate {
    name: string;
    type: AttributeType | undefined;
    hot: boolean;
    // Nothing to see at present: a zero.
    flat: boolean;
}

export function usualCurves(candidates: readonly Candidate[]): string[] {
    const ranked = [...candidates].sort((a, b) => rank(a) - rank(b) || (a.name < b.name ? -1 : 1));
    const bands = ranked.filter(
        ({ type, name }) => drawnAs(type) === 'band' && telling(name) === 0,
    );
    const curves = ranked.filter(({ type }) => drawnAs(type) === 'curve');
    return [...bands.slice(0, kUsualBands), ...curves.slice(0, kUsualCurves)].map(
        ({ name }) => name,
    );
}

function rank({ name, hot, flat }: Candidate): number {
    return telling(name) * 2 + (hot ? 0 : 1) + (flat ? 2 * kTelling.length : 0);
}

function telling(name: string): number {
    const at = kTelling.findIndex((pattern) => pattern.test(name));
    return at < 0 ? kTelling.length : at;
}
