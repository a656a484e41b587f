// SPDX-License-Identifier: Apache-2.0
//
// The catalog and the status of the server.
import assert from 'node:assert/strict';
import { scenario } from '../scene.mjs';

scenario('the catalog is searched, and the hot switch asks the server', async (s) => {
    await s.withFleet();
    await s.open('attributes');
    await s.rows().filter({ hasText: 'pressure' }).waitFor();
    await s.visit.picture('attributes');
    await s.page.getByLabel('Search attributes').fill('press');
    await s.found(1).waitFor();
    assert.equal(s.parameter('search'), 'press');
    const hot = s.page.getByRole('switch', { name: 'pressure is hot' });
    assert.equal(await hot.getAttribute('aria-checked'), 'false');
    await hot.click();
    await s.page.getByRole('alert').filter({ hasText: 'pressure' }).waitFor();
    assert.equal(await hot.getAttribute('aria-checked'), 'false');
});

scenario('status draws the flow and every source with its lag', async (s) => {
    await s.withFleet();
    await s.open('status');
    await s.page.locator('.flow', { hasText: 'PostgreSQL' }).waitFor();
    await s.page.locator('.flow .box', { hasText: 'Stream' }).waitFor();
    await s.page.locator('.flow .box.fresh', { hasText: 'Analytics' }).waitFor();
    const primary = s.page.getByRole('row', { name: /primary/ });
    await primary.locator('.dot.fresh').first().waitFor();
    await s.visit.picture('status');
    await s.page.getByRole('button', { name: /^Freshness/ }).click();
    await s.page.locator('.panel', { hasText: 'primary' }).waitFor();
});
