// SPDX-License-Identifier: Apache-2.0
//
// The server goes away, or comes back and requires a token.
import assert from 'node:assert/strict';
import { fleet, kPumps, pump } from '../fleet.mjs';
import { scenario } from '../scene.mjs';

scenario('the server is killed and comes back: nothing shown is lost, no reload', async (s) => {
    await s.withTenant(fleet());
    await s.open('entities', { filter: 'zone = "porto"' });
    await s.rows().first().waitFor();
    const before = await s.rows().first().textContent();
    await s.server.kill();
    const banner = s.page.getByRole('alert').filter({ hasText: 'is not responding' });
    await banner.waitFor();
    assert.match(await banner.textContent(), /since \d\d:\d\d:\d\d/);
    assert.ok((await s.rows().first().textContent()).startsWith(before.slice(0, 20)));
    await s.page.locator('.app.gone').waitFor();
    await s.visit.picture('server-gone');
    await s.server.run();
    await banner.waitFor({ state: 'detached' });
    await s.send([pump(2, { status: 'recovered' })]);
    await s.rows().filter({ hasText: 'recovered' }).waitFor();
});

scenario('a server requires a token: the page asks for one and keeps it in its tab', async (s) => {
    await s.withFleet();
    const wanted = { name: 'page', scopes: ['read'] };
    const { token } = await s.server.post('/v1/tokens', wanted, s.tenant);
    await s.open('entities', { filter: 'zone = "porto"' });
    await s.rows().first().waitFor();
    await s.server.run('--auth', 'token');
    const dialog = s.page.getByRole('dialog', { name: /token/ });
    await dialog.waitFor();
    await s.visit.picture('token');
    await dialog.getByLabel(/Token/).fill(token);
    await dialog.getByRole('button', { name: 'Use token' }).click();
    await dialog.waitFor({ state: 'detached' });
    await s.found(kPumps / 3).waitFor();
    await s.page.reload();
    await s.found(kPumps / 3).waitFor();
    assert.equal(await dialog.count(), 0);
});
