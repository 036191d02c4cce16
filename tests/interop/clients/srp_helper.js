// cognito-srp-helper over the AWS SDK for JavaScript v3, as its README puts them together.
'use strict';

const { Refused, expect, run } = require('./suite.js');
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
async function provePassword(pool, username, password, device = {}) {
  const session = helper.createSrpSession(username, password, pool.pool_id, false);
  const started = await send(pool, new cognito.InitiateAuthCommand(helper.wrapInitiateAuth(session, {
    ClientId: pool.client_id,
    AuthFlow: 'USER_SRP_AUTH',
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

function accessToken(answer) {
  expect(answer.AuthenticationResult, `no tokens, but ${answer.ChallengeName}`);
  return answer.AuthenticationResult.AccessToken;
}

run({
  name: 'cognito-srp-helper',
  takesSecret: true,

  async signIn(pool, username, password) {
    return accessToken((await provePassword(pool, username, password)).answer);
  },

  async signInWithNewPassword(pool, username, password, newPassword) {
    const { answer, name } = await provePassword(pool, username, password);
    expect(answer.ChallengeName === 'NEW_PASSWORD_REQUIRED', `${answer.ChallengeName} in place of NEW_PASSWORD_REQUIRED`);
    return accessToken(await send(pool, new cognito.RespondToAuthChallengeCommand({
      ClientId: pool.client_id,
      ChallengeName: 'NEW_PASSWORD_REQUIRED',
      ChallengeResponses: { USERNAME: name, NEW_PASSWORD: newPassword, ...secretHash(pool, name) },
      Session: answer.Session,
    })));
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
});
