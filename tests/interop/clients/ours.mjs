// Our npm package over the AWS SDK for JavaScript v3, as its README puts them together. What wants no proof is the SDK's alone.
import { createRequire } from 'node:module';

import { DeviceSignIn, UserSignIn, registerDevice, secretHash } from '../../../bindings/javascript/dist/index.js';

const require = createRequire(import.meta.url);
const { expect, run } = require('./suite.js');
const { accessToken, checksOf, confirmDevice, expectChallenge, initiate, respond } = require('./sdk_v3.js');

/** What `start` takes of a pool. */
const appOf = (pool, username) =>
  ({ poolId: pool.pool_id, clientId: pool.client_id, clientSecret: pool.client_secret, username });

async function hashOf(pool, username) {
  return pool.client_secret ? { SECRET_HASH: await secretHash(appOf(pool, username)) } : {};
}

/** The two messages of the proof. Returns the last answer, and the name in it. */
async function prove(pool, username, password, { deviceKey, flow = 'USER_SRP_AUTH', parameters } = {}) {
  const signIn = await UserSignIn.start({ ...appOf(pool, username), deviceKey });
  const started = await initiate(pool, flow, { ...parameters, ...signIn.authParameters });
  const responses = signIn.answer(started.ChallengeParameters, password);
  return { answer: await respond(pool, started, responses), name: responses.USERNAME };
}

const { checks, answerWith, answerQuestions } = checksOf({ prove, hashOf });

run({
  ...checks,
  name: 'ours, JavaScript (AWS SDK v3)',
  takesSecret: true,

  async signInWithNewDevice(pool, username, password) {
    const first = (await prove(pool, username, password)).answer.AuthenticationResult;
    expect(first.NewDeviceMetadata, 'a sign-in without a device got no NewDeviceMetadata');
    const { DeviceKey: deviceKey, DeviceGroupKey: deviceGroupKey } = first.NewDeviceMetadata;
    const { devicePassword, deviceSecretVerifierConfig } = await registerDevice({ deviceKey, deviceGroupKey });
    await confirmDevice(pool, first, deviceSecretVerifierConfig);

    const { answer, name } = await prove(pool, username, password, { deviceKey });
    expectChallenge(answer, 'DEVICE_SRP_AUTH');
    const signIn = await DeviceSignIn.start({ ...appOf(pool, name), deviceKey, deviceGroupKey, devicePassword });
    const challenge = await respond(pool, answer, signIn.challengeResponses);
    return accessToken(await respond(pool, challenge, signIn.answer(challenge.ChallengeParameters)));
  },

  async userAuth(pool, username, password) {
    const signIn = await UserSignIn.start(appOf(pool, username));
    const started = await initiate(pool, 'USER_AUTH', { USERNAME: username });
    const { SRP_A } = signIn.authParameters;
    const choice = { ChallengeName: 'SELECT_CHALLENGE', Session: started.Session };
    const chosen = await answerWith(pool, username, choice, { ANSWER: 'PASSWORD_SRP', SRP_A });
    return accessToken(await respond(pool, chosen, signIn.answer(chosen.ChallengeParameters, password)));
  },

  async customAuth(pool, username, password, text) {
    const { answer, name } = await prove(pool, username, password, { flow: 'CUSTOM_AUTH', parameters: { CHALLENGE_NAME: 'SRP_A' } });
    return answerQuestions(pool, name, answer, text);
  },
});
