// SPDX-License-Identifier: Apache-2.0
//
// What a person does with the page, through the real server, in a real browser. The scenarios
// build on each other in this order: an empty server, a first data point, a fleet.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { Browser } from './browser.mjs';
import { fleet, history, kPumps, pump } from './fleet.mjs';
import { Server } from './server.mjs';

const root = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const binary = process.env.ATLAS_BIN ?? join(root, 'build/release/atlas');
const shell = promisify(execFile);
const kMostRowsInDocument = 120;
const kBurstMs = 3000;
const kUpdatesPerSecond = 2;
const kRanges = [
    ['15m', 0.25],
    ['6h', 6],
    ['24h', 24],
    ['1h', 1],
    ['7d', 168],
    ['31d', 744],
];
const kLevels = [
    [0.25, 'fresh', '0.3 s'],
    [4.5, 'recent', '4.5 s'],
    [30, 'late', '30 s'],
    [150, 'stale', '2 min'],
];

let server;
let browser;
let page;

before(async () => {
    server = await Server.create(binary, join(root, 'build/page-server.log'));
    await server.start();
    browser = await Browser.launch(server.url, join(root, 'build/screenshots'));
    page = browser.page;
});

after(async () => {
    await browser?.close();
    await server?.close();
});

const filter = () => page.getByRole('combobox', { name: 'Filter' });
const rows = () => page.locator('table.rows tbody tr:not(.gap)');
const found = (count) =>
    page.locator('.found', { hasText: `${count.toLocaleString('en-US')} found` });
const parameter = (name) => new URLSearchParams(page.url().split('?')[1] ?? '').get(name);

test('an empty server says how to send the first data point, and the lines work', async () => {
    await browser.open('#/entities');
    await page.getByRole('heading', { name: 'Nothing there yet' }).waitFor();
    const commands = await page.locator('.start pre').allTextContents();
    assert.ok(commands[0].includes(server.url) && commands[1].includes(server.url));
    await browser.picture('start');

    await shell('sh', ['-c', commands[0]]);
    await rows().filter({ hasText: 'pump-7' }).waitFor();
    const { psql } = await server.get('/v1/status');
    assert.equal(commands.length, psql === undefined ? 2 : 3);
    if (psql !== undefined) await shell('sh', ['-c', commands[2]]);
    else await server.send([{ entity: 'pump-8', attributes: { status: 'online' } }]);
    await rows().filter({ hasText: 'pump-8' }).waitFor();
    await page.locator('.topbar .freshness .dot.fresh').waitFor();
});

test('the start page offers psql as the server says, and names the tenant in view', async () => {
    const psql = `psql "$('/opt/atlas' dsn --data '/srv/a b')"`;
    const answer = (text) => JSON.stringify({ ...JSON.parse(text), psql });
    await server.post('/v1/tenants', { name: 'plant-2' }, 'system');
    await browser.rewrite('**/v1/status', answer, async () => {
        await browser.open('#/start?tenant=plant-2');
        const last = page.locator('.start pre').nth(2);
        await last.waitFor();
        assert.ok((await last.textContent()).startsWith(`${psql} <<'SQL'\n`));
        assert.match(await last.textContent(), /tenant_name = 'plant-2'/);
    });
    const [curl, telegraf] = await page.locator('.start pre').allTextContents();
    assert.match(curl, /-H 'X-Atlas-Tenant: plant-2'/);
    assert.match(telegraf, /http_headers = \{"X-Atlas-Tenant" = "plant-2"\}/);
    await browser.open('#/start');
    const plain = await page.locator('.start pre').allTextContents();
    assert.ok(plain.every((command) => !command.includes('X-Atlas-Tenant')));
});

test('the first content is there within half a second', async () => {
    await server.send(fleet());
    await server.send(history('pump-0001', Date.now()));
    await browser.open('#/entities');
    await rows().first().waitFor();
    // The best of a few: the machine may be busy with something else at any one moment.
    const times = [];
    for (let round = 0; round < 4; round++) {
        await page.reload();
        await rows().first().waitFor();
        times.push(await page.evaluate(() => Math.round(window.first_row_ms)));
    }
    assert.ok(Math.min(...times) < 500, `first row after ${times} ms`);
    await found(kPumps + 2).waitFor();
    await browser.picture('entities');
});

test('a filter is completed by keyboard, applied, counted and part of the URL', async () => {
    await browser.open('#/entities');
    await rows().first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('zon');
    await page.getByRole('option', { name: 'zone' }).waitFor();
    await page.keyboard.press('Tab');
    await page.getByRole('option', { name: '!=' }).waitFor();
    await page.keyboard.type('= ');
    await page.getByRole('option', { name: 'lyon' }).waitFor();
    await browser.page.screenshot({ path: join(browser.screenshots, 'completion.png') });
    await page.keyboard.type('ly');
    await page.keyboard.press('Tab');
    await page.keyboard.type('AND ');
    await page.getByRole('option', { name: 'status' }).waitFor();
    await page.keyboard.type('status = "standby"');
    await page.keyboard.press('Enter');
    await found(kPumps / 12).waitFor();
    assert.equal(parameter('filter'), 'zone = "lyon" AND status = "standby"');
    await page.reload();
    await found(kPumps / 12).waitFor();
    await page.goBack();
});

test('a mistake is underlined where it is, the rows stay, and the correction ends it', async () => {
    await browser.open('#/entities');
    await rows().first().waitFor();
    const before = await rows().count();
    await filter().fill('zone = "lyon" AMD status = "online"');
    await page.keyboard.press('Enter');
    await page.locator('.filter .problem').waitFor();
    assert.match(await page.locator('.underline mark').textContent(), /^AMD/);
    assert.equal(await rows().count(), before);
    await browser.picture('mistake');
    await filter().fill('zone = "lyon" AND status = "online"');
    await page.keyboard.press('Enter');
    await page.locator('.filter .problem').waitFor({ state: 'detached' });
    await found(kPumps / 4).waitFor();
});

test('an attribute that is not hot is refused with the way to promote it', async () => {
    await browser.open('#/entities?filter=pressure+%3E+4');
    const problem = page.locator('.filter .problem');
    await problem.waitFor();
    assert.match(await problem.textContent(), /hot/);
});

test('scrolling loads page after page while the document stays small', async () => {
    await browser.open('#/entities?order=entity');
    await rows().first().waitFor();
    const last = pump(kPumps - 1).entity;
    const scroller = page.locator('.entities .scroller');
    await page.waitForFunction((wanted) => {
        const element = document.querySelector('.entities .scroller');
        element.scrollTop = element.scrollHeight;
        return element.textContent.includes(wanted);
    }, last);
    assert.ok((await rows().count()) <= kMostRowsInDocument);
    const heights = await scroller.evaluate((element) => element.scrollHeight);
    assert.ok(heights > kPumps * 28, 'the scroll bar speaks for all rows');
});

test('columns are chosen and sorted by, and curl gets what the table shows', async () => {
    await browser.open('#/entities');
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByLabel('Find an attribute').fill('press');
    await page.getByRole('button', { name: /^pressure/ }).click();
    await page.keyboard.press('Escape');
    await page.locator('thead', { hasText: 'pressure' }).waitFor();
    assert.ok(parameter('cols').split(',').includes('pressure'));
    await page.getByRole('button', { name: 'zone', exact: true }).click();
    await rows().first().filter({ hasText: 'berlin' }).waitFor();
    await page.getByRole('button', { name: 'zone', exact: true }).click();
    await rows().first().filter({ hasText: 'porto' }).waitFor();
    assert.equal(parameter('order'), 'zone desc');
    const first = await rows().first().locator('th').textContent();
    await page.getByRole('button', { name: 'Copy as curl' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const command = await page.evaluate(() => navigator.clipboard.readText());
    const { stdout } = await shell('sh', ['-c', command]);
    assert.equal(JSON.parse(stdout).entities[0].entity, first);
});

test('the keyboard walks the rows, opens one and comes back to it', async () => {
    await browser.open('#/entities?order=entity');
    await rows().first().waitFor();
    for (const key of ['j', 'j', 'j', 'k']) await page.keyboard.press(key);
    const selected = page.locator('tr[aria-selected="true"] th');
    const name = await selected.textContent();
    assert.equal(name, pump(1).entity);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name }).waitFor();
    await page.keyboard.press('Escape');
    await selected.filter({ hasText: name }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('an entity shows state and curves; dragging zooms, a double click goes back', async () => {
    await browser.open('#/entities/pump-0001?attrs=status,pressure,flow_bytes_per_second');
    await page.locator('.state li', { hasText: 'pressure' }).waitFor();
    await page.locator('.plot.band', { hasText: 'status' }).waitFor();
    await page.locator('.plot', { hasText: 'MiB/s' }).waitFor();
    await browser.picture('entity');

    const plot = page.locator('.plot', { hasText: 'pressure' }).locator('.u-over');
    const box = await plot.boundingBox();
    await page.mouse.move(box.x + box.width * 0.4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.getByTitle('Back (double click)').waitFor();
    const length_ms = Number(parameter('to')) - Number(parameter('from'));
    assert.ok(Math.abs(length_ms - 720_000) < 30_000, `zoomed to ${length_ms} ms`);
    const zoomed = page.url();
    await page.reload();
    await page.locator('.plot', { hasText: 'pressure' }).locator('.u-over').dblclick();
    await page.getByTitle('Back (double click)').waitFor({ state: 'detached' });
    assert.notEqual(page.url(), zoomed);
    await page.getByRole('button', { name: 'one plot' }).click();
    await page.locator('.plot:not(.band)').nth(1).waitFor({ state: 'detached' });
    await browser.picture('entity-one-plot');
});

test('each range is one click, in the URL, and asks for just that stretch', async () => {
    await browser.open('#/entities/pump-0001?attrs=pressure');
    await page.locator('.plot', { hasText: 'pressure' }).waitFor();
    const ranges = page.getByRole('toolbar', { name: 'Time range' });
    for (const [name, hours] of kRanges) {
        const asked = page.waitForResponse((response) => {
            return Math.abs(hoursAsked(response) / hours - 1) < 0.01;
        });
        await ranges.getByRole('button', { name, exact: true }).click();
        assert.equal((await asked).status(), 200, name);
        await ranges.locator('[aria-pressed="true"]', { hasText: name }).first().waitFor();
        assert.equal(parameter('range'), name);
    }
    assert.match(await page.locator('.rangebar .step').textContent(), /^(1|2) h buckets$/);
    assert.equal(await page.locator('.curves .problem').count(), 0);
    await page.reload();
    await ranges.locator('[aria-pressed="true"]', { hasText: '31d' }).waitFor();
    await page.goBack();
    await ranges.locator('[aria-pressed="true"]', { hasText: '7d' }).waitFor();
});

test('a band around the average reaches from the least to the most of each bucket', async () => {
    const now_ms = Date.now();
    await server.send(
        Array.from({ length: 4000 }, (_, at) => ({
            entity: 'pump-0003',
            at: now_ms - at * 10,
            attributes: { vibration: at % 2 === 0 ? 10 : 90, calm: 50.5 },
        })),
    );
    const around = `from=${now_ms - 40_000}&to=${now_ms}`;
    await browser.open(`#/entities/pump-0003?attrs=vibration,calm&${around}`);
    const plot = (name) => page.locator('.plot:not(.band)', { hasText: name });
    const over = plot('vibration').locator('.u-over');
    await over.waitFor();
    const box = await over.boundingBox();
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await plot('vibration').locator('.extent', { hasText: /10.*90/ }).waitFor();
    assert.equal(await plot('calm').locator('.extent').count(), 0);
    await page.mouse.move(0, 0);
    const share = await plot('vibration').locator('canvas').evaluate(paintedShare);
    const calm = await plot('calm').locator('canvas').evaluate(paintedShare);
    assert.ok(share > 0.5, `the band covers ${share} of the height`);
    assert.ok(calm < 0.2, `a constant value has no band: ${calm}`);
    await browser.picture('entity-zoomed');
});

test('live: a new value arrives in state, band and curve; `l` stops and starts it', async () => {
    await browser.open('#/entities/pump-0001?attrs=status,pressure&range=15m');
    const curve = page.locator('.plot:not(.band) .readout');
    await curve.waitFor();
    await server.send([
        { entity: 'pump-0001', attributes: { pressure: 77.25, status: 'standby' } },
    ]);
    await curve.filter({ hasText: '77.25' }).waitFor();
    await page.locator('.plot.band .readout', { hasText: 'standby' }).waitFor();
    await page.locator('.state li', { hasText: '77.25' }).waitFor();
    await page.keyboard.press('l');
    assert.ok(parameter('from') !== null);
    await server.send([{ entity: 'pump-0001', attributes: { pressure: 11.5 } }]);
    await page.locator('.state li', { hasText: '11.50' }).waitFor();
    assert.match(await curve.textContent(), /77\.25/);
    await page.keyboard.press('l');
    await curve.filter({ hasText: '11.50' }).waitFor();
});

test('a change in the table is marked and the mark ends', async () => {
    await browser.open('#/entities?filter=entity+%3D+"pump-0002"&cols=status');
    await rows().first().filter({ hasText: 'online' }).waitFor();
    await server.send([pump(2, { status: 'fault' })]);
    await page.locator('td .marked', { hasText: 'fault' }).waitFor();
    await page.locator('td .marked').waitFor({ state: 'detached' });
    await rows().first().filter({ hasText: 'fault' }).waitFor();
});

test('a burst of changes renders no oftener than changes can be read', async () => {
    await browser.open('#/entities?filter=zone+%3D+"porto"&cols=status,armed');
    await rows().first().waitFor();
    await page.evaluate(noteRenderings);
    const until_ms = Date.now() + kBurstMs;
    for (let round = 0; Date.now() < until_ms; round++) {
        const numbers = Array.from({ length: 50 }, (_, at) => 2 + 3 * at);
        await server.send(numbers.map((number) => pump(number, { status: `burst-${round % 7}` })));
    }
    await rows().filter({ hasText: 'burst-' }).first().waitFor();
    const most = await page.evaluate(mostRenderingsInOneSecond);
    assert.ok(most <= kUpdatesPerSecond, `${most} renderings in one second`);
    await server.send(fleet());
});

test('freshness has four levels, each with its shape, and never only a colour', async () => {
    const shapes = new Set();
    for (const [lag, level, text] of kLevels) {
        const answer = (body) => body.replaceAll(/"lag_seconds":[\d.]+/g, `"lag_seconds":${lag}`);
        await browser.rewrite('**/v1/**', answer, async () => {
            await browser.open('#/entities?filter=zone+%3D+"porto"');
            const button = page.locator('.topbar .freshness button');
            await button.locator(`.dot.${level}`).waitFor();
            await button.filter({ hasText: text }).waitFor();
            assert.match(await button.getAttribute('aria-label'), /^Freshness: .*behind/);
            shapes.add(await button.locator('path').getAttribute('d'));
        });
    }
    assert.equal(shapes.size, kLevels.length);
});

test('`t` and the button change the theme, which outlives a reload', async () => {
    await browser.appear('dark', { width: 1360, height: 820 });
    await browser.open('#/entities');
    await rows().first().waitFor();
    const shown = (theme) => page.locator(`html[data-theme="${theme}"]`).waitFor();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await shown('dark');
    const dark_ground = await ground();
    await page.keyboard.press('t');
    await shown('light');
    assert.notEqual(await ground(), dark_ground);
    await page.reload();
    await shown('light');
    await page.getByRole('button', { name: 'Theme: light, change' }).click();
    await shown('dark');
    await page.getByRole('button', { name: 'Theme: dark, change' }).click();
    await page.getByRole('button', { name: 'Theme: system, change' }).waitFor();
    await browser.appear('light', { width: 1360, height: 820 });
    await filter().fill('t');
    await page.getByRole('button', { name: 'Theme: system, change' }).waitFor();
});

test('another tenant is another world, and part of the URL', async () => {
    await server.post('/v1/tenants', { name: 'acme' }, 'system');
    const item = { entity: 'valve-1', type: 'valve', attributes: { status: 'online' } };
    await server.post('/v1/telemetry', item, 'acme');
    await browser.open('#/entities');
    await rows().first().waitFor();
    await page.getByRole('button', { name: 'Tenant default, switch' }).click();
    await page.getByRole('button', { name: 'acme' }).click();
    await rows().filter({ hasText: 'valve-1' }).waitFor();
    await found(1).waitFor();
    assert.equal(parameter('tenant'), 'acme');
    await rows().first().getByRole('link').click();
    await page.getByRole('heading', { name: 'valve-1' }).waitFor();
    assert.equal(parameter('tenant'), 'acme');
    await browser.open('#/entities');
    await found(kPumps + 2).waitFor();
});

test('the catalog is searched, and the hot switch asks the server', async () => {
    await browser.open('#/attributes');
    await rows().filter({ hasText: 'pressure' }).waitFor();
    await browser.picture('attributes');
    await page.getByLabel('Search attributes').fill('press');
    await found(1).waitFor();
    assert.equal(parameter('search'), 'press');
    const hot = page.getByRole('switch', { name: 'pressure is hot' });
    assert.equal(await hot.getAttribute('aria-checked'), 'false');
    await hot.click();
    await page.getByRole('alert').filter({ hasText: 'pressure' }).waitFor();
    assert.equal(await hot.getAttribute('aria-checked'), 'false');
});

test('status draws the flow and every source with its lag', async () => {
    await browser.open('#/status');
    await page.locator('.flow', { hasText: 'PostgreSQL' }).waitFor();
    await page
        .getByRole('row', { name: /primary/ })
        .locator('.dot.fresh')
        .first()
        .waitFor();
    await browser.picture('status');
    await page.getByRole('button', { name: /^Freshness/ }).click();
    await page.locator('.panel', { hasText: 'primary' }).waitFor();
});

test('the server is killed and comes back: nothing shown is lost, and nobody reloads', async () => {
    await browser.open('#/entities?filter=zone+%3D+"porto"');
    await rows().first().waitFor();
    const before = await rows().first().textContent();
    await server.kill();
    const banner = page.getByRole('alert').filter({ hasText: 'does not answer' });
    await banner.waitFor();
    assert.match(await banner.textContent(), /since \d\d:\d\d:\d\d/);
    assert.ok((await rows().first().textContent()).startsWith(before.slice(0, 20)));
    await page.locator('.app.gone').waitFor();
    await browser.picture('server-gone');
    await server.start();
    await banner.waitFor({ state: 'detached' });
    await server.send([pump(2, { status: 'recovered' })]);
    await rows().filter({ hasText: 'recovered' }).waitFor();
});

test('every control has a name, and texts have enough contrast in both themes', async () => {
    await browser.open('#/entities/pump-0001?attrs=pressure');
    await page.locator('.plot').first().waitFor();
    assert.deepEqual(await page.evaluate(namelessControls), []);
    for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme });
        await page.waitForFunction(
            (wanted) => document.documentElement.dataset.theme === wanted,
            colorScheme,
        );
        assert.deepEqual(await page.evaluate(paleColours), [], colorScheme);
    }
});

test('a server that wants a token: the page asks for one and keeps it in its tab', async () => {
    const { token } = await server.post('/v1/tokens', { name: 'page', scopes: ['read'] });
    await browser.open('#/entities?filter=zone+%3D+"porto"');
    await rows().first().waitFor();
    await server.stop();
    await server.start('--auth', 'token');
    const dialog = page.getByRole('dialog', { name: /token/ });
    await dialog.waitFor();
    await browser.picture('token');
    await dialog.getByLabel(/Token/).fill(token);
    await dialog.getByRole('button', { name: 'Use token' }).click();
    await dialog.waitFor({ state: 'detached' });
    await found(kPumps / 3).waitFor();
    await page.reload();
    await found(kPumps / 3).waitFor();
    assert.equal(await dialog.count(), 0);
});

test('all the while: no error, no refusal by the content policy, no request to elsewhere', () => {
    assert.deepEqual(browser.faults, []);
});

// How long the stretch is that a request for a series in buckets asks for; else NaN. It begins with
// a whole bucket.
function hoursAsked(response) {
    const { pathname, searchParams } = new URL(response.url());
    if (!pathname.endsWith('/series') || !searchParams.has('step')) return NaN;
    return (Number(searchParams.get('to')) - Number(searchParams.get('from'))) / 3_600_000;
}

// How much of the height in the middle of a plot is painted over.
function paintedShare(canvas) {
    const middle = Math.round(canvas.width * 0.55);
    const { data } = canvas.getContext('2d').getImageData(middle, 0, 1, canvas.height);
    let painted = 0;
    for (let at = 3; at < data.length; at += 4) painted += data[at] > 0 ? 1 : 0;
    return painted / canvas.height;
}

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

function namelessControls() {
    return [...document.querySelectorAll('button, input, a, [role="switch"], canvas')]
        .filter((element) => element.closest('[role="img"]') === null)
        .filter((element) => {
            const label = element.getAttribute('aria-label') ?? element.textContent;
            return label.trim() === '' && element.title === '';
        })
        .map((element) => element.outerHTML.slice(0, 120));
}

// Pairs of text and ground below WCAG AA, by the colours the stylesheet really has.
function paleColours() {
    const style = getComputedStyle(document.documentElement);
    const light = (name) => {
        const canvas = document.createElement('canvas').getContext('2d');
        canvas.fillStyle = style.getPropertyValue(`--${name}`);
        canvas.fillRect(0, 0, 1, 1);
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => {
            const value = part / 255;
            return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2];
    };
    const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const texts = ['text', 'text-muted', 'accent', 'fresh', 'recent', 'late', 'stale'];
    const pairs = texts.flatMap((text) => ['ground', 'raised', 'hover'].map((on) => [text, on]));
    pairs.push(['banner', 'banner-bg'], ['text', 'accent-soft'], ['text', 'mark']);
    return pairs
        .map(([text, on]) => `${text} on ${on}: ${contrast(light(text), light(on)).toFixed(2)}`)
        .filter((line) => Number(line.split(': ')[1]) < 4.5);
}
