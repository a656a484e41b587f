// SPDX-License-Identifier: Apache-2.0
//
// A real Chromium with one page. Whatever a page must never do is collected while the scenarios
// run: errors on the console, refusals by the content security policy, requests to elsewhere.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '../../web/node_modules/playwright-core/index.mjs';

const kArguments = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
const kWide = { width: 1360, height: 820 };
const kNarrow = { width: 360, height: 740 };
const kWaitLimitMs = 20_000;

export class Browser {
    faults = [];

    static async launch(origin, screenshots) {
        mkdirSync(screenshots, { recursive: true });
        const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
        const browser = await chromium.launch({ executablePath, args: kArguments });
        const permissions = ['clipboard-read', 'clipboard-write'];
        const context = await browser.newContext({ viewport: kWide, permissions });
        await context.addInitScript(noteFirstRow);
        return new Browser(browser, await context.newPage(), origin, screenshots);
    }

    constructor(browser, page, origin, screenshots) {
        Object.assign(this, { browser, page, origin, screenshots });
        page.setDefaultTimeout(kWaitLimitMs);
        page.on('pageerror', (error) => this.faults.push(`exception: ${error.stack}`));
        page.on('console', (message) => this.listen(message));
        page.on('request', (request) => {
            const url = request.url();
            if (!url.startsWith(`${origin}/`)) this.faults.push(`request to ${url}`);
        });
    }

    // The browser itself reports every answer that is not 200; those the scenarios ask for.
    listen(message) {
        const expected = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !expected) this.faults.push(message.text());
    }

    async open(hash) {
        await this.page.goto(`${this.origin}/${hash}`);
        await this.page.reload();
    }

    // The view as it is in light, dark and narrow; none may be wider than its window.
    async picture(name) {
        const { page } = this;
        await page.mouse.move(0, 0);
        for (const [kind, scheme, size] of [
            ['dark', 'dark', kWide],
            ['narrow', 'light', kNarrow],
            ['light', 'light', kWide],
        ]) {
            await this.appear(scheme, size);
            await page.screenshot({ path: join(this.screenshots, `${name}-${kind}.png`) });
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            if (wide > size.width) this.faults.push(`${name} ${kind} is ${wide} px wide`);
        }
    }

    async appear(scheme, size) {
        await this.page.emulateMedia({ colorScheme: scheme });
        await this.page.setViewportSize(size);
        await this.page.waitForFunction(settled, { dark: scheme === 'dark', width: size.width });
    }

    // While `scenario` runs, answers to `pattern` are what `change` makes of the server's.
    async rewrite(pattern, change, scenario) {
        await this.page.route(pattern, async (route) => {
            try {
                const response = await route.fetch();
                await route.fulfill({ response, body: change(await response.text()) });
            } catch {
                // The page went on before the answer came.
            }
        });
        try {
            await scenario();
        } finally {
            await this.page.unroute(pattern);
        }
    }

    async close() {
        await this.browser.close();
    }
}

// Records how long after the request for the page its first row was in the document.
function noteFirstRow() {
    const watch = new MutationObserver(() => {
        if (document.querySelector('tbody th') === null) return;
        watch.disconnect();
        window.first_row_ms = performance.now();
    });
    watch.observe(document, { childList: true, subtree: true });
}

// The theme has been taken over and every plot has the width of its place.
function settled({ dark, width }) {
    const themed = document.documentElement.dataset.theme === (dark ? 'dark' : 'light');
    const plots = [...document.querySelectorAll('.canvas')];
    const fitting = plots.every((host) => {
        const plot = host.querySelector('.uplot');
        return plot !== null && Math.abs(plot.clientWidth - host.clientWidth) <= 1;
    });
    return themed && innerWidth === width && fitting;
}
