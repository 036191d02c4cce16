// The calls that want no proof, over the AWS SDK for JavaScript v3: what its drivers share.
'use strict';

const cognito = require('@aws-sdk/client-cognito-identity-provider');
const { Refused, expect } = require('./suite.js');
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

function initiate(pool, AuthFlow, AuthParameters) {
  return send(pool, new cognito.InitiateAuthCommand({ ClientId: pool.client_id, AuthFlow, AuthParameters }));
}

function respond(pool, { ChallengeName, Session }, ChallengeResponses) {
  return send(pool, new cognito.RespondToAuthChallengeCommand({
    ClientId: pool.client_id, ChallengeName, ChallengeResponses, Session,
  }));
}

function expectChallenge(answer, name) {
  expect(answer.ChallengeName === name, `${answer.ChallengeName} in place of ${name}`);
}

function accessToken(answer) {
  expect(answer.AuthenticationResult, `no tokens, but ${answer.ChallengeName}`);
  return answer.AuthenticationResult.AccessToken;
}

/** Confirms and remembers the device that a sign-in has announced. */
async function confirmDevice(pool, { AccessToken, NewDeviceMetadata }, DeviceSecretVerifierConfig) {
  const device = { AccessToken, DeviceKey: NewDeviceMetadata.DeviceKey };
  await send(pool, new cognito.ConfirmDeviceCommand({ ...device, DeviceName: 'interop', DeviceSecretVerifierConfig }));
  await send(pool, new cognito.UpdateDeviceStatusCommand({ ...device, DeviceRememberedStatus: 'remembered' }));
}

/**
 * The checks of a client by what it proves and hashes. `prove(pool, username, password)` makes the two messages of the proof, and
 * returns the last answer and the name in it. `hashOf(pool, name)` is the parameter SECRET_HASH, or nothing.
 */
function checksOf({ prove, hashOf }) {
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
    expectChallenge(answer, challenge);
    return accessToken(await answerWith(pool, name, answer, { [`${challenge}_CODE`]: await code() }));
  }

  /** A pool asks as often as its functions want, and once at least. */
  async function answerQuestions(pool, name, asked, text) {
    let answer = asked;
    do {
      expectChallenge(answer, 'CUSTOM_CHALLENGE');
      answer = await answerWith(pool, name, answer, { ANSWER: text });
    } while (answer.ChallengeName);
    return accessToken(answer);
  }

  const refreshTokenOf = async (pool, username, password) =>
    (await prove(pool, username, password)).answer.AuthenticationResult.RefreshToken;

  const checks = {
    async signIn(pool, username, password) {
      return accessToken((await prove(pool, username, password)).answer);
    },

    async signInWithNewPassword(pool, username, password, newPassword) {
      const { answer, name } = await prove(pool, username, password);
      expectChallenge(answer, 'NEW_PASSWORD_REQUIRED');
      return accessToken(await answerWith(pool, name, answer, { NEW_PASSWORD: newPassword }));
    },

    async signInByPassword(pool, username, password) {
      return accessToken((await beginWithPassword(pool, username, password, true)).answer);
    },

    async signInWithCode(pool, username, password, { challenge, code, chooses, sendsPassword }) {
      const { answer, name } = await beginWithPassword(pool, username, password, sendsPassword);
      const chosen = chooses ? await answerWith(pool, name, answer, { ANSWER: challenge }) : answer;
      return answerWithCode(pool, name, chosen, challenge, code);
    },

    async signInWithSetup(pool, username, password, { firstCode, sendsPassword }) {
      const { answer, name } = await beginWithPassword(pool, username, password, sendsPassword);
      const made = await send(pool, new cognito.AssociateSoftwareTokenCommand({ Session: answer.Session }));
      const UserCode = firstCode(made.SecretCode);
      const verified = await send(pool, new cognito.VerifySoftwareTokenCommand({ Session: made.Session, UserCode }));
      return accessToken(await answerWith(pool, name, { ...answer, Session: verified.Session }, {}));
    },

    async signInByCode(pool, username, challenge, code) {
      const answer = await initiate(pool, 'USER_AUTH', { USERNAME: username, PREFERRED_CHALLENGE: challenge });
      return answerWithCode(pool, username, answer, challenge, code);
    },

    async registerPasskey(pool, username, password) {
      const passkey = new Passkey();
      const AccessToken = await checks.signIn(pool, username, password);
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

    async custom(pool, username, text) {
      const answer = await initiate(pool, 'CUSTOM_AUTH', { USERNAME: username });
      return answerQuestions(pool, username, answer, text);
    },

    async refresh(pool, username, password) {
      const token = { REFRESH_TOKEN: await refreshTokenOf(pool, username, password) };
      return accessToken(await initiate(pool, 'REFRESH_TOKEN_AUTH', token));
    },

    async* rotate(pool, username, password, count) {
      let RefreshToken = await refreshTokenOf(pool, username, password);
      for (let i = 0; i < count; i += 1) {
        const command = new cognito.GetTokensFromRefreshTokenCommand({ RefreshToken, ClientId: pool.client_id });
        const answer = await send(pool, command);
        ({ RefreshToken } = answer.AuthenticationResult);
        yield [accessToken(answer), RefreshToken];
      }
    },
  };
  return { checks, answerWith, answerQuestions };
}

module.exports = { accessToken, checksOf, confirmDevice, expectChallenge, initiate, respond, send };
