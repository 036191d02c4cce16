// amazon-cognito-identity-js, the client that Amplify up to v5 was built on.
'use strict';

const { Refused, challengesAnswered, expect, lack, run } = require('./suite.js');
const { AuthenticationDetails, CognitoUser, CognitoUserPool } = require('amazon-cognito-identity-js');

/** Storage that lives as long as one sign-in, or as long as a device is to be remembered. */
class MemoryStorage {
  #items = new Map();
  setItem(key, value) { this.#items.set(key, value); }
  getItem(key) { return this.#items.has(key) ? this.#items.get(key) : null; }
  removeItem(key) { this.#items.delete(key); }
  clear() { this.#items.clear(); }
}

function userOf(pool, username, storage) {
  const userPool = new CognitoUserPool({
    UserPoolId: pool.pool_id,
    ClientId: pool.client_id,
    endpoint: pool.endpoint,
    Storage: storage,
  });
  return new CognitoUser({ Username: username, Pool: userPool, Storage: storage });
}

/** The library's callbacks as a promise of its session and of what it says about the device. `begin` is given the callbacks. */
function authenticate(user, begin, { newPassword, code, chooses, firstCode, answer } = {}) {
  return new Promise((resolve, reject) => {
    const sendCode = (challenge) => Promise.resolve(code()).then((text) => user.sendMFACode(text, callbacks, challenge), reject);
    const offered = {
      newPasswordRequired: newPassword && (() => user.completeNewPasswordChallenge(newPassword, {}, callbacks)),
      mfaRequired: code && sendCode,
      totpRequired: code && sendCode,
      selectMFAType: chooses && (() => user.sendMFASelectionAnswer(chooses, callbacks)),
      mfaSetup: firstCode && (() => user.associateSoftwareToken(callbacks)),
      associateSecretCode: firstCode && ((secret) => user.verifySoftwareToken(firstCode(secret), 'interop', callbacks)),
      customChallenge: answer && (() => user.sendCustomChallengeAnswer(answer, callbacks)),
    };
    const callbacks = {
      onSuccess: (session, deviceNeedsConfirmation) => resolve({ session, deviceNeedsConfirmation }),
      onFailure: (error) => reject(refusal(error)),
    };
    for (const [name, callback] of Object.entries(offered)) {
      callbacks[name] = callback ?? (() => reject(new Error(`the library asks for ${name}`)));
    }
    begin(callbacks);
  });
}

/** USER_SRP_AUTH, or what `setAuthenticationFlowType` has set in its place. */
function signIn(user, username, password, options) {
  return authenticate(
    user, (callbacks) => user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), callbacks), options);
}

/** A user of one sign-in, by another flow where one is named. */
function newUser(pool, username, flow) {
  const user = userOf(pool, username, new MemoryStorage());
  if (flow) user.setAuthenticationFlowType(flow);
  return user;
}

// What the service refuses, the library passes on with the service's name in `code`; all else is a failure.
const refusal = (error) => (error.code ? new Refused(error.code) : error);

const token = ({ session }) => session.getAccessToken().getJwtToken();

run({
  name: 'amazon-cognito-identity-js',
  slowProof: true,
  lacks: {
    ...lack(['user_auth', 'otp', 'passkey'], 'has no USER_AUTH'),
    email: 'answers SMS_MFA and SOFTWARE_TOKEN_MFA only',
    rotation: 'refreshes with REFRESH_TOKEN_AUTH only',
  },

  async signIn(pool, username, password) {
    return token(await signIn(newUser(pool, username), username, password));
  },

  async signInWithNewPassword(pool, username, password, newPassword) {
    return token(await signIn(newUser(pool, username), username, password, { newPassword }));
  },

  // The library confirms a new device by itself, while it signs in, and sends DEVICE_KEY from its storage afterwards.
  async signInWithNewDevice(pool, username, password) {
    const storage = new MemoryStorage();
    const user = userOf(pool, username, storage);
    await signIn(user, username, password);
    const { deviceKey } = user;
    expect(deviceKey, 'a sign-in without a device got no NewDeviceMetadata');
    await new Promise((resolve, reject) => {
      user.setDeviceStatusRemembered({ onSuccess: resolve, onFailure: (error) => reject(refusal(error)) });
    });
    challengesAnswered();
    const again = userOf(pool, username, storage);
    const result = await signIn(again, username, password);
    expect(challengesAnswered().at(-1) === 'DEVICE_PASSWORD_VERIFIER', 'the second sign-in did not prove the device');
    expect(again.deviceKey === deviceKey, 'a known device was announced as new');
    return token(result);
  },

  async refresh(pool, username, password) {
    const user = newUser(pool, username);
    const { session } = await signIn(user, username, password);
    return new Promise((resolve, reject) => {
      user.refreshSession(session.getRefreshToken(), (error, renewed) => (
        error ? reject(refusal(error)) : resolve(token({ session: renewed }))));
    });
  },

  async signInByPassword(pool, username, password) {
    return token(await signIn(newUser(pool, username, 'USER_PASSWORD_AUTH'), username, password));
  },

  async signInWithCode(pool, username, password, { challenge, code, chooses, sendsPassword }) {
    const user = newUser(pool, username, sendsPassword && 'USER_PASSWORD_AUTH');
    return token(await signIn(user, username, password, { code, ...(chooses && { chooses: challenge }) }));
  },

  async signInWithSetup(pool, username, password, { firstCode, sendsPassword }) {
    const user = newUser(pool, username, sendsPassword && 'USER_PASSWORD_AUTH');
    return token(await signIn(user, username, password, { firstCode }));
  },

  async customAuth(pool, username, password, answer) {
    return token(await signIn(newUser(pool, username, 'CUSTOM_AUTH'), username, password, { answer }));
  },

  async custom(pool, username, answer) {
    const user = newUser(pool, username, 'CUSTOM_AUTH');
    const details = new AuthenticationDetails({ Username: username });
    return token(await authenticate(user, (callbacks) => user.initiateAuth(details, callbacks), { answer }));
  },
});
