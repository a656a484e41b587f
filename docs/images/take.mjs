// SPDX-License-Identifier: Apache-2.0
//
// Takes the picture of README.md from a running `atlas demo`, by hand, when the page has changed:
//
//     atlas demo &
//     node docs/images/take.mjs http://127.0.0.1:8470
//
// Needs chromium, the packages of web/ and pngquant.
import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser } from '../../tests/page/browser.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, 'entities.png');
const query = new URLSearchParams({
    filter: 'type = ("pump" OR "vehicle" OR "chiller")',
    order: 'status',
    cols: 'status,fault,alarm,site,temperature,power,battery_percent',
});
const kEnoughRates = 30;

const browser = await Browser.launch(process.argv[2], here);
try {
    const { page } = browser;
    await browser.open(`#/entities?${query}`);
    await browser.appear('light', { width: 1280, height: 800 });
    await page.mouse.move(0, 0);
    await page.waitForSelector('tbody th');
    // The rate at the top is a curve once it has been measured for a while.
    await page.waitForFunction(
        (count) =>
            document.querySelector('.sparkline path').getAttribute('d').split('L').length > count,
        kEnoughRates,
        { timeout: 60_000 },
    );
    await page.screenshot({ path: target });
} finally {
    await browser.close();
}
execFileSync('pngquant', ['--force', '--strip', '--output', target, '256', target]);
