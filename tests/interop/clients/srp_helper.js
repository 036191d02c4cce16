// cognito-srp-helper over the AWS SDK for JavaScript v3, as its README puts them together. What wants no proof is the SDK's alone.
'use strict';

const { Refused, expect, run } = require('./suite.js');
const { Passkey } = require('./authenticator.js');
const cognito = require('@aws-sdk/client-cognito-identity-provider');
const helper = require('cognito-srp-helper');

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

/** SECRET_HASH over the name in the same message; the README takes the name as typed throughout, which fails for aliases. */
const secretHash = (pool, username) =>
  (pool.client_secret ? { SECRET_HASH: helper.createSecretHash(username, pool.client_id, pool.client_secret) } : {});

/** USER_SRP_AUTH and PASSWORD_VERIFIER; `device` adds DEVICE_KEY. Returns the last answer, the name and the SRP session. */
async function provePassword(pool, username, password, device = {}, flow = 'USER_SRP_AUTH') {
  const session = helper.createSrpSession(username, password, pool.pool_id, false);
  const started = await send(pool, new cognito.InitiateAuthCommand(helper.wrapInitiateAuth(session, {
    ClientId: pool.client_id,
    AuthFlow: flow,
    AuthParameters: { CHALLENGE_NAME: 'SRP_A', USERNAME: username, ...secretHash(pool, username), ...device },
  })));
  const name = started.ChallengeParameters.USERNAME ?? started.ChallengeParameters.USER_ID_FOR_SRP;
  const signed = helper.signSrpSession(session, started);
  const answer = await respond(pool, signed, name, 'PASSWORD_VERIFIER', started.Session, device);
  return { answer, name, signed };
}

/** The wrapper adds SRP_A and the claim to every answer, whether the challenge asks for them or not. */
function respond(pool, session, name, challenge, token, device) {
  return send(pool, new cognito.RespondToAuthChallengeCommand(helper.wrapAuthChallenge(session, {
    ClientId: pool.client_id,
    ChallengeName: challenge,
    ChallengeResponses: { USERNAME: name, ...secretHash(pool, name), ...device },
    Session: token,
  })));
}

/** A flow without a proof. */
function initiate(pool, flow, parameters) {
  return send(pool, new cognito.InitiateAuthCommand({ ClientId: pool.client_id, AuthFlow: flow, AuthParameters: parameters }));
}

/** The password, sent or proved, as far as what comes next. */
async function beginWithPassword(pool, username, password, sendsPassword) {
  if (!sendsPassword) return (await provePassword(pool, username, password)).answer;
  return initiate(pool, 'USER_PASSWORD_AUTH', { USERNAME: username, PASSWORD: password });
}

/** The answer to a challenge without a proof. */
function answerWith(pool, name, { ChallengeName, Session }, responses) {
  return send(pool, new cognito.RespondToAuthChallengeCommand({
    ClientId: pool.client_id,
    ChallengeName,
    ChallengeResponses: { USERNAME: name, ...responses, ...secretHash(pool, name) },
    Session,
  }));
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
  name: 'cognito-srp-helper',
  takesSecret: true,
  slowProof: true,

  async signIn(pool, username, password) {
    return accessToken((await provePassword(pool, username, password)).answer);
  },

  async signInWithNewPassword(pool, username, password, newPassword) {
    const { answer, name } = await provePassword(pool, username, password);
    expect(answer.ChallengeName === 'NEW_PASSWORD_REQUIRED', `${answer.ChallengeName} in place of NEW_PASSWORD_REQUIRED`);
    return accessToken(await answerWith(pool, name, answer, { NEW_PASSWORD: newPassword }));
  },

  async signInWithNewDevice(pool, username, password) {
    const first = (await provePassword(pool, username, password)).answer.AuthenticationResult;
    expect(first.NewDeviceMetadata, 'a sign-in without a device got no NewDeviceMetadata');
    const { DeviceKey, DeviceGroupKey } = first.NewDeviceMetadata;
    const made = helper.createDeviceVerifier(DeviceKey, DeviceGroupKey);
    await send(pool, new cognito.ConfirmDeviceCommand({
      AccessToken: first.AccessToken,
      DeviceKey,
      DeviceName: 'interop',
      DeviceSecretVerifierConfig: made.DeviceSecretVerifierConfig,
    }));
    await send(pool, new cognito.UpdateDeviceStatusCommand({
      AccessToken: first.AccessToken, DeviceKey, DeviceRememberedStatus: 'remembered',
    }));

    const device = { DEVICE_KEY: DeviceKey };
    const { answer, name, signed } = await provePassword(pool, username, password, device);
    expect(answer.ChallengeName === 'DEVICE_SRP_AUTH', `${answer.ChallengeName} in place of DEVICE_SRP_AUTH`);
    const started = await respond(pool, signed, name, 'DEVICE_SRP_AUTH', answer.Session, device);
    const signedDevice = helper.signSrpSessionWithDevice(signed, started, DeviceGroupKey, made.DeviceRandomPassword);
    return accessToken(
      await respond(pool, signedDevice, name, 'DEVICE_PASSWORD_VERIFIER', started.Session, device));
  },

  async signInByPassword(pool, username, password) {
    return accessToken(await beginWithPassword(pool, username, password, true));
  },

  async signInWithCode(pool, username, password, { challenge, code, chooses, sendsPassword }) {
    let answer = await beginWithPassword(pool, username, password, sendsPassword);
    if (chooses) answer = await answerWith(pool, username, answer, { ANSWER: challenge });
    return answerWithCode(pool, username, answer, challenge, code);
  },

  async signInWithSetup(pool, username, password, { firstCode, sendsPassword }) {
    const answer = await beginWithPassword(pool, username, password, sendsPassword);
    const made = await send(pool, new cognito.AssociateSoftwareTokenCommand({ Session: answer.Session }));
    const UserCode = firstCode(made.SecretCode);
    const verified = await send(pool, new cognito.VerifySoftwareTokenCommand({ Session: made.Session, UserCode }));
    return accessToken(await answerWith(pool, username, { ...answer, Session: verified.Session }, {}));
  },

  async userAuth(pool, username, password) {
    const session = helper.createSrpSession(username, password, pool.pool_id, false);
    const started = await initiate(pool, 'USER_AUTH', { USERNAME: username });
    const request = { ClientId: pool.client_id, ChallengeName: 'SELECT_CHALLENGE', Session: started.Session };
    const ChallengeResponses = { USERNAME: username, ANSWER: 'PASSWORD_SRP', SRP_A: session.largeA };
    const chosen = await send(pool, new cognito.RespondToAuthChallengeCommand({ ...request, ChallengeResponses }));
    const signed = helper.signSrpSession(session, chosen);
    return accessToken(await respond(pool, signed, username, 'PASSWORD_VERIFIER', chosen.Session));
  },

  async signInByCode(pool, username, challenge, code) {
    const answer = await initiate(pool, 'USER_AUTH', { USERNAME: username, PREFERRED_CHALLENGE: challenge });
    return answerWithCode(pool, username, answer, challenge, code);
  },

  async registerPasskey(pool, username, password) {
    const passkey = new Passkey();
    const { AccessToken } = (await provePassword(pool, username, password)).answer.AuthenticationResult;
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
    const { answer, name } = await provePassword(pool, username, password, {}, 'CUSTOM_AUTH');
    return accessToken(await answerQuestions(pool, name, answer, text));
  },

  async custom(pool, username, text) {
    const answer = await initiate(pool, 'CUSTOM_AUTH', { USERNAME: username });
    return accessToken(await answerQuestions(pool, username, answer, text));
  },

  async refresh(pool, username, password) {
    const { RefreshToken } = (await provePassword(pool, username, password)).answer.AuthenticationResult;
    return accessToken(await initiate(pool, 'REFRESH_TOKEN_AUTH', { REFRESH_TOKEN: RefreshToken }));
  },

  async* rotate(pool, username, password, count) {
    let { RefreshToken } = (await provePassword(pool, username, password)).answer.AuthenticationResult;
    for (let i = 0; i < count; i += 1) {
      const command = new cognito.GetTokensFromRefreshTokenCommand({ RefreshToken, ClientId: pool.client_id });
      const answer = await send(pool, command);
      ({ RefreshToken } = answer.AuthenticationResult);
      yield [accessToken(answer), RefreshToken];
    }
  },
});
