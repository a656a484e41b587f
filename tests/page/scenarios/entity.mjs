// SPDX-License-Identifier: Apache-2.0
//
// One entity: its state, and its attributes over time.
import assert from 'node:assert/strict';
import { scenario } from '../scene.mjs';

const kRanges = [
    ['15m', 0.25],
    ['6h', 6],
    ['24h', 24],
    ['1h', 1],
    ['7d', 168],
    ['31d', 744],
];

scenario('an entity shows state and curves; a drag zooms, a double click goes back', async (s) => {
    const { page } = s;
    const over = page.locator('.plot', { hasText: 'pressure' }).locator('.u-over');
    await s.withFleet();
    await s.open('entities/pump-0001', { attrs: 'status,pressure,flow_bytes_per_second' });
    await page.locator('.state li', { hasText: 'pressure' }).waitFor();
    await page.locator('.plot.band', { hasText: 'status' }).waitFor();
    await page.locator('.plot', { hasText: 'MiB/s' }).waitFor();
    assert.match(await page.locator('.title .since').textContent(), /^registered /);
    await s.visit.picture('entity');

    const box = await over.boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.getByTitle('Back to the previous range').waitFor();
    const length_ms = Number(s.parameter('to')) - Number(s.parameter('from'));
    assert.ok(Math.abs(length_ms - 720_000) < 30_000, `zoomed to ${length_ms} ms`);
    const zoomed = page.url();
    await page.reload();
    await over.dblclick();
    await page.getByTitle('Back to the previous range').waitFor({ state: 'detached' });
    assert.notEqual(page.url(), zoomed);
    await page.getByRole('button', { name: 'combined' }).click();
    await page.locator('.plot:not(.band)').nth(1).waitFor({ state: 'detached' });
    await s.visit.picture('entity-one-plot');
});

scenario('each range is one click, in the URL, and asks for just that stretch', async (s) => {
    const ranges = s.page.getByRole('toolbar', { name: 'Time range' });
    const pressed = ranges.locator('[aria-pressed="true"]');
    await s.withFleet();
    await s.open('entities/pump-0001', { attrs: 'pressure' });
    await s.page.locator('.plot', { hasText: 'pressure' }).waitFor();
    for (const [name, hours] of kRanges) {
        const asked = s.page.waitForResponse((response) => {
            return Math.abs(hoursAsked(response) / hours - 1) < 0.01;
        });
        await ranges.getByRole('button', { name, exact: true }).click();
        assert.equal((await asked).status(), 200, name);
        await pressed.filter({ hasText: name }).first().waitFor();
        assert.equal(s.parameter('range'), name);
    }
    assert.match(await s.page.locator('.rangebar .step').textContent(), /^(1|2) h buckets$/);
    assert.equal(await s.page.locator('.curves .problem').count(), 0);
    await s.page.reload();
    await pressed.filter({ hasText: '31d' }).waitFor();
    await s.page.goBack();
    await pressed.filter({ hasText: '7d' }).waitFor();
});

scenario('a band reaches from the minimum to the maximum of each bucket', async (s) => {
    const now_ms = Date.now();
    await s.withTenant(
        Array.from({ length: 4000 }, (_, at) => ({
            entity: 'pump-0003',
            at: now_ms - at * 10,
            attributes: { vibration: at % 2 === 0 ? 10 : 90, calm: 50.5 },
        })),
    );
    const around = { from: now_ms - 40_000, to: now_ms };
    await s.open('entities/pump-0003', { attrs: 'vibration,calm', ...around });
    const plot = (name) => s.page.locator('.plot:not(.band)', { hasText: name });
    const over = plot('vibration').locator('.u-over');
    await over.waitFor();
    const box = await over.boundingBox();
    await s.page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await plot('vibration').locator('.extent', { hasText: /10.*90/ }).waitFor();
    assert.equal(await plot('calm').locator('.extent').count(), 0);
    await s.page.mouse.move(0, 0);
    const share = await plot('vibration').locator('canvas').evaluate(paintedShare);
    const calm = await plot('calm').locator('canvas').evaluate(paintedShare);
    assert.ok(share > 0.5, `the band covers ${share} of the height`);
    assert.ok(calm < 0.2, `a constant value has no band: ${calm}`);
    await s.visit.picture('entity-zoomed');
});

// How long the stretch is that a request for a series in buckets asks for; else NaN. It begins with
// a whole bucket.
function hoursAsked(response) {
    const { pathname, searchParams } = new URL(response.url());
    if (!pathname.endsWith('/series') || !searchParams.has('step')) return NaN;
    return (Number(searchParams.get('to')) - Number(searchParams.get('from'))) / 3_600_000;
}

// How much of the height in the middle of a plot is painted.
function paintedShare(canvas) {
    const middle = Math.round(canvas.width * 0.55);
    const { data } = canvas.getContext('2d').getImageData(middle, 0, 1, canvas.height);
    let painted = 0;
    for (let at = 3; at < data.length; at += 4) painted += data[at] > 0 ? 1 : 0;
    return painted / canvas.height;
}
