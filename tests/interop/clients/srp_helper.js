// cognito-srp-helper over the AWS SDK for JavaScript v3, as its README puts them together. What wants no proof is the SDK's alone.
'use strict';

const cognito = require('@aws-sdk/client-cognito-identity-provider');
const helper = require('cognito-srp-helper');
const { expect, run } = require('./suite.js');
const { accessToken, checksOf, confirmDevice, expectChallenge, initiate, send } = require('./sdk_v3.js');

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

const { checks, answerQuestions } = checksOf({ prove: provePassword, hashOf: secretHash });

run({
  ...checks,
  name: 'cognito-srp-helper',
  takesSecret: true,
  slowProof: true,

  async signInWithNewDevice(pool, username, password) {
    const first = (await provePassword(pool, username, password)).answer.AuthenticationResult;
    expect(first.NewDeviceMetadata, 'a sign-in without a device got no NewDeviceMetadata');
    const { DeviceKey, DeviceGroupKey } = first.NewDeviceMetadata;
    const made = helper.createDeviceVerifier(DeviceKey, DeviceGroupKey);
    await confirmDevice(pool, first, made.DeviceSecretVerifierConfig);

    const device = { DEVICE_KEY: DeviceKey };
    const { answer, name, signed } = await provePassword(pool, username, password, device);
    expectChallenge(answer, 'DEVICE_SRP_AUTH');
    const started = await respond(pool, signed, name, 'DEVICE_SRP_AUTH', answer.Session, device);
    const signedDevice = helper.signSrpSessionWithDevice(signed, started, DeviceGroupKey, made.DeviceRandomPassword);
    return accessToken(
      await respond(pool, signedDevice, name, 'DEVICE_PASSWORD_VERIFIER', started.Session, device));
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

  async customAuth(pool, username, password, text) {
    const { answer, name } = await provePassword(pool, username, password, {}, 'CUSTOM_AUTH');
    return answerQuestions(pool, name, answer, text);
  },
});
