// Sign-ins by the AWS SDK for JavaScript v3 at a pool. This file runs under node and in a browser.

import {
  CognitoIdentityProviderClient, ConfirmDeviceCommand, InitiateAuthCommand, RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';

/** A client of the SDK for a pool. */
export const sdkOf = (endpoint) =>
  new CognitoIdentityProviderClient({
    region: 'us-east-1',
    endpoint,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });

/** The whole sign-in of a user, as the README has it. Returns the last response, and the name to answer with. */
export async function prove({ UserSignIn }, sdk, pool, password) {
  const signIn = await UserSignIn.start(pool);
  const started = await sdk.send(new InitiateAuthCommand({
    AuthFlow: 'USER_SRP_AUTH', ClientId: pool.clientId, AuthParameters: signIn.authParameters,
  }));
  const ChallengeResponses = signIn.answer(started.ChallengeParameters, password);
  const response = await respond(sdk, pool, started, ChallengeResponses);
  return { response, username: ChallengeResponses.USERNAME };
}

export function respond(sdk, { clientId }, { ChallengeName, Session }, ChallengeResponses) {
  return sdk.send(new RespondToAuthChallengeCommand({ ClientId: clientId, ChallengeName, Session, ChallengeResponses }));
}

/** Answers NEW_PASSWORD_REQUIRED. */
export async function replacePassword(api, sdk, pool, password, newPassword) {
  const { response, username } = await prove(api, sdk, pool, password);
  const hash = pool.clientSecret ? { SECRET_HASH: await api.secretHash({ ...pool, username }) } : {};
  return respond(sdk, pool, response, { USERNAME: username, NEW_PASSWORD: newPassword, ...hash });
}

/** Confirms the device that a sign-in has announced. Returns what `DeviceSignIn` wants of it. */
export async function confirmDevice({ registerDevice }, sdk, { AccessToken, NewDeviceMetadata }) {
  const device = { deviceKey: NewDeviceMetadata.DeviceKey, deviceGroupKey: NewDeviceMetadata.DeviceGroupKey };
  const { devicePassword, deviceSecretVerifierConfig } = await registerDevice(device);
  await sdk.send(new ConfirmDeviceCommand({
    AccessToken, DeviceKey: device.deviceKey, DeviceSecretVerifierConfig: deviceSecretVerifierConfig,
  }));
  return { ...device, devicePassword };
}

/** The sign-in of a user with a remembered device. */
export async function proveWithDevice(api, sdk, pool, password, device) {
  const { response, username } = await prove(api, sdk, { ...pool, deviceKey: device.deviceKey }, password);
  if (response.ChallengeName !== 'DEVICE_SRP_AUTH') throw new Error(`${response.ChallengeName} in place of DEVICE_SRP_AUTH`);
  const signIn = await api.DeviceSignIn.start({ ...pool, ...device, username });
  const challenge = await respond(sdk, pool, response, signIn.challengeResponses);
  return respond(sdk, pool, challenge, signIn.answer(challenge.ChallengeParameters));
}

/** The user that an access token names. */
export const userOf = ({ AuthenticationResult }) =>
  JSON.parse(new TextDecoder().decode(bytesOf(AuthenticationResult.AccessToken.split('.')[1]))).username;

const bytesOf = (base64url) => Uint8Array.from(atob(base64url.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
