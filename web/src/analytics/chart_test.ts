// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Result } from '../model/analytics';
import type { AttributeType, Value } from '../model/types';
import { chartOf, kMaxBars, kMaxLines, measuresOf } from './chart';

function resultOf(columns: [string, AttributeType][], rows: Value[][]): Result {
    return {
        columns: columns.map(([name, type]) => ({ name, type })),
        rows,
        truncated: false,
        _metadata: {
            source: 'analytics',
            lag_seconds: 0,
            as_of: '2026-11-30T00:00:00Z',
            consistency: 'analytics',
            cached: false,
            query_ms: 1,
        },
    };
}

test('a column of time makes lines, one for each word', () => {
    const result = resultOf(
        [
            ['hour', 'timestamp'],
            ['site', 'string'],
            ['mean', 'decimal'],
        ],
        [
            ['2026-11-30T01:00:00Z', 'north', 2],
            ['2026-11-30T00:00:00Z', 'north', 1],
            ['2026-11-30T01:00:00Z', 'south', 4],
            ['2026-11-30T02:00:00Z', null, null],
        ],
    );
    const at = Date.parse('2026-11-30T00:00:00Z') / 1000;
    assert.deepEqual(chartOf(result, 'mean'), {
        kind: 'lines',
        measure: 'mean',
        time: [at, at + 3600],
        names: ['north', 'south'],
        values: [
            [1, 2],
            [null, 4],
        ],
        more: 0,
    });
});

test('days as text are time, too; of many lines the longest are drawn', () => {
    const rows: Value[][] = [];
    for (let line = 0; line <= kMaxLines; line++) {
        rows.push(['2026-11-01', `s${line}`, 1], ['2026-11-02', `s${line}`, 2]);
    }
    rows.splice(1, 1);
    const chart = chartOf(
        resultOf(
            [
                ['day', 'string'],
                ['site', 'string'],
                ['n', 'int'],
            ],
            rows,
        ),
        'n',
    );
    assert.ok(chart?.kind === 'lines');
    assert.equal(chart.names.length, kMaxLines);
    assert.equal(chart.names.includes('s0'), false);
    assert.equal(chart.more, 1);
});

test('one instant alone makes bars', () => {
    const result = resultOf(
        [
            ['month', 'string'],
            ['category', 'string'],
            ['n', 'int'],
        ],
        [
            ['2026-11', 'energy', 2],
            ['2026-11', 'climate', 1],
        ],
    );
    const chart = chartOf(result, 'n');
    assert.ok(chart?.kind === 'bars');
    assert.deepEqual(chart.bars[0], { name: 'energy', value: 2 });
});

test('words and numbers without time make bars', () => {
    const places = Array.from({ length: kMaxBars + 2 }, (_, at) => at);
    const rows: Value[][] = places.map((at) => [`a${at}`, null, at, 1n]);
    const result = resultOf(
        [
            ['attribute', 'string'],
            ['site', 'string'],
            ['points', 'int'],
            ['wide', 'int'],
        ],
        rows,
    );
    assert.deepEqual(measuresOf(result), ['points', 'wide']);
    const chart = chartOf(result, 'points');
    assert.ok(chart?.kind === 'bars');
    assert.deepEqual(chart.bars[1], { name: 'a1 · none', value: 1 });
    assert.equal(chart.more, 2);
});

test('one row, or nothing to tell rows apart by, makes no picture', () => {
    const columns: [string, AttributeType][] = [['n', 'int']];
    assert.equal(chartOf(resultOf(columns, [[1], [2]]), 'n'), null);
    const hours = resultOf([['hour', 'int'], ...columns], [[0, 5], [1, 7]]);
    assert.deepEqual(measuresOf(hours), ['n']);
    assert.equal(chartOf(hours, 'n')?.kind, 'bars');
    assert.equal(chartOf(resultOf([['a', 'string'], ...columns], [['x', 1]]), 'n'), null);
    assert.equal(chartOf(resultOf([['a', 'string']], [['x'], ['y']]), ''), null);
});
