// The SRP-6a password proof of Amazon Cognito user pools. The arithmetic is the module's (`wasm/src`); this file moves texts in and
// out, and wipes what it has moved.

import { compile } from './module.js';

/** Why an input was refused or a step failed. It carries no input text and no secret. */
export class SrpError extends Error {
  constructor(code, message, parameter, options) {
    super(message, options);
    this.name = 'SrpError';
    this.code = code;
    this.parameter = parameter;
  }
}

/** The sign-in of a user: `USER_SRP_AUTH`, then `PASSWORD_VERIFIER`. */
export class UserSignIn {
  #place;

  constructor(key, place, authParameters) {
    this.#place = owned(key, this, place);
    this.authParameters = authParameters;
  }

  static async start(options) {
    const fields = given(options, ({ poolId, clientId, username, clientSecret, deviceKey }) => [
      [RANDOM, A_BYTES],
      ['UserPoolId', poolId],
      ['ClientId', clientId],
      ['ClientSecret', clientSecret],
      ['USERNAME', username],
      ['DEVICE_KEY', deviceKey],
    ]);
    const [place, authParameters] = begin(await ready(), (module, length) => module.start_user(length), fields);
    return new UserSignIn(KEY, place, authParameters);
  }

  answer(challengeParameters, password, now = new Date()) {
    return this.#place.answer(challengeParameters, password, now);
  }

  free() {
    this.#place.free();
  }
}

/** The sign-in of a remembered device: `DEVICE_SRP_AUTH`, then `DEVICE_PASSWORD_VERIFIER`. */
export class DeviceSignIn {
  #place;

  constructor(key, place, challengeResponses) {
    this.#place = owned(key, this, place);
    this.challengeResponses = challengeResponses;
  }

  static async start(options) {
    const fields = given(options, ({ poolId, clientId, username, clientSecret, deviceKey, deviceGroupKey, devicePassword }) => [
      [RANDOM, A_BYTES],
      ['UserPoolId', poolId],
      ['ClientId', clientId],
      ['ClientSecret', clientSecret],
      ['USERNAME', username],
      ['DEVICE_KEY', deviceKey],
      ['DeviceGroupKey', deviceGroupKey],
      ['PASSWORD', devicePassword],
    ]);
    const [place, challengeResponses] = begin(await ready(), (module, length) => module.start_device(length), fields);
    return new DeviceSignIn(KEY, place, challengeResponses);
  }

  answer(challengeParameters, now = new Date()) {
    return this.#place.answer(challengeParameters, undefined, now);
  }

  free() {
    this.#place.free();
  }
}

/** Makes the password of a new device, and its verifier for `ConfirmDevice`. */
export async function registerDevice(options) {
  const fields = given(options, ({ deviceKey, deviceGroupKey }) => [
    [RANDOM, DEVICE_BYTES],
    ['DEVICE_KEY', deviceKey],
    ['DeviceGroupKey', deviceGroupKey],
  ]);
  const { texts } = (await ready()).call((module, length) => module.register_device(length), fields);
  const { DevicePassword, PasswordVerifier, Salt } = pairs(texts);
  return { devicePassword: DevicePassword, deviceSecretVerifierConfig: { PasswordVerifier, Salt } };
}

/** Computes `SECRET_HASH` for a message that this package does not make, over the `USERNAME` in that message. */
export async function secretHash(options) {
  const fields = given(options, ({ clientId, clientSecret, username }) =>
    [['ClientId', clientId], ['ClientSecret', clientSecret], ['USERNAME', username]]);
  return pairs((await ready()).call((module, length) => module.secret_hash(length), fields).texts).SECRET_HASH;
}

// The random bytes of `a`, and of a device's password and salt.
const A_BYTES = 40;
const DEVICE_BYTES = 56;

// The name of a field of random bytes.
const RANDOM = Symbol('random');

// What a challenge may have, in the order of the module's `answer`.
const CHALLENGE = ['USERNAME', 'USER_ID_FOR_SRP', 'DEVICE_KEY', 'SALT', 'SRP_B', 'SECRET_BLOCK'];

// The longest text that the module takes, in bytes, and the length that stands for an absent field.
const LONGEST = 16 * 1024;
const ABSENT = 0xffffffff;

const LOST = 'the module has failed; its sign-ins are lost';

/** One instance of the module. After a trap it is given up. */
class Machine {
  constructor({ exports }) {
    this.exports = exports;
  }

  /** Writes fields, lets the module work on them, and returns its status and its texts. The buffer is clean again at the end. */
  call(work, fields) {
    // Whoever waited for `ready` beside another may find what the other has broken.
    this.mustWork();
    try {
      const { status, texts } = this.run(work, write(this.buffer(), fields));
      if (status < 0) throw new SrpError(...texts);
      return { status, texts };
    } finally {
      this.buffer().fill(0);
    }
  }

  /** Lets the module work on the buffer. All that fails here is the module's fault. */
  run(work, length) {
    try {
      return { status: work(this.exports, length), texts: read(this.buffer()) };
    } catch (cause) {
      this.giveUp();
      throw new SrpError('Broken', LOST, undefined, { cause });
    }
  }

  mustWork() {
    if (this.isBroken) refuse('Broken', LOST);
  }

  /** The module's memory moves when it grows, so each use makes its own view. */
  buffer() {
    const { memory, buffer, buffer_length: length } = this.exports;
    return new Uint8Array(memory.buffer, buffer(), length());
  }

  /** Wipes the memory, because a trap leaves everything in place. The next start makes a new instance. */
  giveUp() {
    this.isBroken = true;
    new Uint8Array(this.exports.memory.buffer).fill(0);
    loading = undefined;
  }
}

/** The place of a sign-in in an instance. It is used once. */
class Place {
  constructor(machine, number) {
    this.machine = machine;
    this.number = number;
  }

  answer(challengeParameters, password, now) {
    if (this.number === undefined) refuse('Spent', 'the sign-in has been answered or freed; start another');
    this.machine.mustWork();
    const number = this.number;
    // Spent before a parameter is read: a getter of the caller's may answer again.
    this.number = undefined;
    try {
      const parameters = given(challengeParameters, (all) => CHALLENGE.map((name) => [name, all[name]]), 'ChallengeParameters');
      const time = seconds(now);
      const fields = [['PASSWORD', password], ...parameters];
      return pairs(this.machine.call((module, length) => module.answer(number, length, time), fields).texts);
    } finally {
      this.forget(number);
    }
  }

  free() {
    const { number } = this;
    this.number = undefined;
    if (number !== undefined) this.forget(number);
  }

  forget(number) {
    if (!this.machine.isBroken) this.machine.exports.forget(number);
  }
}

// Only this file has the key, so only it makes sign-ins.
const KEY = Symbol('key');

// A net for sign-ins that are neither answered nor freed.
const net = typeof FinalizationRegistry === 'function' ? new FinalizationRegistry((place) => place.free()) : undefined;

function owned(key, owner, place) {
  if (key !== KEY) refuse('Misuse', 'a sign-in is made by `start`');
  net?.register(owner, place);
  return place;
}

let loading;

/** Compiles and instantiates the module, once. */
function ready() {
  loading ??= compile()
    .then((module) => WebAssembly.instantiate(module))
    .then((instance) => new Machine(instance))
    .catch((cause) => {
      loading = undefined;
      throw new SrpError('NotLoaded', "WebAssembly does not load here; a page's policy needs 'wasm-unsafe-eval'", undefined, { cause });
    });
  return loading;
}

function begin(machine, start, fields) {
  const { status, texts } = machine.call(start, fields);
  return [new Place(machine, status), pairs(texts)];
}

function given(options, take, name = 'options') {
  if (options === null || typeof options !== 'object') refuse('Missing', `${name} is missing`, name);
  return asked(() => take(options), name);
}

/** Reads what a caller's getters give. What they throw is left out, because its text is not ours. */
function asked(get, name) {
  try {
    return get();
  } catch {
    return refuse('Malformed', `${name} cannot be read`, name);
  }
}

function refuse(code, message, parameter) {
  throw new SrpError(code, message, parameter);
}

/** Writes fields into the buffer and returns how many bytes they have. */
function write(buffer, fields) {
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  let at = 0;
  for (const [name, value] of fields) {
    const isAbsent = value === undefined || value === null;
    const length = isAbsent ? 0 : put(buffer.subarray(at + 4, at + 4 + LONGEST), name, value);
    view.setUint32(at, isAbsent ? ABSENT : length, true);
    at += 4 + length;
  }
  return at;
}

/** Puts a value at the beginning of a part of the buffer, and returns its length. No copy of a text is made on the way. */
function put(room, name, value) {
  if (name === RANDOM) return draw(room.subarray(0, value));
  if (typeof value === 'string') {
    if (/\p{Surrogate}/u.test(value)) refuse('Malformed', `${name} has half of a surrogate pair`, name);
    const { read, written } = new TextEncoder().encodeInto(value, room);
    return read === value.length ? written : refuse('TooLong', `${name} is too long`, name);
  }
  if (tagOf.call(value) !== 'Uint8Array') refuse('Malformed', `${name} is no text`, name);
  const length = lengthOf.call(value);
  if (length > room.length) refuse('TooLong', `${name} is too long`, name);
  room.set(value);
  return length;
}

// The engine's own getters: no object can pretend, and an array of another realm, which is no instance here, has the same.
const TypedArray = Object.getPrototypeOf(Uint8Array.prototype);
const [tagOf, lengthOf] = [Symbol.toStringTag, 'length'].map((name) => Object.getOwnPropertyDescriptor(TypedArray, name).get);

/** Fills bytes from the host's random source. There is no other. */
function draw(bytes) {
  try {
    crypto.getRandomValues(bytes);
  } catch (cause) {
    throw new SrpError('RandomSource', 'the random source failed', undefined, { cause });
  }
  return bytes.length;
}

/** Reads fields from the buffer, up to an absent one. */
function read(buffer) {
  const view = new DataView(buffer.buffer, buffer.byteOffset);
  // A mark at the beginning of a text is a part of it.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
  const texts = [];
  for (let at = 0, length; (length = view.getUint32(at, true)) !== ABSENT; at += 4 + length) {
    texts.push(decoder.decode(buffer.subarray(at + 4, at + 4 + length)));
  }
  return texts;
}

/** Makes an object of names and values in turn. */
function pairs(texts) {
  const made = {};
  for (let i = 0; i < texts.length; i += 2) made[texts[i]] = texts[i + 1];
  return made;
}

/** Seconds since 1970 of a `Date` or of its number. */
function seconds(now) {
  const time = typeof now === 'number' ? now : asked(() => now?.getTime?.(), 'TIMESTAMP');
  if (!Number.isFinite(time)) refuse('Malformed', 'TIMESTAMP is not a Date or a number of milliseconds', 'TIMESTAMP');
  return Math.floor(time / 1000);
}
