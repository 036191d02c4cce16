// The calls to the pool, and what answers each challenge. Nothing here knows the page.

import { UserSignIn } from '../dist/index.js';

/** A call that the pool has refused. `name` is the service's, such as `NotAuthorizedException`. */
class Refusal extends Error {
  constructor({ __type: type = 'NoAnswer', message = 'the pool does not answer' }) {
    super(message);
    this.name = type.split('#').at(-1);
  }
}

/** A pool and a client of it. `note` is told of every message, and of every step that takes time here. */
export class Pool {
  constructor({ endpoint, poolId, clientId }, note) {
    Object.assign(this, { endpoint, poolId, clientId, note });
  }

  async call(name, members) {
    this.note({ direction: 'sent', name, members });
    const begin = performance.now();
    const response = await fetch(this.endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSCognitoIdentityProviderService.${name}` },
      body: JSON.stringify(members),
    }).catch(() => undefined);
    const text = await response?.text().catch(() => '');
    const ms = performance.now() - begin;
    const answer = text ? JSON.parse(text) : {};
    const refusal = response?.ok ? undefined : new Refusal(answer);
    const kind = refusal?.name ?? answer.ChallengeName ?? (answer.AuthenticationResult ? 'AuthenticationResult' : name);
    this.note({ direction: 'received', name: kind, members: answer, ms, refusal });
    if (refusal) throw refusal;
    return answer;
  }

  /** Does a step here and notes its time, also when it fails. */
  async step(name, work) {
    const begin = performance.now();
    try {
      return await work();
    } finally {
      this.note({ direction: 'here', name, ms: performance.now() - begin });
    }
  }
}

/**
 * Signs a user in and returns the `AuthenticationResult`. `way` is PASSWORD or a first factor of `USER_AUTH`. A password is UTF-8.
 * `ask` asks the user for a code.
 */
export async function signIn(pool, { username, way, password }, ask) {
  const { poolId, clientId } = pool;
  if (way !== 'PASSWORD') {
    const AuthParameters = { USERNAME: username, PREFERRED_CHALLENGE: way };
    const challenge = await pool.call('InitiateAuth', { AuthFlow: 'USER_AUTH', ClientId: clientId, AuthParameters });
    return finish(pool, challenge, { username, way, ask });
  }
  const proof = await pool.step('UserSignIn.start', () => UserSignIn.start({ poolId, clientId, username }));
  try {
    const AuthParameters = proof.authParameters;
    const challenge = await pool.call('InitiateAuth', { AuthFlow: 'USER_SRP_AUTH', ClientId: clientId, AuthParameters });
    return await finish(pool, challenge, { username, way, ask, proof, password });
  } finally {
    proof.free();
  }
}

/** Answers challenges until there are tokens. */
async function finish(pool, challenge, given) {
  let username = given.username;
  while (!challenge.AuthenticationResult) {
    username = challenge.ChallengeParameters?.USERNAME ?? username;
    const respond = (responses) => pool.call('RespondToAuthChallenge', {
      ChallengeName: challenge.ChallengeName, ClientId: pool.clientId, Session: challenge.Session,
      ChallengeResponses: { USERNAME: username, ...responses },
    });
    challenge = await answerTo(pool, challenge, given, respond);
  }
  return challenge.AuthenticationResult;
}

async function answerTo(pool, { ChallengeName, ChallengeParameters, AvailableChallenges }, { way, ask, proof, password }, respond) {
  switch (ChallengeName) {
    case 'PASSWORD_VERIFIER':
      return respond(await pool.step('signIn.answer', () => proof.answer(ChallengeParameters, password)));
    case 'EMAIL_OTP':
    case 'SMS_OTP':
    case 'SMS_MFA':
    case 'SOFTWARE_TOKEN_MFA':
      return sendCode(ChallengeName, ChallengeParameters?.CODE_DELIVERY_DESTINATION, ask, respond);
    case 'WEB_AUTHN': {
      const options = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS));
      const credential = await pool.step('navigator.credentials.get', () => navigator.credentials.get({ publicKey: options }));
      return respond({ CREDENTIAL: JSON.stringify(credential) });
    }
    case 'SELECT_CHALLENGE':
      throw new Error(`The pool has no ${way} for this user, but ${AvailableChallenges.join(', ')}.`);
    default:
      throw new Error(`This page has no answer to ${ChallengeName}.`);
  }
}

/** Asks for a code, again after a wrong one, until the pool ends the session. */
async function sendCode(name, destination, ask, respond) {
  for (let problem; ;) {
    const code = await ask({ destination, problem });
    try {
      return await respond({ [`${name}_CODE`]: code });
    } catch (error) {
      if (error.name !== 'CodeMismatchException') throw error;
      problem = error;
    }
  }
}

/** Registers a passkey for the user of an access token. */
export async function registerPasskey(pool, AccessToken) {
  const { CredentialCreationOptions } = await pool.call('StartWebAuthnRegistration', { AccessToken });
  const options = PublicKeyCredential.parseCreationOptionsFromJSON(CredentialCreationOptions);
  const credential = await pool.step('navigator.credentials.create', () => navigator.credentials.create({ publicKey: options }));
  await pool.call('CompleteWebAuthnRegistration', { AccessToken, Credential: credential.toJSON() });
}

/** Ends the tokens of a sign-in. */
export function signOut(pool, { RefreshToken }) {
  return pool.call('RevokeToken', { ClientId: pool.clientId, Token: RefreshToken });
}

/** The claims of a token. Only the pool's own page may trust them unchecked. */
export function claimsOf(token) {
  const base64 = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))));
}
