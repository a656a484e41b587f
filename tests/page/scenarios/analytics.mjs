// SPDX-License-Identifier: Apache-2.0
//
// Questions about all of history, and how old their answers are.
import assert from 'node:assert/strict';
import { scenario } from '../scene.mjs';

const result = (s) => s.page.locator('table.result tbody tr:not(.gap)');

// The store is filled and follows within a second or so; ask again until it has.
async function ask(s, count) {
    await s.server.until(async () => {
        const sql = 'SELECT count(*) FROM fact_telemetry';
        try {
            const { rows } = await s.server.post('/v1/analytics/sql', { sql }, s.tenant);
            return rows[0][0] >= count;
        } catch (error) {
            if (!error.message.includes('analytics_unavailable')) throw error;
            return false;
        }
    });
}

scenario('a query is chosen, its parameters count, and its answer has an age', async (s) => {
    await s.withFleet();
    await ask(s, 1);
    await s.open('analytics');
    await s.page.getByRole('link', { name: /^Fleet distribution/ }).click();
    const field = s.page.getByLabel(/attribute/).first();
    await field.fill('status');
    await field.press('Enter');
    await result(s).filter({ hasText: 'online' }).waitFor();
    assert.equal(s.parameter('p.attribute'), 'status');
    await s.page.locator('.barchart li').first().waitFor();
    await s.page.locator('.asof', { hasText: 'Data as of' }).waitFor();
    await s.visit.picture('analytics-bars');
    await s.page.getByRole('button', { name: 'Copy as curl' }).click();
    const copied = await s.page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /analytics\/queries\/fleet_distribution/);
    await s.page.getByRole('link', { name: 'Open as SQL' }).click();
    await result(s).filter({ hasText: 'online' }).waitFor();
});

scenario('a question is put together, drawn, and saved as a file', async (s) => {
    await s.withFleet();
    await ask(s, 1);
    await s.open('analytics', { mode: 'build' });
    await s.page.getByLabel('show the').selectOption('count_entities');
    await s.page.getByLabel('for each').selectOption('value');
    await s.page.getByLabel('and each').selectOption('none');
    await s.page.getByLabel('attribute', { exact: true }).fill('status');
    await s.page.getByRole('button', { name: 'Run' }).click();
    await s.page.locator('.barchart li').first().waitFor();
    assert.equal(s.parameter('by'), 'status');
    await s.visit.picture('analytics-build');
    await s.page.getByRole('button', { name: 'Save the result' }).click();
    // A failure is told where the format was chosen.
    const refusal = { status: 422, json: { code: 'query_limit_exceeded', detail: 'Too slow.' } };
    await s.page.route('**/v1/analytics/query?format=csv', (route) => route.fulfill(refusal));
    await s.page.getByRole('button', { name: 'CSV', exact: true }).click();
    await s.page.locator('.save .problem', { hasText: 'Too slow.' }).waitFor();
    const [file] = await Promise.all([
        s.page.waitForEvent('download'),
        s.page.getByRole('button', { name: 'Parquet' }).click(),
    ]);
    assert.equal(file.suggestedFilename(), 'result.parquet');
});

scenario('a query over time is drawn as curves', async (s) => {
    await s.withFleet();
    await ask(s, 1);
    await s.open('analytics', { query: 'daily_trend', 'p.attribute': 'pressure' });
    await result(s).first().waitFor();
    await s.open('analytics', {
        sql:
            "SELECT time_bucket(INTERVAL '1 minute', observed_at) AS minute, " +
            'avg(value_double) AS mean, count(*) AS points FROM fact_telemetry ' +
            "WHERE attribute_name = 'pressure' AND external_id = 'pump-0001' " +
            'GROUP BY minute ORDER BY minute',
    });
    await s.page.locator('.picture .uplot').waitFor();
    await s.visit.picture('analytics-lines');
});

scenario('a statement with a mistake says where it is', async (s) => {
    await s.withFleet();
    await ask(s, 1);
    await s.open('analytics', { mode: 'sql' });
    const field = s.page.getByLabel('SQL', { exact: true });
    await field.fill('SELECT count(*)\nFORM dim_entities x y');
    await field.press('Control+Enter');
    await s.page.getByRole('alert').waitFor();
    await s.visit.snapshot('analytics-mistake');
    await field.fill("SELECT * FROM read_csv('/etc/passwd')");
    await field.press('Control+Enter');
    await s.page.getByRole('alert').filter({ hasText: 'read_csv' }).waitFor();
});

scenario('an answer older than ten minutes says that it may be stale', async (s) => {
    await s.withFleet();
    await ask(s, 1);
    const old = (text) => {
        const body = JSON.parse(text);
        const as_of = new Date(Date.now() - 700_000).toISOString();
        body._metadata = { ...body._metadata, lag_seconds: 700, as_of };
        return JSON.stringify(body);
    };
    await s.visit.rewrite('**/v1/analytics/sql', old, async () => {
        await s.open('analytics', { sql: 'SELECT count(*) AS n FROM dim_entities' });
        await s.page.getByText('Data may be stale').waitFor();
        await s.page.locator('.asof.stale').waitFor();
    });
});
