// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { curveOf, merged, stretchesOf, trimmed, type Bucket } from './curve';
import { stepFor, stepText, windowOf, zoomed } from './range';

const bucket = (at_ms: number, avg = 1): Bucket => ({ at_ms, avg, min: avg, max: avg });

test('a step never gives more buckets than pixels', () => {
    for (const hours of [0.25, 1, 6, 24, 168, 744]) {
        const length_ms = hours * 3_600_000;
        const step_ms = stepFor(length_ms, 640);
        assert.ok(length_ms / step_ms <= 640, `${hours} h in steps of ${step_ms} ms`);
    }
    assert.equal(stepText(stepFor(3_600_000, 900)), '5s');
    assert.equal(stepText(stepFor(60_000, 1000)), '100ms');
});

test('the window is live unless it is fixed by the URL', () => {
    const now_ms = 10_000_000;
    assert.deepEqual(windowOf({}, now_ms), { from_ms: 6_400_000, to_ms: now_ms, live: true });
    const fixed = windowOf({ from: '1000', to: '2000' }, now_ms);
    assert.deepEqual(fixed, { from_ms: 1000, to_ms: 2000, live: false });
    assert.equal(windowOf({ from: '2000', to: '1000' }, now_ms).live, true);
});

test('zooming below a second stays readable', () => {
    assert.deepEqual(zoomed(5000, 5010), { from: '4505', to: '5505' });
});

test('what arrives replaces the tail and the head is forgotten', () => {
    const known = [bucket(0), bucket(1000), bucket(2000)];
    const news = [bucket(2000, 9), bucket(3000)];
    const next = merged(known, news, 2000, 1000);
    assert.deepEqual(
        next.map(({ at_ms, avg }) => [at_ms, avg]),
        [
            [1000, 1],
            [2000, 9],
            [3000, 1],
        ],
    );
});

test('a silence becomes a gap, a regular pause does not', () => {
    const regular = [0, 10_000, 20_000, 30_000].map((at_ms) => bucket(at_ms));
    assert.ok(!curveOf('a', regular, 1000).avg.includes(null));
    const silent = [...regular, bucket(300_000)];
    assert.deepEqual(curveOf('a', silent, 1000).avg, [1, 1, 1, 1, null, 1]);
});

test('repeated values are one stretch, and the last one reaches the end', () => {
    const changes = [
        { at_ms: 0, value: 'on' },
        { at_ms: 5, value: 'on' },
        { at_ms: 10, value: 'off' },
        { at_ms: 15, value: null },
        { at_ms: 18, value: true },
    ];
    assert.deepEqual(stretchesOf(changes, 2, 20), [
        { from_ms: 2, to_ms: 10, value: 'on' },
        { from_ms: 10, to_ms: 15, value: 'off' },
        { from_ms: 18, to_ms: 20, value: 'true' },
    ]);
});

test('of the changes before the window only the last is kept', () => {
    const changes = [1, 2, 3].map((at_ms) => ({ at_ms, value: at_ms }));
    const times = (begin_ms: number) => trimmed(changes, begin_ms).map(({ at_ms }) => at_ms);
    assert.deepEqual(times(0), [1, 2, 3]);
    assert.deepEqual(times(3), [2, 3]);
    assert.deepEqual(times(9), [3]);
});
