// The vectors, and sign-ins by the AWS SDK, in browsers: those of BROWSERS, or Chromium.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

import { OPEN, serve } from './browsers.js';
import { USERS, startPool } from './pool.js';
import { FILES } from './vectors.js';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const vectors = FILES.map((file) => JSON.parse(readFileSync(path(`../../../vectors/${file}.json`), 'utf8')));

for (const name of (process.env.BROWSERS ?? 'chromium').split(',').filter(Boolean)) {
  describe(name, () => {
    let pool;
    let server;
    let browser;

    before(async () => {
      pool = await startPool('--devices');
      // The package is the file that npm publishes; only the tests and the SDK are bundled.
      const { outputFiles: [page] } = await build({
        entryPoints: [path('page.js')], bundle: true, format: 'esm', write: false, external: ['../dist/index.js'],
        logLevel: 'error',
      });
      const html = '<!doctype html><title>tests</title><script type="module" src="/tests/page.js"></script>';
      const script = (content) => ['text/javascript', content];
      server = await serve({
        '/': ['text/html', html, "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'"],
        '/strict': ['text/html', html, "default-src 'self'"],
        '/tests/page.js': script(page.contents),
        '/dist/index.js': script(readFileSync(path('../dist/index.js'))),
      }, { pool: pool.endpoint });
      browser = await OPEN[name](`${server.address}/`);
    });
    after(async () => {
      await browser?.close();
      server?.stop();
      pool?.stop();
    });

    test('computes the vectors', async (context) => {
      context.diagnostic(browser.version);
      const { ran, wrong } = await browser.evaluate(`runVectors(${JSON.stringify(vectors)})`);
      assert.deepEqual(wrong, []);
      assert.equal(ran, 233);
    });

    test('signs in by the AWS SDK, also with a device', async () => {
      const users = [USERS.alice, USERS.zoe];
      const found = await browser.evaluate(`signIns(${JSON.stringify(pool.pool)}, ${JSON.stringify(users)}, 10)`);
      assert.deepEqual(new Set(found.names), new Set(users.map(({ username }) => username)));
      assert.equal(found.names.length, 20);
      assert.equal(found.refusal, 'NotAuthorizedException');
      assert.equal(found.deviceUser, USERS.alice.username);
    });

    test("needs 'wasm-unsafe-eval', and says so", async () => {
      assert.equal(await browser.evaluate('load()'), 'loaded');
      const strict = await OPEN[name](`${server.address}/strict`);
      try {
        assert.equal(await strict.evaluate('load()'), 'SrpError NotLoaded');
      } finally {
        await strict.close();
      }
    });
  });
}
