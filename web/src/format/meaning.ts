// SPDX-License-Identifier: Apache-2.0
//
// What words for a state commonly mean, so that tables and bands can show it at a glance.

export type Meaning = 'good' | 'idle' | 'warn' | 'bad';

const kMeanings: [Meaning, RegExp][] = [
    ['good', /^(true|on|online|up|ok|healthy|running|active|present|r|ready|open|yes|rw)$/i],
    ['idle', /^(false|off|idle|standby|sleeping|s|i|inactive|closed|no|stopped|t|unknown|gone)$/i],
    ['warn', /^(warn|warning|degraded|d|disk sleep|blocked|ro|busy|starting|draining)$/i],
    ['bad', /^(error|fail|failed|fault|down|offline|critical|z|zombie|dead|x|alarm)$/i],
];
const kStateName = /(^|_)(status|state|health|operstate)$/;

export function meaningOf(value: string): Meaning | undefined {
    return kMeanings.find(([, words]) => words.test(value))?.[0];
}

// Whether an attribute of this name tells how something is.
export function tellsState(name: string): boolean {
    return kStateName.test(name);
}
