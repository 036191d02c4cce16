// The checks that every JavaScript client goes through: those of `suite.py`, which says what they are for.
'use strict';

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
  if (!client.signInWithNewPassword) throw new NotOffered('the client knows no NEW_PASSWORD_REQUIRED');
  const user = pool.forced;
  signedIn(await client.signInWithNewPassword(pool, user.username, user.password, user.new_password), user);
  // The new password must be what the server now holds.
  signedIn(await client.signIn(pool, user.username, user.new_password), user);
  return { sign_ins: 2 };
}

async function device(client, pool, count) {
  if (!client.signInWithNewDevice) throw new NotOffered('the client knows no devices');
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
  if (!client.userAuth) throw new NotOffered('the client does not drive USER_AUTH');
  signedIn(await client.userAuth(pool, pool.user.username, pool.user.password), pool.user);
  return { sign_ins: 1 };
}

async function customAuth(client, pool) {
  if (!client.customAuth) throw new NotOffered('the client does not drive CUSTOM_AUTH');
  signedIn(await client.customAuth(pool, pool.user.username, pool.user.password), pool.user);
  return { sign_ins: 1 };
}

async function refresh(client, pool) {
  if (!client.refresh) throw new NotOffered('the client has no refresh of its own');
  signedIn(await client.refresh(pool, pool.user.username, pool.user.password), pool.user);
  return { sign_ins: 1 };
}

async function inARow(count, attempt) {
  let failures = 0;
  let note = '';
  for (let i = 0; i < count; i += 1) {
    try {
      await attempt();
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
  ['custom_auth', 'custom_auth', customAuth],
  ['refresh', 'plain', refresh],
  ['row', 'plain', row],
  ['rare', 'rare', rare],
];

module.exports = { NotOffered, Refused, call, challengesAnswered, expect, run };
