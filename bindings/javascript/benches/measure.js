// Measures the clients, where this is loaded: under node or in a browser.

import { CLIENTS, NAMES, N_HEX, PASSWORD } from './clients.js';

const ROUNDS = 21;
// Short, because on a busy machine a long batch is always interrupted. The page is isolated, so its clock is fine enough.
const BATCH_MS = 5;
const SALT = 'c0ffee0123456789c0ffee0123456789';
const SECRET_BLOCK = btoa('secret block '.repeat(80));

/** Processor time where there is one, because another process on the same core shall not count. */
function now() {
  if (typeof process !== 'object' || !process.cpuUsage) return performance.now();
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
const hexOf = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Java's `toByteArray`, as hex. */
function enc(number) {
  const hex = number.toString(16);
  const even = hex.length % 2 ? `0${hex}` : hex;
  return parseInt(even[0], 16) > 7 ? `00${even}` : even;
}

const sha256 = async (hex) => hexOf(await crypto.subtle.digest('SHA-256', bytesOf(hex)));
const text = (string) => hexOf(new TextEncoder().encode(string));

function power(base, exponent, modulus) {
  let result = 1n;
  for (const bit of exponent.toString(2)) result = result * result * (bit === '1' ? base : 1n) % modulus;
  return result;
}

/** A server for one challenge, in the shortest form: it checks what the clients have computed. */
async function server() {
  const N = BigInt(`0x${N_HEX}`);
  const k = BigInt(`0x${await sha256(enc(N) + enc(2n))}`);
  const inner = await sha256(text(`${NAMES.poolId.split('_')[1]}${NAMES.username}:${PASSWORD}`));
  const v = power(2n, BigInt(`0x${await sha256(enc(BigInt(`0x${SALT}`)) + inner)}`), N);
  const b = BigInt(`0x${await sha256('b0')}`);
  const B = (k * v + power(2n, b, N)) % N;
  const challenge = { USERNAME: NAMES.username, USER_ID_FOR_SRP: NAMES.username, SALT, SRP_B: B.toString(16), SECRET_BLOCK };
  const isRight = async (srpA, { TIMESTAMP, PASSWORD_CLAIM_SIGNATURE }) => {
    const A = BigInt(`0x${srpA}`);
    const u = BigInt(`0x${await sha256(enc(A) + enc(B))}`);
    const S = power(A * power(v, u, N) % N, b, N);
    const hmac = async (key, hex) => {
      const imported = await crypto.subtle.importKey('raw', bytesOf(key), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
      return hexOf(await crypto.subtle.sign('HMAC', imported, bytesOf(hex)));
    };
    const key = (await hmac(await hmac(enc(u), enc(S)), `${text('Caldera Derived Key')}01`)).slice(0, 32);
    const names = text(`${NAMES.poolId.split('_')[1]}${NAMES.username}`);
    const block = hexOf(Uint8Array.from(atob(SECRET_BLOCK), (c) => c.charCodeAt(0)));
    return await hmac(key, names + block + text(TIMESTAMP)) === hexOf(Uint8Array.from(atob(PASSWORD_CLAIM_SIGNATURE), (c) => c.charCodeAt(0)));
  };
  return { challenge, isRight };
}

/** Times so many operations. All states are made before the clock starts. */
async function time(make, operation, count) {
  const states = [];
  for (let i = 0; i < count; i += 1) states.push(await make());
  const begin = now();
  for (const state of states) await operation(state);
  return (now() - begin) / count;
}

export async function measure(where) {
  const { challenge, isRight } = await server();
  const cases = [];
  const loads = [];
  for (const [who, client] of Object.entries(CLIENTS)) {
    // What comes once before the first sign-in, with the first sign-in, which runs before the engine has compiled anything for speed.
    const begin = now();
    await client.setup?.();
    await client.answer(await client.start(), challenge);
    loads.push({ name: 'first_sign_in', who, where, once_ms: Number((now() - begin).toFixed(1)) });
    // One client is wrong once in 512 sign-ins (tests/interop says which), so each has two tries.
    let isChecked = false;
    for (let tries = 0; tries < 2 && !isChecked; tries += 1) {
      const started = await client.start();
      isChecked = await isRight(started.srp_a, await client.answer(started, challenge));
    }
    if (!isChecked) throw new Error(`${who} computes another claim`);
    cases.push({ name: 'srp_a', who, make: () => undefined, operation: () => client.start() });
    cases.push({ name: 'answer', who, make: () => client.start(), operation: (started) => client.answer(started, challenge) });
  }
  for (const one of cases) {
    // Engines compile for speed after some calls.
    const first = await time(one.make, one.operation, 3);
    one.count = Math.max(1, Math.ceil(BATCH_MS / Math.max(first, 0.3)));
    one.samples = [];
    await time(one.make, one.operation, one.count);
  }
  // In turns, so that a slow moment meets all of them.
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const one of cases) one.samples.push(await time(one.make, one.operation, one.count));
  }
  const lines = cases.map(({ name, who, samples }) => {
    samples.sort((a, b) => a - b);
    return { name, who, where, median_ms: Number(samples[ROUNDS >> 1].toFixed(3)), min_ms: Number(samples[0].toFixed(3)) };
  });
  return [...lines, ...loads];
}

globalThis.measure = async (where) => JSON.stringify(await measure(where));
