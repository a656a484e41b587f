// SPDX-License-Identifier: Apache-2.0
//
// A structured question as the URL of the page says it, and the request that it makes.
import type { Json } from '../model/types';
import type { Question } from './question';

// The parameters of the URL that make it up.
export interface Built {
    agg: string;
    attribute: string;
    // none, type, entity, or value: of the attribute `by`.
    group: string;
    by: string;
    bucket: string;
    last: string;
    filter: string;
}

export const kAggregates: [string, string][] = [
    ['avg', 'average'],
    ['min', 'minimum'],
    ['max', 'maximum'],
    ['sum', 'sum'],
    ['median', 'median'],
    ['p95', '95th percentile'],
    ['first', 'first value'],
    ['last', 'last value'],
    ['count', 'number of values'],
    ['count_distinct', 'number of distinct values'],
    ['count_entities', 'number of entities'],
];
export const kGroups: [string, string][] = [
    ['none', 'nothing'],
    ['type', 'entity type'],
    ['entity', 'entity'],
    ['value', 'value of'],
];
export const kBuckets: [string, string][] = [
    ['none', 'no time'],
    ['1m', 'minute'],
    ['5m', '5 minutes'],
    ['1h', 'hour'],
    ['1d', 'day'],
    ['1w', 'week'],
    ['1mo', 'month'],
];
// In hours.
export const kWindows: [string, string, number][] = [
    ['1h', 'hour', 1],
    ['24h', 'day', 24],
    ['7d', '7 days', 168],
    ['30d', '30 days', 720],
    ['365d', 'year', 8760],
];

const kCalendar = new Set(['1d', '1w', '1mo']);
const kUsual: Built = {
    agg: 'avg',
    attribute: '',
    group: 'type',
    by: '',
    bucket: '1h',
    last: '24h',
    filter: '',
};
// These measure entities as a whole, too.
const kCounts = new Set(['count', 'count_entities']);

export function builtOf(params: Readonly<Record<string, string>>): Built {
    const built = { ...kUsual };
    for (const name of Object.keys(kUsual) as (keyof Built)[]) {
        built[name] = params[name] ?? built[name];
    }
    return built;
}

// null while something that it needs is missing.
export function builtQuestion(built: Built, now_ms: number, timezone: string): Question | null {
    const { agg, attribute, group, by, bucket, last, filter } = built;
    if (attribute === '' && !kCounts.has(agg)) return null;
    if (group === 'value' && by === '') return null;
    const groups: Json[] = [];
    if (bucket !== 'none') groups.push(kCalendar.has(bucket) ? { bucket, timezone } : { bucket });
    if (group === 'value') groups.push({ attribute: by });
    else if (group !== 'none') groups.push({ field: group });
    const hours = kWindows.find(([name]) => name === last)?.[2] ?? 24;
    const name = attribute === '' ? agg : `${agg}_${attribute}`;
    const measure: { [key: string]: Json } = { name, agg };
    if (attribute !== '') measure['attribute'] = attribute;
    const body: { [key: string]: Json } = {
        from: new Date(now_ms - hours * 3_600_000).toISOString(),
        measures: [measure],
        group_by: groups,
    };
    if (filter.trim() !== '') body['filter'] = filter;
    return { path: '/v1/analytics/query', body };
}
