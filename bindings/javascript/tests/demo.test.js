// The demo in Chromium: a user signs in by password, by code and by passkey. SCREENSHOTS=FOLDER keeps a picture of each scheme.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { chromium } from 'playwright-core';

const RUN = fileURLToPath(new URL('../demo/run', import.meta.url));
const isWanted = (process.env.BROWSERS ?? 'chromium').split(',').includes('chromium');

/** Starts the demo, and returns what it prints: the addresses of its page and its pool. */
async function start() {
  const child = spawn(process.execPath, [RUN], { stdio: ['ignore', 'pipe', 'ignore'] });
  const found = { child };
  for await (const line of createInterface({ input: child.stdout })) {
    const [name, address] = line.split(' ');
    found[name] = address;
    if (found.page && found.pool) return found;
  }
  throw new Error('the demo has not started');
}

describe('the demo', { skip: !isWanted }, () => {
  let demo;
  let browser;
  let page;
  let complaints;

  before(async () => {
    demo = await start();
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });
  after(async () => {
    await browser?.close();
    if (!demo) return;
    const ended = once(demo.child, 'exit');
    demo.child.kill();
    await ended;
    const isUp = () => fetch(demo.pool).then(() => true, () => false);
    for (let i = 0; i < 20 && await isUp(); i += 1) await setTimeout(100);
    assert.equal(await isUp(), false, 'the pool goes on after the demo');
  });
  beforeEach(async () => {
    page = await browser.newPage();
    complaints = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      // Chromium says of each call that the pool has refused that its status is 400.
      const isRefusal = /status of 400/.test(message.text()) && message.location().url.endsWith('/pool');
      if (!isRefusal && message.type() !== 'log') complaints.push(message.text());
    });
    page.on('request', (request) => {
      if (new URL(request.url()).origin !== new URL(demo.page).origin && !request.url().startsWith('data:')) complaints.push(request.url());
    });
    await page.goto(demo.page);
  });
  afterEach(async () => {
    await page.close();
    assert.deepEqual(complaints, []);
  });

  const entries = () => page.locator('#log strong').allTextContents();
  const status = (text) => page.locator('#status', { hasText: text }).waitFor({ timeout: 5000 });
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent);
  const choose = (way) => page.getByRole('radio', { name: way, exact: true }).check();
  const submit = (name = 'Sign in') => page.getByRole('button', { name, exact: true }).click();

  async function byPassword(username, password) {
    await page.getByLabel('User name').fill(username);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await submit();
  }
  async function byCode(username) {
    await page.getByLabel('User name').fill(username);
    await choose('code by e-mail');
    await submit();
    await status('The pool wants a code.');
  }
  /** What the pool would send. */
  const sent = async () => (await (await fetch(new URL('/outbox', demo.pool))).json()).at(-1);
  const other = (code) => String((Number(code) + 1) % 1e6).padStart(6, '0');

  async function enterCode(code) {
    await page.getByLabel(/^Code that went to/).fill(code);
    await submit('Send the code');
  }

  test('signs in by password, and shows each message with its time and without its secrets', async () => {
    await byPassword('alice', 'Passw0rd!');
    await status('alice is signed in.');
    assert.deepEqual(await entries(), [
      'UserSignIn.start', 'InitiateAuth', 'PASSWORD_VERIFIER', 'signIn.answer', 'RespondToAuthChallenge', 'AuthenticationResult',
    ]);
    assert.deepEqual(await page.locator('#log li').evaluateAll((all) => all.map(({ className }) => className)), [
      'here', 'sent', 'received', 'here', 'sent', 'received',
    ]);
    const times = await page.locator('#log .at').allTextContents();
    const at = times.map((text) => Number(/^at ([\d.]+) ms$/.exec(text)[1]));
    assert.deepEqual(at, at.toSorted((a, b) => a - b));
    assert.ok(at[0] > 0 && at.at(-1) < 5000, String(at));
    const took = await page.locator('#log .received .took, #log .here .took').allTextContents();
    assert.ok(took.every((text) => /^took [\d.]+ ms$/.test(text)) && took.length === 4, String(took));
    const members = await page.locator('#log dt').allTextContents();
    for (const name of ['AuthParameters.SRP_A', 'ChallengeParameters.SRP_B', 'ChallengeResponses.PASSWORD_CLAIM_SIGNATURE']) {
      assert.ok(members.includes(name), name);
    }
    const words = (await page.locator('#log dd').allTextContents()).join(' ').split(/\s+/);
    assert.ok(words.includes('USER_SRP_AUTH') && words.includes('characters)'));
    assert.deepEqual(words.filter((word) => word.length > 40 || word.includes('Passw0rd')), []);
    assert.equal(await page.locator('#spoken p').count(), 6);
    assert.equal(await page.getByLabel('Password', { exact: true }).inputValue(), '');
  });

  test('has one address, a policy that is kept, and no way to the codes', async () => {
    const elsewhere = await fetch(demo.page.replace('localhost', '127.0.0.1'), { redirect: 'manual' });
    assert.deepEqual([elsewhere.status, elsewhere.headers.get('location')], [307, demo.page]);
    assert.equal((await fetch(new URL('/outbox', demo.page))).status, 404);
    assert.equal((await fetch(new URL('/pool/outbox', demo.page))).status, 404);
    assert.doesNotMatch((await fetch(demo.page)).headers.get('content-security-policy'), /unsafe-inline|'unsafe-eval'/);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    await page.evaluate(() => document.head.append(Object.assign(document.createElement('style'), { textContent: '* { color: red }' })));
    assert.match(complaints.splice(0).join(), /Content Security Policy/);
  });

  test('says that a password is wrong, and takes the right one then', async () => {
    await byPassword('alice', 'Passw0rd?');
    await status('NotAuthorizedException');
    assert.equal(await focused(), 'password');
    assert.deepEqual((await entries()).at(-1), 'NotAuthorizedException');
    await byPassword('alice', 'Passw0rd!');
    await status('alice is signed in.');
  });

  test('signs in by a code, after a wrong one', async () => {
    await byCode('carol');
    assert.equal(await focused(), 'code');
    const { code, username, medium } = await sent();
    assert.deepEqual([username, medium], ['carol', 'EMAIL']);
    await enterCode(other(code));
    await status('CodeMismatchException');
    await enterCode(code);
    await status('carol is signed in.');
    assert.ok(!(await page.locator('#log').textContent()).includes(code));
  });

  test('ends a sign-in after three wrong codes, or when the user starts again', async () => {
    await byCode('carol');
    const { code } = await sent();
    for (let i = 0; i < 4; i += 1) {
      await page.locator('#code').waitFor();
      await enterCode(other(code));
      await page.locator('#log .refused').nth(i).waitFor();
    }
    await status('NotAuthorizedException');
    await byCode('carol');
    await submit('Start again');
    assert.equal(await focused(), 'username');
    assert.equal(await page.locator('#code').isVisible(), false);
    await byCode('carol');
    await enterCode((await sent()).code);
    await status('carol is signed in.');
  });

  test('signs in by keyboard: by password and then by a code', async () => {
    const { keyboard } = page;
    await keyboard.press('Tab');
    assert.equal(await focused(), 'username');
    await keyboard.type('bob');
    await keyboard.press('Tab');
    await keyboard.press('Tab');
    assert.equal(await focused(), 'password');
    await keyboard.type("B0b's-password");
    await keyboard.press('Tab');
    assert.equal(await focused(), 'Sign in');
    await keyboard.press('Enter');
    await status('The pool wants a code.');
    assert.equal(await focused(), 'code');
    await keyboard.type((await sent()).code);
    await keyboard.press('Enter');
    await status('bob is signed in.');
    assert.equal(await focused(), 'register');
    assert.ok((await entries()).includes('SMS_MFA'));
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await status('Signed out.');
    assert.equal(await focused(), 'username');
    // Each focus can be seen, also that of the list, which scrolls.
    for (let i = 0; i < 6; i += 1) {
      const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
      assert.equal(outline, 'solid', await focused());
      if (await focused() === 'log') return;
      await keyboard.press('Tab');
    }
    assert.fail('the list gets no focus');
  });

  test('registers a passkey, and signs in by it, by keyboard', async () => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const { authenticatorId } = await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await byPassword('dave', "Dav3's-password");
    await status('dave is signed in.');
    await page.keyboard.press('Enter');
    await status('The passkey is registered.');
    assert.deepEqual((await entries()).slice(-5), [
      'StartWebAuthnRegistration', 'StartWebAuthnRegistration', 'navigator.credentials.create',
      'CompleteWebAuthnRegistration', 'CompleteWebAuthnRegistration',
    ]);
    const { credentials: [passkey] } = await cdp.send('WebAuthn.getCredentials', { authenticatorId });
    assert.equal(passkey.rpId, 'localhost');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await status('Signed out.');

    await page.keyboard.press('Tab');
    for (let i = 0; i < 3; i += 1) await page.keyboard.press('ArrowDown');
    assert.equal(await page.getByRole('radio', { name: 'passkey' }).isChecked(), true);
    await page.keyboard.press('Enter');
    await status('dave is signed in.');
    assert.deepEqual(await entries(), [
      'InitiateAuth', 'WEB_AUTHN', 'navigator.credentials.get', 'RespondToAuthChallenge', 'AuthenticationResult',
    ]);

    // Another user has no passkey here.
    await submit('Sign out');
    await status('Signed out.');
    await page.getByLabel('User name').fill('alice');
    await submit();
    await status('the browser gave no passkey');
    assert.equal(await focused(), 'username');
  });

  for (const colorScheme of ['light', 'dark']) {
    test(`can be read in the ${colorScheme} scheme, on a wide and on a narrow screen`, async () => {
      await page.emulateMedia({ colorScheme });
      const shades = [];
      for (const [width, height] of [[1280, 800], [360, 740]]) {
        await page.setViewportSize({ width, height });
        await page.goto(demo.page);
        for (const [step, act] of [
          ['start', () => {}],
          ['refused', async () => { await byPassword('bob', 'wrong'); await status('NotAuthorizedException'); }],
          ['code', async () => { await byPassword('bob', "B0b's-password"); await status('The pool wants a code.'); }],
          ['signed-in', async () => { await enterCode((await sent()).code); await status('bob is signed in.'); }],
        ]) {
          await act();
          const { faint, ground, overflow } = await page.evaluate(look);
          assert.deepEqual(faint, [], `${step} at ${width}`);
          assert.equal(overflow, 0, `${step} at ${width}`);
          shades.push(ground);
          if (process.env.SCREENSHOTS) {
            await page.screenshot({ path: join(process.env.SCREENSHOTS, `${colorScheme}-${width}-${step}.png`), fullPage: width < 400 });
          }
        }
      }
      assert.ok(shades.every((shade) => (colorScheme === 'dark' ? shade < 0.05 : shade > 0.8)), String(shades));
    });
  }
});

/** In the page: the texts whose contrast is below 4.5 to 1 (WCAG 2.2, 1.4.3), the ground's luminance, and what is wider than the screen. */
function look() {
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const groundOf = (element) => {
    const colour = rgb(getComputedStyle(element).backgroundColor);
    return colour[3] === 0 ? groundOf(element.parentElement) : luminance(colour);
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const hasText = element.value || [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!hasText || !element.checkVisibility()) continue;
    const [low, high] = [luminance(rgb(getComputedStyle(element).color)), groundOf(element)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) < 4.5) faint.push(element.textContent || element.id);
  }
  const { scrollWidth, clientWidth } = document.documentElement;
  return { faint, ground: groundOf(document.body), overflow: scrollWidth - clientWidth };
}
