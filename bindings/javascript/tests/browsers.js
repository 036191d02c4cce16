// Debian's browsers, without a window: Chromium by playwright-core, and Firefox by WebDriver BiDi, which it speaks itself.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { chromium } from 'playwright-core';
import WebSocket from 'ws';

/** Opens a page and returns how to evaluate an expression there, whose promise must bring a JSON text, and how to close the browser. */
export const OPEN = {
  async chromium(url) {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    const page = await browser.newPage();
    await page.goto(url);
    const close = () => browser.close();
    return { version: `Chromium ${browser.version()}`, evaluate: async (code) => JSON.parse(await page.evaluate(code)), close };
  },

  async firefox(url) {
    const profile = mkdtempSync(join(tmpdir(), 'firefox-'));
    const child = spawn('firefox-esr', ['--headless', '--remote-debugging-port', '0', '--profile', profile], { stdio: ['ignore', 'ignore', 'pipe'] });
    const ended = once(child, 'exit');
    const close = async () => {
      child.kill();
      await ended;
      rmSync(profile, { recursive: true, force: true });
    };
    for await (const line of createInterface({ input: child.stderr })) {
      const address = /WebDriver BiDi listening on (ws:\S+)/.exec(line)?.[1];
      if (!address) continue;
      const send = await bidi(`${address}/session`);
      const { capabilities } = await send('session.new', { capabilities: {} });
      const { contexts: [{ context }] } = await send('browsingContext.getTree', {});
      await send('browsingContext.navigate', { context, url, wait: 'complete' });
      const evaluate = async (expression) => {
        const { type, result, exceptionDetails } = await send('script.evaluate', { expression, target: { context }, awaitPromise: true });
        if (type !== 'success') throw new Error(exceptionDetails.text);
        return JSON.parse(result.value);
      };
      return { version: `Firefox ${capabilities.browserVersion}`, evaluate, close };
    }
    await close();
    throw new Error('firefox-esr has not started');
  },
};

/** Returns a function that sends a command and awaits its result. */
async function bidi(address) {
  const socket = new WebSocket(address);
  await once(socket, 'open');
  const waiting = new Map();
  socket.on('message', (data) => {
    const { id, type, result, message } = JSON.parse(data);
    const settle = waiting.get(id);
    if (settle) type === 'success' ? settle.resolve(result) : settle.reject(new Error(message));
  });
  let id = 0;
  return (method, params) => new Promise((resolve, reject) => {
    waiting.set(id += 1, { resolve, reject });
    socket.send(JSON.stringify({ id, method, params }));
  });
}

/**
 * Serves files (a path and its type and content), under a policy, and passes all that is posted to `/POOL` on to a pool of that name.
 * Returns its address, and how to stop it.
 */
export async function serve(files, pools = {}) {
  const server = createServer((incoming, outgoing) => {
    const { pathname } = new URL(incoming.url, 'http://localhost');
    const endpoint = pools[pathname.split('/')[1]];
    if (endpoint) {
      const { host, ...headers } = incoming.headers;
      incoming.pipe(request(endpoint, { method: incoming.method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers);
        answer.pipe(outgoing);
      }));
      return;
    }
    const [type, content, policy] = files[pathname] ?? ['text/plain', ''];
    outgoing.writeHead(pathname in files ? 200 : 404, {
      'content-type': type,
      // A page that is isolated has a fine clock.
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      ...(policy ? { 'content-security-policy': policy } : {}),
    });
    outgoing.end(content);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { address: `http://127.0.0.1:${server.address().port}`, stop: () => { server.closeAllConnections(); server.close(); } };
}
