// SPDX-License-Identifier: Apache-2.0
//
// A real Chromium. What a page must never do is collected during a visit: errors on the console,
// refusals by the content security policy, requests to another origin.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from '../../web/node_modules/playwright-core/index.mjs';

const kArguments = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'];
const kWide = { width: 1360, height: 820 };
const kNarrow = { width: 360, height: 740 };
const kWaitLimitMs = 20_000;

export class Browser {
    static async launch(screenshots) {
        mkdirSync(screenshots, { recursive: true });
        const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
        const browser = await chromium.launch({ executablePath, args: kArguments });
        const permissions = ['clipboard-read', 'clipboard-write'];
        const context = await browser.newContext({ permissions });
        await context.addInitScript(noteFirstRow);
        return new Browser(browser, await context.newPage(), screenshots);
    }

    constructor(browser, page, screenshots) {
        page.setDefaultTimeout(kWaitLimitMs);
        Object.assign(this, { browser, page, screenshots });
    }

    // The page of a person who comes for the first time: nothing stored, a wide window, light. One
    // page serves all visits in turn, because a new one each time would double what they take.
    async visit(origin) {
        const { page } = this;
        await page.goto(`${origin}/favicon.svg`);
        await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
        await page.setViewportSize(kWide);
        await page.emulateMedia({ colorScheme: 'light' });
        await page.mouse.move(0, 0);
        return new Visit(page, origin, this.screenshots);
    }

    async close() {
        await this.browser.close();
    }
}

export class Visit {
    faults = [];

    constructor(page, origin, screenshots) {
        Object.assign(this, { page, origin, screenshots });
        page.on('pageerror', (error) => this.faults.push(`exception: ${error.stack}`));
        page.on('console', (message) => this.listen(message));
        page.on('request', (request) => {
            const url = request.url();
            if (!url.startsWith(`${origin}/`)) this.faults.push(`request to ${url}`);
        });
    }

    // The browser itself reports every response that is not 2xx; those the scenarios ask for.
    listen(message) {
        const expected = message.text().startsWith('Failed to load resource');
        if (message.type() === 'error' && !expected) this.faults.push(message.text());
    }

    // Loads the page, also where only the fragment of the URL changes.
    async open(hash) {
        await this.page.goto('about:blank');
        await this.page.goto(`${this.origin}/${hash}`);
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
            await this.snapshot(`${name}-${kind}`);
            const wide = await page.evaluate(() => document.documentElement.scrollWidth);
            if (wide > size.width) this.faults.push(`${name} ${kind} is ${wide} px wide`);
        }
    }

    async snapshot(name) {
        await this.page.screenshot({ path: join(this.screenshots, `${name}.png`) });
    }

    async appear(scheme, size) {
        await this.page.emulateMedia({ colorScheme: scheme });
        await this.page.setViewportSize(size);
        await this.page.waitForFunction(settled, { dark: scheme === 'dark', width: size.width });
    }

    // While `actions` run, responses to `pattern` are what `change` makes of the server's.
    async rewrite(pattern, change, actions) {
        await this.page.route(pattern, async (route) => {
            try {
                const response = await route.fetch();
                await route.fulfill({ response, body: change(await response.text()) });
            } catch {
                // The page moved on before the response came.
            }
        });
        try {
            await actions();
        } finally {
            await this.page.unroute(pattern);
        }
    }

    // Leaves the page, so that nothing of it reaches the next visit.
    async close() {
        await this.page.unrouteAll({ behavior: 'ignoreErrors' });
        await this.page.goto('about:blank');
        for (const event of ['pageerror', 'console', 'request']) {
            this.page.removeAllListeners(event);
        }
    }
}

// When, after the page was asked for, its first row was in the document.
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
