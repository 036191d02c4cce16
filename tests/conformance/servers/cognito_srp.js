// The server half of the npm package cognito-srp, behind the two calls of a sign-in. What the package leaves to its caller is here,
// by vectors/SPECIFICATION.md: users and unknown users, blocks, TIMESTAMP, and errors. All that is computed from A, and what is
// made of its text, is the package's.
'use strict';

const crypto = require('node:crypto');
const http = require('node:http');
const { UserPool } = require('cognito-srp');

const CLIENT = 'conformanceclient';
const WINDOW = 5 * 60 * 1000;
const MOST_BYTES = 1 << 20;

const secret = crypto.randomBytes(32);
const pool = new UserPool('Conformance');
const users = new Map();
const pending = new Map();

class Refused extends Error {
  constructor(name, message = '') {
    super(message);
    this.name = name;
  }
}

const notAuthorized = () => new Refused('NotAuthorizedException', 'Incorrect username or password.');

function required(map, name) {
  const value = map?.[name];
  if (typeof value !== 'string' || !value) throw new Refused('InvalidParameterException', `Missing required parameter ${name}`);
  return value;
}

/** The user of a name, or one whose password nobody knows. */
async function userOf(username) {
  if (username.length > 128) throw new Refused('InvalidParameterException', 'USERNAME');
  const digest = (label) => crypto.createHmac('sha256', secret).update(`${label}:${username}`).digest('hex');
  return users.get(username) ?? pool.createUser({ username, password: digest('password') }, digest('salt').slice(0, 32));
}

/** `EEE MMM d HH:mm:ss 'UTC' yyyy`. What can be read and is printed in another way is no right claim. */
function checkTime(text) {
  const time = new Date(text);
  if (!/^\w+ \w+ \d+ [\d:]+ UTC \d+$/.test(text) || Number.isNaN(time.getTime())) {
    throw new Refused('InvalidParameterException', 'TIMESTAMP');
  }
  const [weekday, day, month, year, clock] = time.toUTCString().replace(',', '').split(' ');
  const printed = `${weekday} ${month} ${Number(day)} ${clock} UTC ${year}`;
  if (printed !== text || Math.abs(time.getTime() - Date.now()) > WINDOW) throw notAuthorized();
}

async function initiate({ AuthFlow, AuthParameters }) {
  if (AuthFlow !== 'USER_SRP_AUTH') throw new Refused('InvalidParameterException', 'No such flow.');
  if (AuthParameters?.SECRET_HASH) throw notAuthorized();
  const user = await userOf(required(AuthParameters, 'USERNAME'));
  const A = required(AuthParameters, 'SRP_A');
  const challenge = await pool.getServerChallenge(user);
  let session;
  try {
    session = challenge.getSession(A);
  } catch (error) {
    throw new Refused('InvalidParameterException', error.message);
  }
  const block = crypto.randomBytes(48).toString('base64');
  pending.set(block, { session, username: user.username, expires: Date.now() + WINDOW });
  return {
    ChallengeName: 'PASSWORD_VERIFIER',
    ChallengeParameters: {
      USERNAME: user.username,
      USER_ID_FOR_SRP: user.username,
      SALT: user.salt,
      SRP_B: challenge.calculateB().toString('hex'),
      SECRET_BLOCK: block,
    },
  };
}

function respond({ ChallengeResponses }) {
  const names = ['USERNAME', 'PASSWORD_CLAIM_SECRET_BLOCK', 'PASSWORD_CLAIM_SIGNATURE', 'TIMESTAMP'];
  const [username, block, signature, timestamp] = names.map((name) => required(ChallengeResponses, name));
  const state = pending.get(block);
  checkTime(timestamp);
  if (!state || state.username !== username || state.expires < Date.now()) throw notAuthorized();
  const right = Buffer.from(state.session.calculateSignature(block, timestamp));
  const given = Buffer.from(signature);
  if (right.length !== given.length || !crypto.timingSafeEqual(right, given)) throw notAuthorized();
  return { AuthenticationResult: { AccessToken: crypto.randomBytes(16).toString('hex') } };
}

async function answer(target, text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    throw new Refused('SerializationException');
  }
  if (body.ClientId !== CLIENT) throw new Refused('ResourceNotFoundException');
  if (target.endsWith('.InitiateAuth')) return initiate(body);
  if (target.endsWith('.RespondToAuthChallenge')) return respond(body);
  throw new Refused('UnknownOperationException');
}

async function serve(request, response) {
  let text = '';
  for await (const chunk of request) if (text.length <= MOST_BYTES) text += chunk;
  let status = 200;
  let body;
  try {
    if (text.length > MOST_BYTES) throw new Refused('RequestEntityTooLargeException');
    body = await answer(request.headers['x-amz-target'] ?? '', text);
  } catch (error) {
    status = error instanceof Refused ? 400 : 500;
    body = { __type: error instanceof Refused ? error.name : 'InternalErrorException', message: error.message };
  }
  response.writeHead(status, { 'Content-Type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
}

async function main() {
  for (const [username, password] of [['alice', 'Passw0rd!'], ['bob', 'An0ther!password']]) {
    users.set(username, await pool.createUser({ username, password }));
  }
  const server = http.createServer(serve).listen(0, '127.0.0.1', () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
}

main();
