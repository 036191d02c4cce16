// amazon-cognito-identity-js, the client that Amplify up to v5 was built on.
'use strict';

const { Refused, challengesAnswered, expect, run } = require('./suite.js');
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

/** The library's callbacks as a promise of its session and of what it says about the device. */
function authenticate(user, username, password, newPassword) {
  return new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: (session, deviceNeedsConfirmation) => resolve({ session, deviceNeedsConfirmation }),
      onFailure: (error) => reject(refusal(error)),
      newPasswordRequired: () => (newPassword === undefined
        ? reject(new Error('NEW_PASSWORD_REQUIRED'))
        : user.completeNewPasswordChallenge(newPassword, {}, callbacks)),
    };
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), callbacks);
  });
}

// What the service refuses, the library passes on with the service's name in `code`; all else is a failure.
const refusal = (error) => (error.code ? new Refused(error.code) : error);

const token = ({ session }) => session.getAccessToken().getJwtToken();

run({
  name: 'amazon-cognito-identity-js',

  async signIn(pool, username, password) {
    return token(await authenticate(userOf(pool, username, new MemoryStorage()), username, password));
  },

  async signInWithNewPassword(pool, username, password, newPassword) {
    return token(await authenticate(userOf(pool, username, new MemoryStorage()), username, password, newPassword));
  },

  // The library confirms a new device by itself, while it signs in, and sends DEVICE_KEY from its storage afterwards.
  async signInWithNewDevice(pool, username, password) {
    const storage = new MemoryStorage();
    const user = userOf(pool, username, storage);
    await authenticate(user, username, password);
    const { deviceKey } = user;
    expect(deviceKey, 'a sign-in without a device got no NewDeviceMetadata');
    await new Promise((resolve, reject) => {
      user.setDeviceStatusRemembered({ onSuccess: resolve, onFailure: (error) => reject(refusal(error)) });
    });
    challengesAnswered();
    const again = userOf(pool, username, storage);
    const result = await authenticate(again, username, password);
    expect(challengesAnswered().at(-1) === 'DEVICE_PASSWORD_VERIFIER', 'the second sign-in did not prove the device');
    expect(again.deviceKey === deviceKey, 'a known device was announced as new');
    return token(result);
  },

  async refresh(pool, username, password) {
    const user = userOf(pool, username, new MemoryStorage());
    const { session } = await authenticate(user, username, password);
    return new Promise((resolve, reject) => {
      user.refreshSession(session.getRefreshToken(), (error, renewed) => (
        error ? reject(refusal(error)) : resolve(token({ session: renewed }))));
    });
  },

  async customAuth(pool, username, password) {
    const user = userOf(pool, username, new MemoryStorage());
    user.setAuthenticationFlowType('CUSTOM_AUTH');
    return token(await authenticate(user, username, password));
  },
});
