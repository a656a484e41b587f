// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NamedQuery } from '../model/analytics';
import { faultOf, namedQuestion, sqlOf } from './question';

const kQuery: NamedQuery = {
    name: 'top_movers',
    description: '',
    params: [
        { name: 'days', type: 'int', default: '7', description: '' },
        { name: 'site', type: 'string', description: '' },
        { name: 'all', type: 'bool', default: 'false', description: '' },
        { name: 'from', type: 'timestamp', default: 'now-7d', description: '' },
    ],
    sql: "SELECT $days, $site, $all, $from, $days_ago, '$5'",
};

test('a question is asked once every parameter that must be given is, in its form', () => {
    assert.equal(namedQuestion(kQuery, {}), null);
    assert.equal(namedQuestion(kQuery, { site: 'north', days: '1.5' }), null);
    assert.deepEqual(namedQuestion(kQuery, { site: '5', days: '30', all: 'true' }), {
        path: '/v1/analytics/queries/top_movers',
        body: { params: { site: '5', days: 30, all: true } },
    });
    assert.deepEqual(
        kQuery.params.map((param) => faultOf(param, '')),
        ['', 'required', '', ''],
    );
});

test('a statement to copy has its values in it, quoted', () => {
    const sql = sqlOf(kQuery, { site: "o'neill" }, Date.parse('2026-11-30T00:00:00Z'));
    const from = '2026-11-23T00:00:00.000Z';
    assert.equal(sql, `SELECT 7, 'o''neill', false, '${from}', $days_ago, '$5'`);
    const { sql: _, ...silent } = kQuery;
    assert.equal(sqlOf(silent, {}, 0), null);
});
