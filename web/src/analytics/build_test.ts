// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { builtOf, builtQuestion } from './build';

const kNow_ms = Date.parse('2026-11-30T12:00:00Z');
const ask = (params: Record<string, string>) => builtQuestion(builtOf(params), kNow_ms, 'UTC');

test('a built question becomes a request once it has what it needs', () => {
    assert.equal(ask({}), null);
    assert.equal(ask({ attribute: 'flow', group: 'value' }), null);
    assert.deepEqual(
        ask({ attribute: 'flow', group: 'value', by: 'site', bucket: '1d', filter: 'type = "x"' })
            ?.body,
        {
            from: '2026-11-29T12:00:00.000Z',
            filter: 'type = "x"',
            measures: [{ name: 'avg_flow', agg: 'avg', attribute: 'flow' }],
            group_by: [{ bucket: '1d', timezone: 'UTC' }, { attribute: 'site' }],
        },
    );
    assert.deepEqual(ask({ agg: 'count', last: '7d' })?.body, {
        from: '2026-11-23T12:00:00.000Z',
        measures: [{ name: 'count', agg: 'count' }],
        group_by: [{ bucket: '1h' }, { field: 'type' }],
    });
    const whole = ask({ agg: 'count', group: 'none', bucket: 'none' })?.body;
    assert.deepEqual((whole as { group_by: unknown }).group_by, []);
});
