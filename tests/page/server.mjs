// SPDX-License-Identifier: Apache-2.0
//
// A real Atlas for the page to talk to: its own data directory, a free port, stopped, killed and
// restarted as the scenarios ask.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const kReady = /Atlas is ready at (http:\/\/\S+)/;
const kStartLimitMs = 60_000;

export class Server {
    url = '';

    static async create(binary, log_path) {
        const data = await mkdtemp(join(tmpdir(), 'atlas-page-'));
        return new Server(binary, data, createWriteStream(log_path));
    }

    constructor(binary, data, log) {
        Object.assign(this, { binary, data, log });
    }

    // Sees that the server runs with these options; restarts it only where it does not.
    async run(...more) {
        if (this.alive() && more.join(' ') === this.more.join(' ')) return;
        await this.stop();
        await this.start(more);
    }

    // The first start takes a free port, later ones the same one: the page knows no other.
    async start(more) {
        this.more = more;
        const port = this.url === '' ? 0 : new URL(this.url).port;
        const options = [
            'up',
            '--data',
            this.data,
            '--listen',
            `127.0.0.1:${port}`,
            '--no-collect',
        ];
        const stdio = ['ignore', 'pipe', 'pipe'];
        this.process = spawn(this.binary, [...options, ...more], { stdio });
        this.process.stderr.pipe(this.log, { end: false });
        this.url = await this.ready();
    }

    async ready() {
        const child = this.process;
        const timer = setTimeout(() => child.kill('SIGKILL'), kStartLimitMs);
        try {
            for await (const line of createInterface(child.stdout)) {
                this.log.write(`${line}\n`);
                const found = kReady.exec(line);
                if (found) return found[1];
            }
        } finally {
            clearTimeout(timer);
            child.stdout.resume();
        }
        throw new Error(`${this.binary} ended before it was ready; see ${this.log.path}`);
    }

    alive() {
        const child = this.process;
        return child !== undefined && child.exitCode === null && child.signalCode === null;
    }

    async kill() {
        await this.end('SIGKILL');
    }

    async close() {
        await this.stop();
        await rm(this.data, { recursive: true, force: true });
    }

    // An ordinary end, as by Ctrl-C; `run` continues with the same data.
    async stop() {
        await this.end('SIGTERM');
    }

    async end(signal) {
        if (!this.alive()) return;
        const exited = once(this.process, 'exit');
        this.process.kill(signal);
        await exited;
    }

    async send(items, tenant) {
        const result = await this.post('/v1/telemetry', items, tenant);
        if (result.rejected > 0) throw new Error(JSON.stringify(result));
    }

    // Polls until `condition` holds.
    async until(condition) {
        const end = Date.now() + kStartLimitMs;
        while (!(await condition())) {
            if (Date.now() > end) throw new Error(`timed out: ${condition}`);
            await sleep(50);
        }
    }

    async get(path) {
        return (await fetch(this.url + path)).json();
    }

    async post(path, body, tenant) {
        const response = await fetch(this.url + path, {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'X-Atlas-Tenant': tenant },
            body: JSON.stringify(body),
        });
        const result = await response.json();
        if (!response.ok) throw new Error(JSON.stringify(result));
        return result;
    }
}
