// Our npm package over the AWS SDK for JavaScript v3, as its README puts them together. What wants no proof is the SDK's alone.
import { createRequire } from 'node:module';

import * as cognito from '@aws-sdk/client-cognito-identity-provider';

import { DeviceSignIn, UserSignIn, registerDevice, secretHash } from '../../../bindings/javascript/dist/index.js';

const require = createRequire(import.meta.url);
const { Refused, expect, run } = require('./suite.js');
const { Passkey } = require('./authenticator.js');

const sdks = new Map();

/** One SDK client an endpoint. */
function sdkOf(pool) {
  if (!sdks.has(pool.endpoint)) {
    sdks.set(pool.endpoint, new cognito.CognitoIdentityProviderClient({
      region: pool.region,
      endpoint: pool.endpoint,
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
    }));
  }
  return sdks.get(pool.endpoint);
}

/** Sends one command; what the service refuses is an SDK exception with the service's name. */
async function send(pool, command) {
  try {
    return await sdkOf(pool).send(command);
  } catch (error) {
    throw error instanceof cognito.CognitoIdentityProviderServiceException ? new Refused(error.name) : error;
  }
}

/** What `start` takes of a pool. */
const appOf = (pool, username) =>
  ({ poolId: pool.pool_id, clientId: pool.client_id, clientSecret: pool.client_secret, username });

async function hashOf(pool, username) {
  return pool.client_secret ? { SECRET_HASH: await secretHash(appOf(pool, username)) } : {};
}

function initiate(pool, AuthFlow, AuthParameters) {
  return send(pool, new cognito.InitiateAuthCommand({ ClientId: pool.client_id, AuthFlow, AuthParameters }));
}

function respond(pool, { ChallengeName, Session }, ChallengeResponses) {
  return send(pool, new cognito.RespondToAuthChallengeCommand({
    ClientId: pool.client_id, ChallengeName, ChallengeResponses, Session,
  }));
}

/** The two messages of the proof. Returns the last answer, and the name in it. */
async function prove(pool, username, password, { deviceKey, flow = 'USER_SRP_AUTH', parameters } = {}) {
  const signIn = await UserSignIn.start({ ...appOf(pool, username), deviceKey });
  const started = await initiate(pool, flow, { ...parameters, ...signIn.authParameters });
  const responses = signIn.answer(started.ChallengeParameters, password);
  return { answer: await respond(pool, started, responses), name: responses.USERNAME };
}

/** The password, sent or proved, as far as what comes next. */
async function beginWithPassword(pool, username, password, sendsPassword) {
  if (!sendsPassword) return prove(pool, username, password);
  return { answer: await initiate(pool, 'USER_PASSWORD_AUTH', { USERNAME: username, PASSWORD: password }), name: username };
}

/** The answer to a challenge without a proof. */
async function answerWith(pool, name, answer, responses) {
  return respond(pool, answer, { USERNAME: name, ...responses, ...(await hashOf(pool, name)) });
}

/** The answer to the challenge of a code, which must be the one that is expected. */
async function answerWithCode(pool, name, answer, challenge, code) {
  expect(answer.ChallengeName === challenge, `${answer.ChallengeName} in place of ${challenge}`);
  return accessToken(await answerWith(pool, name, answer, { [`${challenge}_CODE`]: await code() }));
}

/** A pool asks as often as its functions want, and once at least. */
async function answerQuestions(pool, name, asked, text) {
  let answer = asked;
  do {
    expect(answer.ChallengeName === 'CUSTOM_CHALLENGE', `${answer.ChallengeName} in place of CUSTOM_CHALLENGE`);
    answer = await answerWith(pool, name, answer, { ANSWER: text });
  } while (answer.ChallengeName);
  return answer;
}

function accessToken(answer) {
  expect(answer.AuthenticationResult, `no tokens, but ${answer.ChallengeName}`);
  return answer.AuthenticationResult.AccessToken;
}

run({
  name: 'ours, JavaScript (AWS SDK v3)',
  takesSecret: true,

  async signIn(pool, username, password) {
    return accessToken((await prove(pool, username, password)).answer);
  },

  async signInWithNewPassword(pool, username, password, newPassword) {
    const { answer, name } = await prove(pool, username, password);
    expect(answer.ChallengeName === 'NEW_PASSWORD_REQUIRED', `${answer.ChallengeName} in place of NEW_PASSWORD_REQUIRED`);
    return accessToken(await answerWith(pool, name, answer, { NEW_PASSWORD: newPassword }));
  },

  async signInWithNewDevice(pool, username, password) {
    const first = (await prove(pool, username, password)).answer.AuthenticationResult;
    expect(first.NewDeviceMetadata, 'a sign-in without a device got no NewDeviceMetadata');
    const { DeviceKey, DeviceGroupKey } = first.NewDeviceMetadata;
    const names = { deviceKey: DeviceKey, deviceGroupKey: DeviceGroupKey };
    const { devicePassword, deviceSecretVerifierConfig: DeviceSecretVerifierConfig } = await registerDevice(names);
    const device = { AccessToken: first.AccessToken, DeviceKey };
    await send(pool, new cognito.ConfirmDeviceCommand({ ...device, DeviceName: 'interop', DeviceSecretVerifierConfig }));
    await send(pool, new cognito.UpdateDeviceStatusCommand({ ...device, DeviceRememberedStatus: 'remembered' }));

    const { answer, name } = await prove(pool, username, password, { deviceKey: DeviceKey });
    expect(answer.ChallengeName === 'DEVICE_SRP_AUTH', `${answer.ChallengeName} in place of DEVICE_SRP_AUTH`);
    const signIn = await DeviceSignIn.start({ ...appOf(pool, name), ...names, devicePassword });
    const challenge = await respond(pool, answer, signIn.challengeResponses);
    return accessToken(await respond(pool, challenge, signIn.answer(challenge.ChallengeParameters)));
  },

  async signInByPassword(pool, username, password) {
    return accessToken((await beginWithPassword(pool, username, password, true)).answer);
  },

  async signInWithCode(pool, username, password, { challenge, code, chooses, sendsPassword }) {
    const begun = await beginWithPassword(pool, username, password, sendsPassword);
    const { name } = begun;
    const answer = chooses ? await answerWith(pool, name, begun.answer, { ANSWER: challenge }) : begun.answer;
    return answerWithCode(pool, name, answer, challenge, code);
  },

  async signInWithSetup(pool, username, password, { firstCode, sendsPassword }) {
    const { answer, name } = await beginWithPassword(pool, username, password, sendsPassword);
    const made = await send(pool, new cognito.AssociateSoftwareTokenCommand({ Session: answer.Session }));
    const UserCode = firstCode(made.SecretCode);
    const verified = await send(pool, new cognito.VerifySoftwareTokenCommand({ Session: made.Session, UserCode }));
    return accessToken(await answerWith(pool, name, { ...answer, Session: verified.Session }, {}));
  },

  async userAuth(pool, username, password) {
    const signIn = await UserSignIn.start(appOf(pool, username));
    const started = await initiate(pool, 'USER_AUTH', { USERNAME: username });
    const { SRP_A } = signIn.authParameters;
    const choice = { ChallengeName: 'SELECT_CHALLENGE', Session: started.Session };
    const chosen = await answerWith(pool, username, choice, { ANSWER: 'PASSWORD_SRP', SRP_A });
    return accessToken(await respond(pool, chosen, signIn.answer(chosen.ChallengeParameters, password)));
  },

  async signInByCode(pool, username, challenge, code) {
    const answer = await initiate(pool, 'USER_AUTH', { USERNAME: username, PREFERRED_CHALLENGE: challenge });
    return answerWithCode(pool, username, answer, challenge, code);
  },

  async registerPasskey(pool, username, password) {
    const passkey = new Passkey();
    const AccessToken = accessToken((await prove(pool, username, password)).answer);
    const started = await send(pool, new cognito.StartWebAuthnRegistrationCommand({ AccessToken }));
    const Credential = passkey.create(started.CredentialCreationOptions);
    await send(pool, new cognito.CompleteWebAuthnRegistrationCommand({ AccessToken, Credential }));
    return passkey;
  },

  async signInByPasskey(pool, username, passkey) {
    const answer = await initiate(pool, 'USER_AUTH', { USERNAME: username, PREFERRED_CHALLENGE: 'WEB_AUTHN' });
    const credential = passkey.get(JSON.parse(answer.ChallengeParameters.CREDENTIAL_REQUEST_OPTIONS));
    return accessToken(await answerWith(pool, username, answer, { CREDENTIAL: JSON.stringify(credential) }));
  },

  async customAuth(pool, username, password, text) {
    const { answer, name } = await prove(pool, username, password, { flow: 'CUSTOM_AUTH', parameters: { CHALLENGE_NAME: 'SRP_A' } });
    return accessToken(await answerQuestions(pool, name, answer, text));
  },

  async custom(pool, username, text) {
    const answer = await initiate(pool, 'CUSTOM_AUTH', { USERNAME: username });
    return accessToken(await answerQuestions(pool, username, answer, text));
  },

  async refresh(pool, username, password) {
    const { RefreshToken } = (await prove(pool, username, password)).answer.AuthenticationResult;
    return accessToken(await initiate(pool, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken }));
  },

  async* rotate(pool, username, password, count) {
    let { RefreshToken } = (await prove(pool, username, password)).answer.AuthenticationResult;
    for (let i = 0; i < count; i += 1) {
      const command = new cognito.GetTokensFromRefreshTokenCommand({ RefreshToken, ClientId: pool.client_id });
      const answer = await send(pool, command);
      ({ RefreshToken } = answer.AuthenticationResult);
      yield [accessToken(answer), RefreshToken];
    }
  },
});
