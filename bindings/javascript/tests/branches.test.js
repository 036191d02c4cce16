// The code of the published module, by `branches.js`.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { readBranches } from './branches.js';
import { TARGET } from './target.js';

const NAMED = `${TARGET}/javascript/named.wasm`;

/** The code of each function of a module (section 10). */
function codeOf(file) {
  const bytes = readFileSync(file);
  for (let at = 8; at < bytes.length;) {
    const kind = bytes[at];
    let [length, shift, next] = [0, 0, at + 1];
    for (let byte = 0x80; byte & 0x80; shift += 7, next += 1) {
      byte = bytes[next];
      length |= (byte & 0x7f) << shift;
    }
    if (kind === 10) return bytes.subarray(next, next + length);
    at = next + length;
  }
  return assert.fail('the module has no code');
}

test('no branch, no address and no division of a power depends on a secret', (context) => {
  const { lines, wrong } = readBranches(NAMED);
  lines.forEach((line) => context.diagnostic(line));
  assert.deepEqual(wrong, []);
});

test('the code that is read is the code that is published', () => {
  assert.deepEqual(codeOf(NAMED), codeOf(fileURLToPath(new URL('../dist/cognito-srp6a.wasm', import.meta.url))));
});
