// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Level } from '../ui/Dot';
import { levelOf } from './freshness';

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
