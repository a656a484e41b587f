// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ageOf } from './AsOf';

test('a result grows older while it is looked at, and an unknown age stays unknown', () => {
    const base = { source: 'analytics', consistency: 'analytics', cached: false, query_ms: 1 };
    const as_of = '2026-11-30T00:00:00Z';
    const at_ms = Date.parse(as_of);
    assert.equal(ageOf({ ...base, as_of, lag_seconds: 0.5 }, at_ms), 0.5);
    assert.equal(ageOf({ ...base, as_of, lag_seconds: 0.5 }, at_ms + 700_000), 700);
    assert.equal(ageOf({ ...base, as_of, lag_seconds: null }, at_ms), null);
});
