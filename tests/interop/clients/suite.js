// The checks that every JavaScript client goes through: those of `suite.py`, which says what they are for. What a client cannot
// do is in `lacks`, by the column, with the reason.
'use strict';

const { createHmac } = require('node:crypto');
const fs = require('node:fs');

/** The server has refused, and the client has said so with an error of its own, whose name is the message. */
class Refused extends Error {}

/** The client has no way to do this; the message says what is missing. */
class NotOffered extends Error {}

async function run(client) {
  const config = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
  for (const [flow, poolName, check] of FLOWS) {
    const pool = config.pools[poolName];
    if (!pool) {
      report(client, flow, { skipped: `the server offers no pool of the kind '${poolName}'` });
      continue;
    }
    try {
      if (client.lacks?.[flow]) throw new NotOffered(client.lacks[flow]);
      report(client, flow, await check(client, pool, config.count));
    } catch (error) {
      // A failure is a line of the table, and the other flows go on.
      report(client, flow, error instanceof NotOffered ? { skipped: error.message } : { failures: 1, note: describe(error) });
    }
  }
}

function report(client, flow, result) {
  const empty = { sign_ins: 0, refused: 0, failures: 0, note: '', expected: '', skipped: '' };
  console.log(JSON.stringify({ client: client.name, flow, ...empty, ...result }));
}

const describe = (error) => `${error.name}: ${error.message}`;

async function right(client, pool) {
  signedIn(await client.signIn(pool, pool.user.username, pool.user.password), pool.user);
  return { sign_ins: 1 };
}

async function wrong(client, pool) {
  // One character off, so that everything but the proof is as in a good sign-in.
  const name = await refusalOf(client.signIn(pool, pool.user.username, pool.user.password + 'x'));
  expect(name !== null, 'a wrong password has signed in');
  expect(name === 'NotAuthorizedException', `refused with ${name}`);
  return { refused: 1, note: name };
}

async function alias(client, pool) {
  if (pool.client_secret && !client.takesSecret) throw new NotOffered('the client takes no client secret');
  // ministack checks SECRET_HASH against the name beside it, whichever that is; the local pool and the service do not.
  const reason = pool.client_secret && pool.server === 'local_pool' ? client.aliasWithSecretIsRefused : undefined;
  if (!reason) {
    signedIn(await client.signIn(pool, pool.alias, pool.user.password), pool.user);
    return { sign_ins: 1 };
  }
  const name = await refusalOf(client.signIn(pool, pool.alias, pool.user.password));
  expect(name !== null, `signed in, although ${reason}`);
  return { refused: 1, expected: reason, note: name };
}

async function nonAscii(client, pool) {
  const user = pool.non_ascii;
  signedIn(await client.signIn(pool, user.username, user.password), user);
  return { sign_ins: 1 };
}

async function newPassword(client, pool) {
  const user = pool.forced;
  signedIn(await client.signInWithNewPassword(pool, user.username, user.password, user.new_password), user);
  // The new password must be what the server now holds.
  signedIn(await client.signIn(pool, user.username, user.new_password), user);
  return { sign_ins: 2 };
}

async function device(client, pool, count) {
  const { username, password } = pool.user;
  // Each device has a salt and a verifier of its own, so a few devices show what one would hide.
  return inARow(Math.max(1, Math.floor(count / 10)), async () =>
    signedIn(await client.signInWithNewDevice(pool, username, password), pool.user));
}

async function row(client, pool, count) {
  const { username, password } = pool.user;
  return inARow(count, async () => signedIn(await client.signIn(pool, username, password), pool.user));
}

async function rare(client, pool, count) {
  // The pool draws what `row` may not meet: salts, and B or u, that begin with a zero byte which `enc` leaves out.
  return row(client, pool, Math.max(1, Math.floor(count / 10)));
}

async function userAuth(client, pool) {
  signedIn(await client.userAuth(pool, pool.user.username, pool.user.password), pool.user);
  return { sign_ins: 1 };
}

async function refresh(client, pool) {
  signedIn(await client.refresh(pool, pool.user.username, pool.user.password), pool.user);
  return { sign_ins: 1 };
}

async function password(client, pool, count) {
  const { username, password } = pool.user;
  return inARow(count, async () => signedIn(await client.signInByPassword(pool, username, password), pool.user));
}

async function totp(client, pool, count) {
  // A code is good once, so each sign-in has a user of its own.
  return factorsInARow(client, count, (options, round) => {
    const user = pool.apps[round];
    return secondFactor(client, pool, user, 'SOFTWARE_TOKEN_MFA', () => totpCode(user.totp_secret), options);
  });
}

async function wrongCode(client, pool, count) {
  const user = pool.apps[count];
  const code = String((Number(totpCode(user.totp_secret)) + 1) % 1e6).padStart(6, '0');
  const name = await refusalOf(secondFactor(client, pool, user, 'SOFTWARE_TOKEN_MFA', () => code));
  expect(name !== null, 'a wrong code has signed in');
  expect(name === 'CodeMismatchException', `refused with ${name}`);
  return { refused: 1, note: name };
}

async function sms(client, pool, count) {
  return factorsInARow(client, count, (options) =>
    secondFactor(client, pool, pool.sms, 'SMS_MFA', letterTo(pool, pool.sms), options));
}

async function email(client, pool, count) {
  return factorsInARow(client, count, (options) =>
    secondFactor(client, pool, pool.email, 'EMAIL_OTP', letterTo(pool, pool.email), options));
}

async function choice(client, pool, count) {
  // SELECT_MFA_TYPE of a user who has all three.
  return factorsInARow(client, count, (options) =>
    secondFactor(client, pool, pool.choice, 'SMS_MFA', letterTo(pool, pool.choice), { ...options, chooses: true }));
}

/** Signs in by the password and the code of a challenge, which the client must have asked for. */
async function secondFactor(client, pool, user, challenge, code, options = {}) {
  let asked = false;
  const ask = async () => {
    asked = true;
    return code();
  };
  const { username, password } = user;
  signedIn(await client.signInWithCode(pool, username, password, { challenge, code: ask, ...options }), user);
  expect(asked, 'signed in without a code');
}

/** MFA_SETUP by an app, and a sign-in with it. `new` has a user for each. */
async function setup(client, pool, count) {
  return factorsInARow(client, Math.max(1, Math.floor(count / 10)), async (options, round) => {
    const user = pool.new[round];
    let secret;
    const firstCode = (shown) => {
      secret = shown;
      return totpCode(secret);
    };
    signedIn(await client.signInWithSetup(pool, user.username, user.password, { firstCode, ...options }), user);
    // The code of the next step, which is accepted early, because the first is spent.
    await secondFactor(client, pool, user, 'SOFTWARE_TOKEN_MFA', () => totpCode(secret, 1), options);
  });
}

async function otp(client, pool, count) {
  // A code is the first factor here, and the only one.
  const challenges = ['EMAIL_OTP', 'SMS_OTP'];
  return inARow(count, async (round) => signedIn(
    await client.signInByCode(pool, pool.user.username, challenges[round % 2], letterTo(pool, pool.user)), pool.user));
}

async function customAuth(client, pool, count) {
  // The password is proved first, and the custom challenge comes after it.
  const { username, password } = pool.user;
  return inARow(proofsOf(client, count), async () =>
    signedIn(await client.customAuth(pool, username, password, pool.custom_answer), pool.user));
}

async function custom(client, pool, count) {
  // The custom challenge alone.
  return inARow(count, async () =>
    signedIn(await client.custom(pool, pool.user.username, pool.custom_answer), pool.user));
}

/** Refreshes in a chain, each with the token that the last one brought. */
async function rotation(client, pool, count) {
  const seen = new Set();
  for await (const [accessToken, refreshToken] of client.rotate(pool, pool.user.username, pool.user.password, count)) {
    signedIn(accessToken, pool.user);
    expect(!seen.has(refreshToken), 'the refresh token was not replaced');
    seen.add(refreshToken);
  }
  expect(seen.size === count, `${seen.size} refreshes`);
  return { sign_ins: seen.size };
}

async function passkey(client, pool, count) {
  // Registered once, with an access token, and then the only factor.
  const { username, password } = pool.user;
  const held = await client.registerPasskey(pool, username, password);
  return inARow(count, async () => signedIn(await client.signInByPasskey(pool, username, held), pool.user));
}

/** A client whose proof takes long makes a tenth as many where the proof is not what is tested. */
const proofsOf = (client, count) => (client.slowProof ? Math.max(1, Math.floor(count / 10)) : count);

/** As `inARow`; a client with a slow proof sends the password instead in nine rounds of ten. */
function factorsInARow(client, count, attempt) {
  return inARow(count, (round) => attempt({ sendsPassword: Boolean(client.slowProof) && round % 10 !== 0 }, round));
}

/** The newest code that the pool would have sent to a user, when it is asked for. */
function letterTo(pool, user) {
  return async () => {
    const letters = await (await fetch(`${pool.endpoint}/outbox`)).json();
    return letters.findLast((letter) => letter.username === user.username).code;
  };
}

/** RFC 6238, from the Base32 that a user types into an app. */
function totpCode(secret, steps = 0) {
  const bits = [...secret].map((letter) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'));
  const key = Buffer.from(bits.join('').match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac('sha1', key).update(counter).digest();
  const code = (tag.readUInt32BE(tag.at(-1) & 15) & 0x7fffffff) % 1e6;
  return String(code).padStart(6, '0');
}

async function inARow(count, attempt) {
  let failures = 0;
  let note = '';
  for (let i = 0; i < count; i += 1) {
    try {
      await attempt(i);
    } catch (error) {
      if (error instanceof NotOffered) throw error;
      failures += 1;
      note = describe(error);
    }
  }
  return { sign_ins: count - failures, failures, note };
}

/** The name under which the client refuses, or null when it signs in. Anything else is passed on. */
async function refusalOf(attempt) {
  try {
    await attempt;
    return null;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

/** An access token names its user; a server that signs in somebody else is caught here. */
function signedIn(accessToken, user) {
  const [header, payload, signature] = accessToken.split('.');
  expect(header && payload && signature, 'the access token is not a signed JWT');
  const { username } = JSON.parse(Buffer.from(payload, 'base64url').toString());
  expect(username === user.username, `the access token is for ${username}`);
}

function expect(condition, otherwise) {
  if (!condition) throw new Error(otherwise);
}

/** The challenges answered since the last time this was asked, in order, whichever client sent them. */
function challengesAnswered() {
  return answered.splice(0);
}

// Watched at `fetch`, which every client here ends in, so this file must be loaded before the clients are.
const answered = [];
const { fetch: send } = globalThis;
globalThis.fetch = (resource, options) => {
  const name = typeof options?.body === 'string' ? JSON.parse(options.body).ChallengeName : undefined;
  if (name) answered.push(name);
  return send(resource, options);
};

/** One AWS JSON 1.1 call, for clients that leave the transport to their caller. */
async function call(pool, operation, body) {
  const response = await fetch(pool.endpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`,
    },
    body: JSON.stringify(body),
  });
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer.__type.split('#').pop());
  return answer;
}

const FLOWS = [
  ['right', 'plain', right],
  ['wrong', 'plain', wrong],
  ['alias', 'plain', alias],
  ['alias_secret', 'secret', alias],
  ['non_ascii', 'plain', nonAscii],
  ['new_password', 'plain', newPassword],
  ['device', 'devices', device],
  ['user_auth', 'user_auth', userAuth],
  ['refresh', 'plain', refresh],
  ['row', 'plain', row],
  ['rare', 'rare', rare],
  ['password', 'plain', password],
  ['totp', 'factors', totp],
  ['wrong_code', 'factors', wrongCode],
  ['sms', 'factors', sms],
  ['email', 'factors', email],
  ['choice', 'factors', choice],
  ['setup', 'setup', setup],
  ['otp', 'factors', otp],
  ['custom_auth', 'custom', customAuth],
  ['custom', 'custom', custom],
  ['rotation', 'factors', rotation],
  ['passkey', 'passkeys', passkey],
  ['wrong_key', 'signed', () => { throw new NotOffered('makes the calls of an app, which nobody signs'); }],
];

/** The same reason for several columns. */
const lack = (flows, reason) => Object.fromEntries(flows.map((flow) => [flow, reason]));

/** What a package that only computes lacks: its caller sends every other message, with no help from it. */
const ONLY_COMPUTES = lack(
  ['new_password', 'device', 'user_auth', 'refresh', 'password', 'totp', 'wrong_code', 'sms', 'email', 'choice', 'setup', 'otp',
    'custom_auth', 'custom', 'rotation', 'passkey'],
  'computes the proof of a password, and sends nothing',
);

module.exports = { NotOffered, ONLY_COMPUTES, Refused, call, challengesAnswered, expect, lack, run };
