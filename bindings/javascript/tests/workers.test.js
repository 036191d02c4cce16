// The entry for Cloudflare Workers, whose bundler makes a compiled module of an imported `.wasm` file.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { FILES, runVectors } from './vectors.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Does with an imported `.wasm` file what the platform does. */
const compiled = {
  name: 'compiled',
  setup({ onLoad }) {
    onLoad({ filter: /\.wasm$/ }, ({ path: file }) => ({
      contents: `import { readFileSync } from 'node:fs';\nexport default new WebAssembly.Module(readFileSync(${JSON.stringify(file)}));`,
    }));
  },
};

test('the entry for Workers computes the vectors, and compiles no bytes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'workers-'));
  const { compile } = WebAssembly;
  try {
    // By the package's own name and conditions, as a bundler finds it.
    const { outputFiles: [bundle] } = await build({
      stdin: { contents: "export * from 'cognito-srp6a';", resolveDir: path('..') }, bundle: true, format: 'esm', platform: 'node',
      conditions: ['workerd'], write: false, logLevel: 'error', plugins: [compiled],
    });
    writeFileSync(join(folder, 'worker.mjs'), bundle.contents);
    WebAssembly.compile = () => assert.fail('it compiles bytes');
    const api = await import(join(folder, 'worker.mjs'));
    const files = FILES.map((file) => JSON.parse(readFileSync(path(`../../../vectors/${file}.json`), 'utf8')));
    const { ran, wrong } = await runVectors(api, files);
    assert.deepEqual(wrong, []);
    assert.equal(ran, 233);
  } finally {
    WebAssembly.compile = compile;
    rmSync(folder, { recursive: true });
  }
});
