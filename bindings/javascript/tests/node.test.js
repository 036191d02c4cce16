// The package under node, without a network.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';

import { bytesOf, FILES, runVectors, scripted } from './vectors.js';

const read = (file) => JSON.parse(readFileSync(new URL(`../../../vectors/${file}.json`, import.meta.url), 'utf8'));

/** The instances that the package has made, the newest last. */
const instances = [];
/** Stands before the module's functions of these names. */
const stead = {};
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...parameters) => {
  const instance = await instantiate(...parameters);
  instances.push(instance);
  return { exports: { ...instance.exports, ...stead } };
};

const api = await import('../dist/index.js');
const { DeviceSignIn, SrpError, UserSignIn, registerDevice, secretHash } = api;

const POOL = { poolId: 'us-east-1_AbCdEfGhI', clientId: 'client', username: 'alice' };
const DEVICE = { deviceKey: 'us-east-1_0a1b2c3d-4e5f-4071-8293-a4b5c6d7e8f9', deviceGroupKey: '-aBcDeFgH' };
const CHALLENGE = { USER_ID_FOR_SRP: 'alice', SALT: 'c0ffee', SRP_B: '1f3b', SECRET_BLOCK: 'AAECAw==' };

function isRefusal(code, parameter) {
  return (error) => error instanceof SrpError && error.name === 'SrpError' && error.code === code && error.parameter === parameter;
}

test('the vectors', async () => {
  const { ran, wrong } = await runVectors(api, FILES.map(read));
  assert.deepEqual(wrong, []);
  assert.equal(ran, 233);
});

test('the names of an answer', async () => {
  const clientSecret = 'an0example0secret0of0thirty0chars';
  const signIn = await UserSignIn.start({ ...POOL, clientSecret, deviceKey: DEVICE.deviceKey, username: 'alice@example.com' });
  assert.deepEqual(Object.keys(signIn.authParameters), ['USERNAME', 'SRP_A', 'SECRET_HASH', 'DEVICE_KEY']);
  const answer = signIn.answer({ ...CHALLENGE, USERNAME: '7f1d2c3b' }, 'password', new Date(1704164645999));
  assert.deepEqual(Object.keys(answer).sort(), [
    'DEVICE_KEY', 'PASSWORD_CLAIM_SECRET_BLOCK', 'PASSWORD_CLAIM_SIGNATURE', 'SECRET_HASH', 'TIMESTAMP', 'USERNAME',
  ]);
  assert.equal(answer.TIMESTAMP, 'Tue Jan 2 03:04:05 UTC 2024');
  assert.equal(answer.USERNAME, '7f1d2c3b');
  const hash = (username) => secretHash({ clientId: POOL.clientId, clientSecret, username });
  assert.equal(signIn.authParameters.SECRET_HASH, await hash('alice@example.com'));
  assert.equal(answer.SECRET_HASH, await hash('7f1d2c3b'));
});

test('bytes and a string are the same password', async () => {
  const start = async () => {
    const undo = scripted(bytesOf('abcdef', 40));
    return UserSignIn.start(POOL).finally(undo);
  };
  const password = 'pässwörd 🗝';
  const expected = (await start()).answer(CHALLENGE, password, 0).PASSWORD_CLAIM_SIGNATURE;
  const bytes = new TextEncoder().encode(password);
  const of = runInNewContext('(bytes) => Uint8Array.from(bytes)')(bytes);
  assert.ok(!(of instanceof Uint8Array), 'it is of this realm');
  for (const same of [bytes, Buffer.from(password), of, Object.defineProperty(bytes.slice(), 'length', { value: -1 })]) {
    assert.equal((await start()).answer(CHALLENGE, same, 0).PASSWORD_CLAIM_SIGNATURE, expected);
  }
});

test('a text comes back as it went in', async () => {
  for (const username of ['\ufeffalice', 'al\ufeffice', 'a\u0308lice-ユーザー-🗝']) {
    const signIn = await UserSignIn.start({ ...POOL, username });
    assert.equal(signIn.authParameters.USERNAME, username);
    assert.equal(signIn.answer({ ...CHALLENGE, USERNAME: username }, 'password').USERNAME, username);
  }
});

test('each start draws another a', async () => {
  const starts = await Promise.all(Array.from({ length: 20 }, () => UserSignIn.start(POOL)));
  assert.equal(new Set(starts.map((signIn) => signIn.authParameters.SRP_A)).size, 20);
  starts.forEach((signIn) => signIn.free());
});

test('a sign-in is spent by its answer, good or bad, and by free', async () => {
  for (const end of [
    (signIn) => signIn.answer(CHALLENGE, 'password'),
    (signIn) => assert.throws(() => signIn.answer({ ...CHALLENGE, SRP_B: '0' }, 'password'), isRefusal('PublicValueIsZero', 'SRP_B')),
    (signIn) => assert.throws(() => signIn.answer(CHALLENGE, '\ud800'), isRefusal('Malformed', 'PASSWORD')),
    (signIn) => assert.throws(() => signIn.answer(undefined, 'password'), isRefusal('Missing', 'ChallengeParameters')),
    (signIn) => assert.throws(() => signIn.answer(CHALLENGE, undefined), isRefusal('Missing', 'PASSWORD')),
    (signIn) => signIn.free(),
  ]) {
    const signIn = await UserSignIn.start(POOL);
    end(signIn);
    assert.throws(() => signIn.answer(CHALLENGE, 'password'), isRefusal('Spent', undefined));
    signIn.free();
  }
  // The places are used again.
  const starts = await Promise.all([UserSignIn.start(POOL), UserSignIn.start(POOL)]);
  starts[0].free();
  const next = await UserSignIn.start(POOL);
  starts[0].free();
  assert.ok(next.answer(CHALLENGE, 'password').PASSWORD_CLAIM_SIGNATURE);
  assert.ok(starts[1].answer(CHALLENGE, 'password').PASSWORD_CLAIM_SIGNATURE);
});

test('hostile input is refused with the name of its parameter', async () => {
  const long = 'a'.repeat(1 << 20);
  const hostile = [[42, 'Malformed'], [{}, 'Malformed'], [[], 'Malformed'], [Symbol('x'), 'Malformed'], ['\udc00', 'Malformed'], [long, 'TooLong'],
    [new Uint8Array(1 << 20), 'TooLong'], [Uint8Array.of(0xff), 'Malformed'], ['', 'Empty'], [new Uint16Array(1), 'Malformed'],
    [{ [Symbol.toStringTag]: 'Uint8Array', length: -1 }, 'Malformed'], [new Proxy(new Uint8Array(1), {}), 'Malformed']];
  const names = { poolId: 'UserPoolId', clientId: 'ClientId', username: 'USERNAME', clientSecret: 'ClientSecret', deviceKey: 'DEVICE_KEY' };
  for (const [name, parameter] of Object.entries(names)) {
    for (const [value, code] of hostile) {
      await assert.rejects(UserSignIn.start({ ...POOL, [name]: value }), isRefusal(code, parameter), `${name}: ${typeof value}`);
    }
  }
  for (const name of ['poolId', 'clientId', 'username']) {
    await assert.rejects(UserSignIn.start({ ...POOL, [name]: undefined }), isRefusal('Missing', names[name]));
  }
  for (const name of Object.keys(CHALLENGE)) {
    for (const [value, code] of hostile) {
      const signIn = await UserSignIn.start(POOL);
      assert.throws(() => signIn.answer({ ...CHALLENGE, [name]: value }, 'password'), isRefusal(code, name), `${name}: ${typeof value}`);
    }
    const signIn = await UserSignIn.start(POOL);
    assert.throws(() => signIn.answer({ ...CHALLENGE, [name]: null }, 'password'), isRefusal('Missing', name));
  }
  // An empty password is taken, as the crate does.
  for (const [value, code] of [...hostile, [undefined, 'Missing'], [null, 'Missing']].filter(([value]) => value !== '')) {
    const signIn = await UserSignIn.start(POOL);
    assert.throws(() => signIn.answer(CHALLENGE, value), isRefusal(code, 'PASSWORD'));
  }
  for (const now of [NaN, Infinity, -1000, 1e20, 'today', null, {}]) {
    const signIn = await UserSignIn.start(POOL);
    assert.throws(() => signIn.answer(CHALLENGE, 'password', now), isRefusal('Malformed', 'TIMESTAMP'));
  }
  for (const options of [undefined, null, 'alice']) {
    await assert.rejects(UserSignIn.start(options), isRefusal('Missing', 'options'));
    await assert.rejects(registerDevice(options), isRefusal('Missing', 'options'));
  }
  await assert.rejects(DeviceSignIn.start({ ...POOL, ...DEVICE }), isRefusal('Missing', 'PASSWORD'));
  await assert.rejects(DeviceSignIn.start({ ...POOL, devicePassword: 'p' }), isRefusal('Missing', 'DEVICE_KEY'));
  assert.throws(() => new UserSignIn(), isRefusal('Misuse', undefined));
  // Eight fields of the greatest length.
  const most = 'a'.repeat(16 * 1024);
  const all = { poolId: most, clientId: most, clientSecret: most, username: most, deviceKey: most, deviceGroupKey: most };
  await assert.rejects(DeviceSignIn.start({ ...all, devicePassword: most }), isRefusal('TooLong', 'UserPoolId'));
});

test('a random source that is missing, fails or is stuck ends the start', async () => {
  const cases = [
    undefined,
    () => { throw new Error('no entropy'); },
    (out) => out,
    () => undefined,
  ];
  for (const source of cases) {
    crypto.getRandomValues = source;
    try {
      await assert.rejects(UserSignIn.start(POOL), isRefusal('RandomSource', undefined));
      await assert.rejects(registerDevice(DEVICE), isRefusal('RandomSource', undefined));
    } finally {
      delete crypto.getRandomValues;
    }
  }
});

test('a trap is an error of the same class, and ends the instance', async () => {
  const waits = await UserSignIn.start(POOL);
  const { buffer } = instances.at(-1).exports.memory;
  // The module panics for a length beyond its buffer.
  stead.start_user = () => instances.at(-1).exports.start_user(0x7fffffff);
  const broken = await import('../dist/index.js?broken');
  const other = await broken.UserSignIn.start(POOL).then(() => assert.fail('it has started'), (error) => error);
  assert.ok(other instanceof broken.SrpError && other.code === 'Broken' && other.cause instanceof WebAssembly.RuntimeError);
  assert.ok(new Uint8Array(instances.at(-1).exports.memory.buffer).every((byte) => byte === 0), 'its memory is not wiped');
  // The next start has an instance that works.
  delete stead.start_user;
  const count = instances.length;
  const next = await broken.UserSignIn.start(POOL);
  assert.equal(instances.length, count + 1);
  assert.ok(next.answer(CHALLENGE, 'password').PASSWORD_CLAIM_SIGNATURE);
  // Another instance goes on.
  assert.ok(buffer.byteLength > 0 && waits.answer(CHALLENGE, 'password').PASSWORD_CLAIM_SIGNATURE);

  stead.answer = () => instances.at(-1).exports.answer(1000, 28, 0);
  const third = await import('../dist/index.js?third');
  const [first, second] = [await third.UserSignIn.start(POOL), await third.UserSignIn.start(POOL)];
  const isBroken = (error) => error instanceof third.SrpError && error.code === 'Broken';
  assert.throws(() => first.answer(CHALLENGE, 'password'), isBroken);
  assert.throws(() => second.answer(CHALLENGE, 'password'), isBroken, 'a sign-in of an instance that has failed goes on');
  second.free();
  delete stead.answer;
});

test('a start that waits behind a trap in the same tick is refused, and leaves nothing', async () => {
  let calls = 0;
  stead.start_user = (length) => instances.at(-1).exports.start_user((calls += 1) === 1 ? 0x7fffffff : length);
  const fresh = await import('../dist/index.js?tick');
  try {
    const clientSecret = 'an0example0secret0of0thirty0chars';
    const both = await Promise.allSettled([fresh.UserSignIn.start(POOL), fresh.UserSignIn.start({ ...POOL, clientSecret })]);
    for (const { reason } of both) assert.ok(reason instanceof fresh.SrpError && reason.code === 'Broken');
    assert.equal(calls, 1, 'a broken instance goes on');
    assert.ok(new Uint8Array(instances.at(-1).exports.memory.buffer).every((byte) => byte === 0), 'its memory is not wiped');
  } finally {
    delete stead.start_user;
  }
});

test('a getter of a caller ends its own sign-in alone, and its text stays out', async () => {
  const waits = await UserSignIn.start(POOL);
  const count = instances.length;
  const fails = () => { throw new Error('hunter2'); };
  const failing = (more, name) => Object.defineProperty({ ...more }, name, { enumerable: true, get: fails });
  const isClean = (parameter) => (error) =>
    isRefusal('Malformed', parameter)(error) && error.cause === undefined && !String(error.stack).includes('hunter2');
  await assert.rejects(UserSignIn.start(failing(POOL, 'clientId')), isClean('options'));
  await assert.rejects(DeviceSignIn.start(failing(POOL, 'devicePassword')), isClean('options'));
  await assert.rejects(registerDevice(failing(DEVICE, 'deviceKey')), isClean('options'));
  await assert.rejects(secretHash(failing(POOL, 'clientSecret')), isClean('options'));
  const start = () => UserSignIn.start(POOL);
  const tagged = failing({}, Symbol.toStringTag);
  for (const [challenge, password, now, parameter] of [
    [failing(CHALLENGE, 'SALT'), 'password', 0, 'ChallengeParameters'],
    [CHALLENGE, tagged, 0, 'PASSWORD'],
    [CHALLENGE, failing(new Uint8Array(4), 'length'), 0, 'PASSWORD'],
    [CHALLENGE, 'password', failing({}, 'getTime'), 'TIMESTAMP'],
    [CHALLENGE, 'password', { getTime: fails }, 'TIMESTAMP'],
  ]) {
    const signIn = await start();
    assert.throws(() => signIn.answer(challenge, password, now), isClean(parameter));
    assert.throws(() => signIn.answer(CHALLENGE, 'password'), isRefusal('Spent', undefined));
  }
  // One that answers again is refused, and the answer that reads it goes on.
  const signIn = await start();
  let again;
  const SALT = () => {
    try { signIn.answer(CHALLENGE, 'password'); } catch (error) { again = error; }
    return CHALLENGE.SALT;
  };
  assert.ok(signIn.answer(Object.defineProperty({ ...CHALLENGE }, 'SALT', { get: SALT }), 'password').PASSWORD_CLAIM_SIGNATURE);
  assert.ok(isRefusal('Spent', undefined)(again));
  assert.equal(instances.length, count, 'the instance has been given up');
  assert.ok(waits.answer(CHALLENGE, 'password').PASSWORD_CLAIM_SIGNATURE);
});

test('without WebAssembly a start says so, and a later one tries again', async () => {
  const { compile } = WebAssembly;
  const fresh = await import('../dist/index.js?fresh');
  WebAssembly.compile = async () => { throw new WebAssembly.CompileError('blocked by CSP'); };
  try {
    await assert.rejects(fresh.UserSignIn.start(POOL), (error) => error instanceof fresh.SrpError && error.code === 'NotLoaded');
  } finally {
    WebAssembly.compile = compile;
  }
  const whole = WebAssembly;
  const without = await import('../dist/index.js?without');
  delete globalThis.WebAssembly;
  try {
    await assert.rejects(without.UserSignIn.start(POOL), (error) => error instanceof without.SrpError && error.code === 'NotLoaded');
  } finally {
    globalThis.WebAssembly = whole;
  }
  for (const { UserSignIn: Later } of [fresh, without]) assert.ok(await Later.start(POOL));
});
