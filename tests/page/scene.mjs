// SPDX-License-Identifier: Apache-2.0
//
// What a scenario works with. One server and one browser serve a whole run, because starting them
// is slow; but each scenario has tenants of its own, begins with an empty browser profile, and
// finds the server running as `atlas up` runs it, whatever the scenario before did to it.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Browser } from './browser.mjs';
import { fleet, history } from './fleet.mjs';
import { Server } from './server.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const binary = process.env.ATLAS_BIN ?? join(root, 'build/release/atlas');
const scenarios = [];

// `run` gets a Scene. It passes when it returns and the page did nothing that a page must not do.
export function scenario(name, run) {
    scenarios.push({ name, run });
}

// Plays the scenarios whose name matches one of `patterns`, or all of them when there is none.
export function play(patterns) {
    const wanted = patterns.map((pattern) => new RegExp(pattern, 'i'));
    const chosen = scenarios.filter(
        ({ name }) => wanted.length === 0 || wanted.some((pattern) => pattern.test(name)),
    );
    if (chosen.length === 0) {
        const names = scenarios.map(({ name }) => `\n  ${name}`).join('');
        throw new Error(`no scenario matches ${patterns.join(' or ')}; there are:${names}`);
    }
    const stage = new Stage();
    before(() => stage.open());
    after(() => stage.close());
    for (const { name, run } of chosen) test(name, () => stage.play(run));
}

class Stage {
    tenants = 0;
    shared = '';

    async open() {
        this.server = await Server.create(binary, join(root, 'build/page-server.log'));
        this.browser = Browser.launch(join(root, 'build/screenshots'));
        await Promise.all([this.browser, this.server.run()]);
    }

    async close() {
        const browser = await this.browser?.catch(() => undefined);
        await browser?.close();
        await this.server?.close();
    }

    async play(run) {
        await this.server.run();
        const browser = await this.browser;
        const visit = await browser.visit(this.server.url);
        try {
            await run(new Scene(this, visit));
        } finally {
            await visit.close();
        }
        assert.deepEqual(visit.faults, []);
    }

    async newTenant() {
        const name = `plant-${++this.tenants}`;
        await this.server.post('/v1/tenants', { name }, 'system');
        return name;
    }

    // Made when the first scenario asks for it, and only read afterwards.
    async fleetTenant() {
        if (this.shared === '') {
            const name = await this.newTenant();
            await this.server.send(fleet(), name);
            await this.server.send(history('pump-0001', Date.now()), name);
            this.shared = name;
        }
        return this.shared;
    }
}

class Scene {
    // The tenant whose data `open` shows; one of the `with` functions below comes first.
    tenant = '';
    writable = true;

    constructor(stage, visit) {
        Object.assign(this, { stage, visit, server: stage.server, page: visit.page });
    }

    // The whole fleet, the first pump with an hour of history, to be read only.
    async withFleet() {
        this.tenant = await this.stage.fleetTenant();
        this.writable = false;
    }

    // A new tenant that has `items` and nothing else.
    async withTenant(items = []) {
        this.tenant = await this.stage.newTenant();
        this.writable = true;
        if (items.length > 0) await this.send(items);
    }

    // The tenant that the server chooses where none is named. Only one scenario may write to it.
    withDefault() {
        this.tenant = 'default';
    }

    async send(items) {
        assert.ok(this.writable, 'other scenarios read this tenant');
        await this.server.send(items, this.tenant);
    }

    // `view` is the path within the page: `entities`, `entities/pump-0001`, `status`.
    async open(view, params = {}) {
        assert.ok(this.tenant !== '', 'no tenant chosen');
        const all = this.tenant === 'default' ? params : { ...params, tenant: this.tenant };
        await this.visit.open(`#/${view}?${new URLSearchParams(all)}`);
    }

    filter() {
        return this.page.getByRole('combobox', { name: 'Filter' });
    }

    rows() {
        return this.page.locator('table.rows tbody tr:not(.gap)');
    }

    found(count) {
        const hasText = `${count.toLocaleString('en-US')} found`;
        return this.page.locator('.found', { hasText });
    }

    // A parameter of the page's URL; null where it is absent.
    parameter(name) {
        return new URLSearchParams(this.page.url().split('?')[1] ?? '').get(name);
    }
}
