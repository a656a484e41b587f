// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { scenario } from '../scene.mjs';

const shell = promisify(execFile);

// The one scenario that writes to the tenant `default`.
scenario('an empty server says how to send the first data point, and the lines work', async (s) => {
    const { page, server } = s;
    s.withDefault();
    await s.open('entities');
    await page.getByRole('heading', { name: 'No data yet' }).waitFor();
    const { psql } = await server.get('/v1/status');
    await page.locator('.start pre').nth(psql === undefined ? 1 : 2).waitFor();
    const commands = await page.locator('.start pre').allTextContents();
    assert.ok(commands[0].includes(server.url) && commands[1].includes(server.url));
    await s.visit.picture('start');

    await shell('sh', ['-c', commands[0]]);
    await s.rows().filter({ hasText: 'pump-7' }).waitFor();
    assert.equal(commands.length, psql === undefined ? 2 : 3);
    if (psql !== undefined) await shell('sh', ['-c', commands[2]]);
    else await s.send([{ entity: 'pump-8', attributes: { status: 'online' } }]);
    await s.rows().filter({ hasText: 'pump-8' }).waitFor();
    await page.locator('.topbar .freshness .dot.fresh').waitFor();
});

scenario('the start page offers psql as the server says, and names the tenant', async (s) => {
    const psql = `psql "$('/opt/atlas' dsn --data '/srv/a b')"`;
    const change = (text) => JSON.stringify({ ...JSON.parse(text), psql });
    const commands = s.page.locator('.start pre');
    s.withDefault();
    await s.open('start');
    await commands.first().waitFor();
    const plain = await commands.allTextContents();
    assert.ok(plain.every((command) => !command.includes('X-Atlas-Tenant')));

    await s.withTenant();
    await s.visit.rewrite('**/v1/status', change, async () => {
        await s.open('start');
        const last = commands.nth(2);
        await last.waitFor();
        assert.ok((await last.textContent()).startsWith(`${psql} <<'SQL'\n`));
        assert.ok((await last.textContent()).includes(`tenant_name = '${s.tenant}'`));
    });
    const [curl, telegraf] = await commands.allTextContents();
    assert.ok(curl.includes(`-H 'X-Atlas-Tenant: ${s.tenant}'`));
    assert.ok(telegraf.includes(`http_headers = {"X-Atlas-Tenant" = "${s.tenant}"}`));
});
