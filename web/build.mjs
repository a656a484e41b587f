// SPDX-License-Identifier: Apache-2.0
//
// Bundles the page into dist/: index.html, atlas.js, atlas.css and the icon, nothing else. The
// server embeds these files and sends an ETag for each, so their names carry no hash.
//
//     node build.mjs           dist/, minified; fails when the script outgrows its budget
//     node build.mjs --watch   the same after each change of a source file
//     node build.mjs --tests   build/tests/, the unit tests for node --test
import { build, context } from 'esbuild';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const kScriptBudgetBytes = 150_000;
const root = dirname(fileURLToPath(import.meta.url));
const mode = process.argv[2] ?? '';

if (mode === '--tests') {
    await bundleTests();
} else {
    await bundlePage();
}

async function bundlePage() {
    const dist = join(root, 'dist');
    rmSync(dist, { recursive: true, force: true });
    mkdirSync(dist, { recursive: true });
    for (const file of ['index.html', 'favicon.svg']) cpSync(join(root, file), join(dist, file));
    const options = {
        absWorkingDir: root,
        entryPoints: { atlas: 'src/main.tsx' },
        outdir: 'dist',
        bundle: true,
        minify: true,
        format: 'iife',
        target: ['chrome100', 'firefox100', 'safari15'],
        jsx: 'automatic',
        jsxImportSource: 'preact',
        legalComments: 'none',
        logLevel: 'warning',
    };
    if (mode === '--watch') return (await context(options)).watch();
    await build(options);
    const size = gzipSync(readFileSync(join(dist, 'atlas.js')), { level: 6 }).length;
    console.log(`web/dist/atlas.js ${size} bytes compressed`);
    if (size > kScriptBudgetBytes) {
        console.error(`atlas.js may have at most ${kScriptBudgetBytes} bytes compressed`);
        process.exitCode = 1;
    }
}

async function bundleTests() {
    rmSync(join(root, 'build'), { recursive: true, force: true });
    await build({
        absWorkingDir: root,
        entryPoints: testFiles(join(root, 'src')),
        outdir: 'build/tests',
        entryNames: '[name]',
        outExtension: { '.js': '.mjs' },
        bundle: true,
        platform: 'node',
        format: 'esm',
        target: 'node18',
        logLevel: 'warning',
    });
}

function testFiles(folder) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) return testFiles(path);
        return entry.name.endsWith('_test.ts') ? [relative(root, path)] : [];
    });
}
