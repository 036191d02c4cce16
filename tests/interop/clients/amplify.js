// aws-amplify v6, the library as an application uses it, under node with storage in memory.
'use strict';

const { Refused, challengesAnswered, expect, run } = require('./suite.js');
const { Passkey, inBrowser } = require('./authenticator.js');
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
  deviceKey() { return this.#find('deviceKey'); }
  refreshToken() { return this.#find('refreshToken'); }
  #find(name) { return [...this.#items].find(([key]) => key.endsWith(`.${name}`))?.[1]; }
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

/** Signs in as far as tokens. `answers` has the answer to each step that may come between, or a function of the step. */
async function signIn(pool, username, password, { answers = {}, storage = new MemoryStorage(), ...options } = {}) {
  configure(pool, storage);
  let step;
  try {
    step = await auth.signIn({ username, password, options });
    while (step.nextStep.signInStep in answers) {
      const answer = answers[step.nextStep.signInStep];
      const challengeResponse = typeof answer === 'function' ? await answer(step.nextStep) : answer;
      step = await auth.confirmSignIn({ challengeResponse });
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

const CODE_STEPS = {
  SOFTWARE_TOKEN_MFA: 'CONFIRM_SIGN_IN_WITH_TOTP_CODE',
  SMS_MFA: 'CONFIRM_SIGN_IN_WITH_SMS_CODE',
  SMS_OTP: 'CONFIRM_SIGN_IN_WITH_SMS_CODE',
  EMAIL_OTP: 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE',
};

/** What it calls the factors of SELECT_MFA_TYPE. */
const CHOICES = { SOFTWARE_TOKEN_MFA: 'TOTP', SMS_MFA: 'SMS', EMAIL_OTP: 'EMAIL' };

run({
  name: 'aws-amplify v6',
  slowProof: true,

  signIn: (pool, username, password) => andSignOut(signIn(pool, username, password)),

  signInWithNewPassword: (pool, username, password, newPassword) =>
    andSignOut(signIn(pool, username, password, {
      answers: { CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED: newPassword },
    })),

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

  signInByPassword: (pool, username, password) =>
    andSignOut(signIn(pool, username, password, { authFlowType: 'USER_PASSWORD_AUTH' })),

  signInWithCode: (pool, username, password, { challenge, code, chooses, sendsPassword }) =>
    andSignOut(signIn(pool, username, password, {
      ...(sendsPassword && { authFlowType: 'USER_PASSWORD_AUTH' }),
      answers: {
        ...(chooses && { CONTINUE_SIGN_IN_WITH_MFA_SELECTION: CHOICES[challenge] }),
        [CODE_STEPS[challenge]]: code,
      },
    })),

  signInWithSetup: (pool, username, password, { firstCode, sendsPassword }) =>
    andSignOut(signIn(pool, username, password, {
      ...(sendsPassword && { authFlowType: 'USER_PASSWORD_AUTH' }),
      answers: {
        CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION: 'TOTP',
        CONTINUE_SIGN_IN_WITH_TOTP_SETUP: (step) => firstCode(step.totpSetupDetails.sharedSecret),
      },
    })),

  // Half of the sign-ins choose the factor from the list of SELECT_CHALLENGE.
  signInByCode: (pool, username, challenge, code) =>
    andSignOut(signIn(pool, username, undefined, {
      authFlowType: 'USER_AUTH',
      ...(challenge === 'EMAIL_OTP' && { preferredChallenge: challenge }),
      answers: { CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION: challenge, [CODE_STEPS[challenge]]: code },
    })),

  customAuth: (pool, username, password, answer) =>
    andSignOut(signIn(pool, username, password, {
      authFlowType: 'CUSTOM_WITH_SRP', answers: { CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE: answer },
    })),

  custom: (pool, username, answer) =>
    andSignOut(signIn(pool, username, undefined, {
      authFlowType: 'CUSTOM_WITHOUT_SRP', answers: { CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE: answer },
    })),

  async refresh(pool, username, password) {
    await signIn(pool, username, password);
    return andSignOut(accessToken({ forceRefresh: true }));
  },

  // It works in a browser only: this process looks like one while it needs a passkey.
  async registerPasskey(pool, username, password) {
    const passkey = new Passkey();
    await signIn(pool, username, password);
    await andSignOut(inBrowser(passkey, () => auth.associateWebAuthnCredential()));
    return passkey;
  },

  signInByPasskey: (pool, username, passkey) =>
    andSignOut(inBrowser(passkey, () =>
      signIn(pool, username, undefined, { authFlowType: 'USER_AUTH', preferredChallenge: 'WEB_AUTHN' }))),

  // It keeps the refresh token that comes with new tokens, and has GetTokensFromRefreshToken alone.
  async* rotate(pool, username, password, count) {
    const storage = new MemoryStorage();
    await signIn(pool, username, password, { storage });
    for (let i = 0; i < count; i += 1) {
      yield [await accessToken({ forceRefresh: true }), storage.refreshToken()];
    }
    await auth.signOut();
  },
});
