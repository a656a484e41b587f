// SPDX-License-Identifier: Apache-2.0
//
// Colours of curves and bands, from the stylesheet, so that both themes have their own. A value
// keeps its colour everywhere; words that commonly mean good, idle or bad have the fitting one.
import { meaningOf } from '../format/meaning';
import { cssColour } from '../theme/theme';

const kSeries = 8;
export function seriesColour(at: number): string {
    return cssColour(`--series-${(at % kSeries) + 1}`);
}

export function bandColour(value: string): string {
    const meaning = meaningOf(value);
    return cssColour(meaning ? `--band-${meaning}` : `--series-${(hash(value) % kSeries) + 1}`);
}

function hash(text: string): number {
    let sum = 0;
    for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
    return sum;
}
