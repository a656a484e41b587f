// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { levelOf, type Level } from './freshness';
import { ageText } from './text';

test('green under one second, yellow to ten, orange to sixty, red beyond', () => {
    const expected: [number | null, Level][] = [
        [0, 'fresh'],
        [0.999, 'fresh'],
        [1, 'recent'],
        [10, 'recent'],
        [10.001, 'late'],
        [60, 'late'],
        [60.001, 'stale'],
        [1e6, 'stale'],
        [null, 'unknown'],
    ];
    for (const [seconds, level] of expected) assert.equal(levelOf(seconds), level, `${seconds} s`);
});

test('an age has tenths while they matter', () => {
    assert.equal(ageText(0.24), '0.2 s');
    assert.equal(ageText(14.4), '14 s');
    assert.equal(ageText(180), '3 min');
    assert.equal(ageText(null), 'unknown');
});
