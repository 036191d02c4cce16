// What the types take and what they refuse. `tsc` reads this file; nobody runs it.

import {
  CognitoIdentityProviderClient, ConfirmDeviceCommand, InitiateAuthCommand, RespondToAuthChallengeCommand,
} from '@aws-sdk/client-cognito-identity-provider';
import { DeviceSignIn, SrpError, UserSignIn, registerDevice, secretHash } from '../dist/index.js';

export async function signIn(client: CognitoIdentityProviderClient, ClientId: string, password: string | Uint8Array) {
  const signIn = await UserSignIn.start({ poolId: 'us-east-1_AbC', clientId: ClientId, username: 'alice', deviceKey: undefined });
  const AuthParameters = signIn.authParameters;
  const started = await client.send(new InitiateAuthCommand({ AuthFlow: 'USER_SRP_AUTH', ClientId, AuthParameters }));
  const { ChallengeName, ChallengeParameters, Session } = started;
  const ChallengeResponses = signIn.answer(ChallengeParameters, password, new Date());
  return client.send(new RespondToAuthChallengeCommand({ ChallengeName, ClientId, ChallengeResponses, Session }));
}

export async function device(client: CognitoIdentityProviderClient, AccessToken: string, deviceKey: string, deviceGroupKey: string) {
  const { devicePassword, deviceSecretVerifierConfig } = await registerDevice({ deviceKey, deviceGroupKey });
  await client.send(new ConfirmDeviceCommand({ AccessToken, DeviceKey: deviceKey, DeviceSecretVerifierConfig: deviceSecretVerifierConfig }));
  const names = { poolId: 'us-east-1_AbC', clientId: 'client', username: 'alice', clientSecret: null };
  const signIn = await DeviceSignIn.start({ ...names, deviceKey, deviceGroupKey, devicePassword });
  const ChallengeResponses: Record<string, string> = signIn.challengeResponses;
  // @ts-expect-error A device's password was given to `start`.
  signIn.answer({}, 'password');
  signIn.free();
  return ChallengeResponses;
}

export async function refusals() {
  // @ts-expect-error `start` makes sign-ins.
  new UserSignIn();
  // @ts-expect-error The pool is missing.
  await UserSignIn.start({ clientId: 'client', username: 'alice' });
  // @ts-expect-error The secret is missing.
  await secretHash({ clientId: 'client', username: 'alice' });
  try {
    await secretHash({ clientId: 'client', clientSecret: 'secret', username: 'alice' });
  } catch (error) {
    if (error instanceof SrpError && error.code === 'TooLong') return error.parameter satisfies string | undefined;
    // @ts-expect-error There is no such code.
    if (error instanceof SrpError && error.code === 'Late') return undefined;
  }
  return undefined;
}
