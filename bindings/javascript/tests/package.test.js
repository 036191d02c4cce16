// What npm would publish.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('..', import.meta.url));

test('the package has the licences and what its exports name, and nothing else', () => {
  const [{ files }] = JSON.parse(execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: HERE, encoding: 'utf8' }));
  assert.deepEqual(files.map(({ path }) => path).sort(), [
    'LICENSE-APACHE', 'LICENSE-MIT', 'README.md', 'dist/cognito-srp6a.wasm', 'dist/index.d.ts', 'dist/index.js', 'dist/index.workerd.js',
    'dist/module.workerd.js', 'package.json',
  ]);
  for (const name of ['LICENSE-APACHE', 'LICENSE-MIT']) {
    assert.equal(readFileSync(`${HERE}/${name}`, 'utf8'), readFileSync(`${HERE}/../../${name}`, 'utf8'));
  }
});
