// aws-amplify v6, the library as an application uses it, under node with storage in memory.
'use strict';

const { Refused, challengesAnswered, expect, run } = require('./suite.js');
const { Amplify } = require('aws-amplify');
const auth = require('aws-amplify/auth');
const { cognitoUserPoolsTokenProvider } = require('aws-amplify/auth/cognito');
const { ConsoleLogger } = require('aws-amplify/utils');

// It names a new device after the browser that it runs in, and without one it silently gives up on the device.
globalThis.navigator ??= { userAgent: 'interop', platform: 'node' };

// It warns of the custom endpoint each time that it is configured.
ConsoleLogger.LOG_LEVEL = 'ERROR';

/** Storage that lives as long as one sign-in, or as long as a device is to be remembered. */
class MemoryStorage {
  #items = new Map();
  async setItem(key, value) { this.#items.set(key, value); }
  async getItem(key) { return this.#items.get(key) ?? null; }
  async removeItem(key) { this.#items.delete(key); }
  async clear() { this.#items.clear(); }
  deviceKey() { return [...this.#items].find(([key]) => key.endsWith('.deviceKey'))?.[1]; }
}

/** Points the library, which is one global, at a pool. */
function configure(pool, storage) {
  Amplify.configure({
    Auth: {
      Cognito: {
        userPoolId: pool.pool_id,
        userPoolClientId: pool.client_id,
        userPoolEndpoint: pool.endpoint,
      },
    },
  });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage);
}

/** Signs in as far as tokens, answering NEW_PASSWORD_REQUIRED when there is a new password to answer with. */
async function signIn(pool, username, password, { newPassword, storage = new MemoryStorage(), ...options } = {}) {
  configure(pool, storage);
  let step;
  try {
    step = await auth.signIn({ username, password, options });
    if (step.nextStep.signInStep === 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED' && newPassword !== undefined) {
      step = await auth.confirmSignIn({ challengeResponse: newPassword });
    }
  } catch (error) {
    // The service's own errors carry its metadata; those of the library itself do not.
    throw error.name.endsWith('Exception') && error.metadata ? new Refused(error.name) : error;
  }
  expect(step.isSignedIn, `no tokens, but ${step.nextStep.signInStep}`);
  return accessToken();
}

async function accessToken(options) {
  const { tokens } = await auth.fetchAuthSession(options);
  return tokens.accessToken.toString();
}

/** The library refuses a second sign-in while somebody is signed in. */
async function andSignOut(work) {
  try {
    return await work;
  } finally {
    await auth.signOut();
  }
}

run({
  name: 'aws-amplify v6',

  signIn: (pool, username, password) => andSignOut(signIn(pool, username, password)),

  signInWithNewPassword: (pool, username, password, newPassword) =>
    andSignOut(signIn(pool, username, password, { newPassword })),

  // The library confirms a new device by itself while it signs in; the application then has it remembered.
  async signInWithNewDevice(pool, username, password) {
    const storage = new MemoryStorage();
    await signIn(pool, username, password, { storage });
    const deviceKey = storage.deviceKey();
    expect(deviceKey, 'a sign-in without a device got no NewDeviceMetadata');
    await auth.rememberDevice();
    await auth.signOut();
    challengesAnswered();
    const token = await andSignOut(signIn(pool, username, password, { storage }));
    expect(challengesAnswered().at(-1) === 'DEVICE_PASSWORD_VERIFIER', 'the second sign-in did not prove the device');
    expect(storage.deviceKey() === deviceKey, 'a known device was announced as new');
    return token;
  },

  // USER_AUTH with the first factor named in the first call: PREFERRED_CHALLENGE and SRP_A together.
  userAuth: (pool, username, password) =>
    andSignOut(signIn(pool, username, password, { authFlowType: 'USER_AUTH', preferredChallenge: 'PASSWORD_SRP' })),

  customAuth: (pool, username, password) =>
    andSignOut(signIn(pool, username, password, { authFlowType: 'CUSTOM_WITH_SRP' })),

  async refresh(pool, username, password) {
    await signIn(pool, username, password);
    return andSignOut(accessToken({ forceRefresh: true }));
  },
});
