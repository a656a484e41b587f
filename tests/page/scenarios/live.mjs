// SPDX-License-Identifier: Apache-2.0
//
// What is written while the page shows it.
import assert from 'node:assert/strict';
import { fleet, history, pump } from '../fleet.mjs';
import { scenario } from '../scene.mjs';

const kBurstMs = 3000;
const kUpdatesPerSecond = 2;

scenario('live: a new value reaches state, band and curve; `l` stops and starts it', async (s) => {
    const { page } = s;
    const curve = page.locator('.plot:not(.band) .readout');
    await s.withTenant(history('pump-0001', Date.now()));
    await s.open('entities/pump-0001', { attrs: 'status,pressure', range: '15m' });
    await curve.waitFor();
    await s.send([{ entity: 'pump-0001', attributes: { pressure: 77.25, status: 'standby' } }]);
    await curve.filter({ hasText: '77.25' }).waitFor();
    await page.locator('.plot.band .readout', { hasText: 'standby' }).waitFor();
    await page.locator('.state li', { hasText: '77.25' }).waitFor();
    await page.keyboard.press('l');
    assert.ok(s.parameter('from') !== null);
    await s.send([{ entity: 'pump-0001', attributes: { pressure: 11.5 } }]);
    await page.locator('.state li', { hasText: '11.50' }).waitFor();
    assert.match(await curve.textContent(), /77\.25/);
    await page.keyboard.press('l');
    await curve.filter({ hasText: '11.50' }).waitFor();
});

scenario('a change in the table is marked and the mark ends', async (s) => {
    const mark = s.page.locator('td .marked');
    await s.withTenant([pump(2)]);
    await s.open('entities', { filter: 'entity = "pump-0002"', cols: 'status' });
    await s.rows().first().filter({ hasText: 'online' }).waitFor();
    await s.send([pump(2, { status: 'fault' })]);
    await mark.filter({ hasText: 'fault' }).waitFor();
    await mark.waitFor({ state: 'detached' });
    await s.rows().first().filter({ hasText: 'fault' }).waitFor();
});

scenario('a burst of changes renders no more often than changes can be read', async (s) => {
    await s.withTenant(fleet());
    await s.open('entities', { filter: 'zone = "porto"', cols: 'status,armed' });
    await s.rows().first().waitFor();
    await s.page.evaluate(noteRenderings);
    const until_ms = Date.now() + kBurstMs;
    for (let round = 0; Date.now() < until_ms; round++) {
        const numbers = Array.from({ length: 50 }, (_, at) => 2 + 3 * at);
        await s.send(numbers.map((number) => pump(number, { status: `burst-${round % 7}` })));
    }
    await s.rows().filter({ hasText: 'burst-' }).first().waitFor();
    const most = await s.page.evaluate(mostRenderingsInOneSecond);
    assert.ok(most <= kUpdatesPerSecond, `${most} renderings in one second`);
});

// Of values: the ages in the last column step with the clock.
function noteRenderings() {
    window.renderings = [];
    const watch = new MutationObserver((changes) => {
        const element = ({ target }) => (target instanceof Element ? target : target.parentElement);
        const is_value = (change) => element(change)?.closest('time') === null;
        if (changes.some(is_value)) window.renderings.push(performance.now());
    });
    const changes = { childList: true, characterData: true, subtree: true };
    watch.observe(document.querySelector('tbody'), changes);
}

function mostRenderingsInOneSecond() {
    const { renderings } = window;
    const within = (from) => renderings.filter((at) => at >= from && at < from + 1000).length;
    return Math.max(0, ...renderings.map(within));
}
