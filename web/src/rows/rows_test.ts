// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entity } from '../model/types';
import { freshRows, refreshed, replaced } from './rows';

const entity = (name: string, attributes: Entity['attributes']): Entity => ({
    entity: name,
    type: 'pump',
    created_at: '',
    updated_at: '',
    attributes,
    attribute_times: {},
});

test('only what differs is marked, and an unchanged value is not', () => {
    const before = freshRows([entity('a', { status: 'on', tags: { x: 1 } })]);
    const [row] = refreshed(before, [entity('a', { status: 'off', tags: { x: 1 } })], 5000);
    assert.deepEqual(row?.changed_ms, { status: 5000 });
});

test('marks end after a second', () => {
    const before = freshRows([entity('a', { status: 'on' })]);
    const once = refreshed(before, [entity('a', { status: 'off' })], 5000);
    const later = refreshed(once, [entity('a', { status: 'off' })], 6000);
    assert.deepEqual(later[0]?.changed_ms, {});
});

test('refreshing keeps the order, replacing takes the new one and marks newcomers', () => {
    const before = freshRows([entity('a', {}), entity('b', {})]);
    const news = [entity('c', {}), entity('b', {})];
    assert.deepEqual(
        refreshed(before, news, 1).map((row) => row.entity),
        ['a', 'b'],
    );
    const rows = replaced(before, news, 1);
    assert.deepEqual(
        rows.map((row) => row.entity),
        ['c', 'b'],
    );
    assert.deepEqual(rows[0]?.changed_ms, { '': 1 });
    assert.deepEqual(rows[1]?.changed_ms, {});
});
