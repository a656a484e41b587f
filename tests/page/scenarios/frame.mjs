// SPDX-License-Identifier: Apache-2.0
//
// What surrounds every view: freshness, theme, tenant, and what holds for all controls.
import assert from 'node:assert/strict';
import { kPumps } from '../fleet.mjs';
import { scenario } from '../scene.mjs';

const kLevels = [
    [0.25, 'fresh', '0.3 s'],
    [4.5, 'recent', '4.5 s'],
    [30, 'late', '30 s'],
    [150, 'stale', '2 min'],
];
const kWide = { width: 1360, height: 820 };

scenario('freshness has four levels, each with its shape, and never only a colour', async (s) => {
    const shapes = new Set();
    await s.withFleet();
    for (const [lag, level, text] of kLevels) {
        const change = (body) => body.replaceAll(/"lag_seconds":[\d.]+/g, `"lag_seconds":${lag}`);
        await s.visit.rewrite('**/v1/**', change, async () => {
            await s.open('entities', { filter: 'zone = "porto"' });
            const button = s.page.locator('.topbar .freshness button');
            await button.locator(`.dot.${level}`).waitFor();
            await button.filter({ hasText: text }).waitFor();
            assert.match(await button.getAttribute('aria-label'), /^Freshness: .*behind/);
            shapes.add(await button.locator('path').getAttribute('d'));
        });
    }
    assert.equal(shapes.size, kLevels.length);
});

scenario('`t` and the button change the theme, which outlives a reload', async (s) => {
    const { page } = s;
    const shown = (theme) => page.locator(`html[data-theme="${theme}"]`).waitFor();
    const button = (theme) => page.getByRole('button', { name: `Change theme, now ${theme}` });
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await s.withFleet();
    await s.open('entities');
    await s.rows().first().waitFor();
    await s.visit.appear('dark', kWide);
    await shown('dark');
    const dark_ground = await ground();
    await page.keyboard.press('t');
    await shown('light');
    assert.notEqual(await ground(), dark_ground);
    await page.reload();
    await shown('light');
    await button('light').click();
    await shown('dark');
    await button('dark').click();
    await button('system').waitFor();
    await s.visit.appear('light', kWide);
    await s.filter().fill('t');
    await button('system').waitFor();
});

scenario('another tenant is another world, and part of the URL', async (s) => {
    await s.withTenant([{ entity: 'valve-1', type: 'valve', attributes: { status: 'online' } }]);
    const other = s.tenant;
    await s.withFleet();
    await s.open('entities');
    await s.rows().first().waitFor();
    await s.page.getByRole('button', { name: `Switch tenant, now ${s.tenant}` }).click();
    await s.page.getByRole('button', { name: other, exact: true }).click();
    await s.rows().filter({ hasText: 'valve-1' }).waitFor();
    await s.found(1).waitFor();
    assert.equal(s.parameter('tenant'), other);
    await s.rows().first().getByRole('link').click();
    await s.page.getByRole('heading', { name: 'valve-1' }).waitFor();
    assert.equal(s.parameter('tenant'), other);
    await s.open('entities');
    await s.found(kPumps).waitFor();
});

scenario('every control has a name, and texts have enough contrast in both themes', async (s) => {
    await s.withFleet();
    await s.open('entities/pump-0001', { attrs: 'pressure' });
    await s.page.locator('.plot').first().waitFor();
    assert.deepEqual(await s.page.evaluate(namelessControls), []);
    await s.open('analytics', { mode: 'build' });
    await s.page.getByLabel('of attribute').waitFor();
    assert.deepEqual(await s.page.evaluate(namelessControls), []);
    for (const scheme of ['light', 'dark']) {
        await s.visit.appear(scheme, kWide);
        assert.deepEqual(await s.page.evaluate(paleColours), [], scheme);
    }
});

function namelessControls() {
    return [...document.querySelectorAll('button, input, select, a, [role="switch"], canvas')]
        .filter((element) => element.closest('[role="img"]') === null)
        .filter((element) => {
            const label =
                element.getAttribute('aria-label') ??
                element.labels?.[0]?.textContent ??
                element.textContent;
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
    pairs.push(['banner', 'banner-bg'], ['text', 'accent-soft'], ['text-muted', 'accent-soft']);
    pairs.push(['text', 'mark']);
    return pairs
        .map(([text, on]) => `${text} on ${on}: ${contrast(light(text), light(on)).toFixed(2)}`)
        .filter((line) => Number(line.split(': ')[1]) < 4.5);
}
