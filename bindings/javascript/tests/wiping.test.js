// After an answer, a refusal and `free` the whole memory of the module is read: it holds no secret of the sign-in.

import assert from 'node:assert/strict';
import { getDiffieHellman } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { bytesOf, scripted } from './vectors.js';

const instances = [];
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...parameters) => {
  const instance = await instantiate(...parameters);
  instances.push(instance);
  return instance;
};

const { DeviceSignIn, UserSignIn, registerDevice, secretHash } = await import('../dist/index.js');
const cases = (file) => JSON.parse(readFileSync(new URL(`../../../vectors/${file}.json`, import.meta.url), 'utf8')).cases;

const N = BigInt(`0x${getDiffieHellman('modp15').getPrime('hex')}`);
// So many bytes in a row are a find.
const WINDOW = 8;

/** A number as the module may hold it: bytes, limbs, and digits of 28 bits, also in Montgomery's form. */
function formsOf(hex) {
  const big = Buffer.from(bytesOf(hex, Math.ceil(hex.length / 2)));
  const digits = (number) => {
    const words = [];
    for (let rest = number; rest > 0n; rest >>= 28n) words.push(Number(rest & 0xfffffffn));
    return Buffer.from(new Uint32Array(words).buffer);
  };
  const number = BigInt(`0x${hex}`);
  return [big, Buffer.from(big).reverse(), digits(number), digits((number << 3080n) % N)];
}

/** The names of the secrets of which some part is in the memory. */
function found(secrets) {
  const memory = Buffer.from(instances.at(-1).exports.memory.buffer);
  // Windows by their first four bytes, so that one pass over the memory looks for all of them.
  const windows = new Map();
  for (const [name, forms] of Object.entries(secrets)) {
    for (const bytes of forms) {
      for (let at = 0; at + WINDOW <= bytes.length; at += 1) {
        const window = bytes.subarray(at, at + WINDOW);
        // Zeros and ones are everywhere.
        if (new Set(window).size <= 3) continue;
        const head = window.readUInt32LE();
        windows.set(head, [...windows.get(head) ?? [], { name, window }]);
      }
    }
  }
  const names = new Set();
  for (let at = 0; at + WINDOW <= memory.length; at += 1) {
    const candidates = windows.get(memory.readUInt32LE(at));
    candidates?.filter(({ window }) => window.equals(memory.subarray(at, at + WINDOW))).forEach(({ name }) => names.add(name));
  }
  return Object.keys(secrets).filter((name) => names.has(name));
}

async function start(hex, begin) {
  const undo = scripted(bytesOf(hex, 40));
  return begin().finally(undo);
}

const secretsOf = ({ a, expected: { x, S, key }, ...vector }) => ({
  a: formsOf(a),
  x: formsOf(x),
  S: formsOf(S),
  K: formsOf(key),
  password: [Buffer.from(vector.password ?? vector.device_password)],
});

// Long numbers and passwords, so that every one has a window.
const users = cases('server').filter(({ a, password }) => a.length === 80 && password.length >= WINDOW);
const devices = cases('device_auth').filter(({ kind }) => kind === 'device_signature');

test('an answer leaves no secret', async () => {
  assert.ok(users.length > 5);
  for (const vector of users) {
    const secrets = secretsOf(vector);
    const names = { poolId: vector.pool_id, clientId: 'client', username: 'alice', clientSecret: '0client0secret0of0thirty0chars0' };
    secrets.clientSecret = [Buffer.from(names.clientSecret)];
    const signIn = await start(vector.a, () => UserSignIn.start(names));
    // The scan finds what must be there.
    assert.deepEqual(found(secrets), ['a', 'clientSecret']);
    const challenge = { USER_ID_FOR_SRP: vector.user_id_for_srp, SALT: vector.salt, SRP_B: vector.srp_b, SECRET_BLOCK: vector.secret_block };
    const answer = signIn.answer(challenge, vector.password, 1000 * vector.unix_seconds);
    assert.equal(answer.PASSWORD_CLAIM_SIGNATURE, vector.expected.signature);
    secrets.secretHash = [Buffer.from(answer.SECRET_HASH), Buffer.from(signIn.authParameters.SECRET_HASH)];
    secrets.signature = [Buffer.from(answer.PASSWORD_CLAIM_SIGNATURE)];
    assert.deepEqual(found(secrets), []);
  }
});

test('a refused answer and `free` leave no secret', async () => {
  const vector = users[0];
  const names = { poolId: vector.pool_id, clientId: 'client', username: 'alice' };
  const ends = [
    (signIn) => assert.throws(() => signIn.answer({ USER_ID_FOR_SRP: 'u', SALT: '1', SRP_B: '0', SECRET_BLOCK: 'AA==' }, vector.password)),
    (signIn) => assert.throws(() => signIn.answer({ SALT: '1' }, vector.password)),
    (signIn) => assert.throws(() => signIn.answer({ USER_ID_FOR_SRP: 42 }, vector.password)),
    (signIn) => assert.throws(() => signIn.answer({}, vector.password.padEnd(300, vector.password))),
    (signIn) => signIn.free(),
  ];
  for (const end of ends) {
    const signIn = await start(vector.a, () => UserSignIn.start(names));
    end(signIn);
    assert.deepEqual(found(secretsOf(vector)), []);
  }
});

test('a device leaves no secret', async () => {
  const names = { poolId: 'us-east-1_AbC', clientId: 'client', username: 'alice' };
  const device = { deviceKey: devices[0].device_key, deviceGroupKey: devices[0].device_group_key };
  const made = await registerDevice(device);
  const { PasswordVerifier } = made.deviceSecretVerifierConfig;
  const secrets = {
    password: [Buffer.from(made.devicePassword), Buffer.from(made.devicePassword, 'base64')],
    verifier: [Buffer.from(PasswordVerifier), ...formsOf(Buffer.from(PasswordVerifier, 'base64').toString('hex'))],
  };
  assert.deepEqual(found(secrets), []);
  const signIn = await DeviceSignIn.start({ ...names, ...device, devicePassword: made.devicePassword });
  assert.deepEqual(found(secrets), ['password']);
  signIn.answer({ USERNAME: 'alice', SALT: 'c0ffee', SRP_B: '1f3b', SECRET_BLOCK: 'AAECAw==' });
  assert.deepEqual(found(secrets), []);
});

test('a hash of a client secret leaves no secret', async () => {
  const clientSecret = 'another0secret0of0thirty0chars0';
  const hash = await secretHash({ clientId: 'client', clientSecret, username: 'alice' });
  assert.deepEqual(found({ clientSecret: [Buffer.from(clientSecret)], hash: [Buffer.from(hash), Buffer.from(hash, 'base64')] }), []);
});

test('a sign-in that is forgotten is wiped when it is collected', async () => {
  assert.ok(globalThis.gc, 'run node with --expose-gc');
  const vector = users[1];
  const names = { poolId: vector.pool_id, clientId: 'client', username: 'alice' };
  // In a function of its own, so that no frame keeps it.
  await (async () => { await start(vector.a, () => UserSignIn.start(names)); })();
  const secrets = { a: formsOf(vector.a) };
  assert.deepEqual(found(secrets), ['a']);
  for (let i = 0; i < 50 && found(secrets).length; i += 1) {
    globalThis.gc();
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
  assert.deepEqual(found(secrets), []);
});
