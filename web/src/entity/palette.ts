// SPDX-License-Identifier: Apache-2.0
//
// Colours of curves and bands, from the stylesheet, so that both themes have their own. A value
// keeps its colour everywhere; words that commonly mean good, idle or bad have the fitting one.
import { cssColour } from '../theme/theme';

const kSeries = 8;
const kMeanings: [RegExp, string][] = [
    [/^(true|on|online|up|ok|healthy|running|active|r|ready|open|yes|rw)$/i, '--band-good'],
    [/^(false|off|idle|standby|sleeping|s|i|inactive|closed|no|stopped)$/i, '--band-idle'],
    [/^(warn|warning|degraded|d|disk sleep|blocked|ro|starting|draining)$/i, '--band-warn'],
    [/^(error|fail|failed|down|offline|critical|z|zombie|dead|x|fault|alarm)$/i, '--band-bad'],
];

export function seriesColour(at: number): string {
    return cssColour(`--series-${(at % kSeries) + 1}`);
}

export function bandColour(value: string): string {
    const meaning = kMeanings.find(([words]) => words.test(value));
    return cssColour(meaning ? meaning[1] : `--series-${(hash(value) % kSeries) + 1}`);
}

function hash(text: string): number {
    let sum = 0;
    for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
    return sum;
}
