// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entity } from '../model/types';
import { usualColumns } from './usualColumns';

const entity = (name: string, attributes: Entity['attributes']): Entity => ({
    entity: name,
    type: 'pump',
    created_at: '',
    updated_at: '',
    attributes,
    attribute_times: {},
});

test('usual columns are those most entities have, the ones that never differ last', () => {
    const some = [
        entity('a', { host: 'h', x: 1, y: 1, state: 'on', gone: null }),
        entity('b', { host: 'h', y: 2, state: 'off' }),
        entity('c', { host: 'h', x: 2 }),
    ];
    assert.deepEqual(usualColumns(some, 4), ['state', 'x', 'y', 'host']);
});
