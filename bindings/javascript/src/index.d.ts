/** A map of strings, as the AWS SDK has them. */
export type Parameters = Record<string, string>;

/** Why an input was refused or a step failed. It carries no input text and no secret, so a log may have it. */
export declare class SrpError extends Error {
  readonly name: 'SrpError';
  /** The rule that was broken. */
  readonly code:
    | 'Missing'
    | 'Empty'
    | 'TooLong'
    | 'NotHex'
    | 'NotBase64'
    | 'Malformed'
    /** `SRP_B` is 0 mod N: the server is broken or hostile. */
    | 'PublicValueIsZero'
    | 'PublicValueOutOfRange'
    | 'ScramblerIsZero'
    /** `crypto.getRandomValues` is missing or failed. No other source is used. */
    | 'RandomSource'
    /** The sign-in has been answered or freed. */
    | 'Spent'
    /** A constructor was called; `start` makes sign-ins. */
    | 'Misuse'
    /** WebAssembly does not load here. A page's Content-Security-Policy needs `'wasm-unsafe-eval'`. */
    | 'NotLoaded'
    /** The module failed. Its sign-ins are lost, its memory is wiped, and the next start makes another. */
    | 'Broken';
  /** The parameter at fault, as AWS spells it, such as `SRP_B` or `UserPoolId`. */
  readonly parameter?: string;
  private constructor();
}

export interface AppClient {
  /** `UserPoolId`, such as `us-east-1_AbCdEfGhI`. */
  poolId: string;
  clientId: string;
  /** The name that the user typed: a user name or an alias. */
  username: string;
  /** The secret of the app client, if it has one. The messages then have a `SECRET_HASH`. */
  clientSecret?: string | null;
}

/** The sign-in of a user: `USER_SRP_AUTH`, then `PASSWORD_VERIFIER`. */
export declare class UserSignIn {
  private constructor();
  /** Draws `a` and computes `SRP_A`. The first call loads the module. */
  static start(options: AppClient & { deviceKey?: string | null }): Promise<UserSignIn>;
  /** The `AuthParameters` of `InitiateAuth` or `AdminInitiateAuth`: `USERNAME`, `SRP_A`, `SECRET_HASH`, `DEVICE_KEY`. */
  readonly authParameters: Parameters;
  /**
   * The `ChallengeResponses` of `RespondToAuthChallenge`. The sign-in is spent in any case: one start, one proof.
   *
   * A password of bytes is UTF-8; the caller can wipe it afterwards, which no one can with a string.
   */
  answer(challengeParameters: Parameters | undefined, password: string | Uint8Array, now?: Date | number): Parameters;
  /** Wipes and frees a sign-in that will not be answered. */
  free(): void;
}

/** The sign-in of a remembered device: `DEVICE_SRP_AUTH`, then `DEVICE_PASSWORD_VERIFIER`. */
export declare class DeviceSignIn {
  private constructor();
  /** `username` is the `USERNAME` of the answer before. */
  static start(
    options: AppClient & { deviceKey: string; deviceGroupKey: string; devicePassword: string | Uint8Array },
  ): Promise<DeviceSignIn>;
  /** The `ChallengeResponses` of `DEVICE_SRP_AUTH`. */
  readonly challengeResponses: Parameters;
  /** The `ChallengeResponses` of `DEVICE_PASSWORD_VERIFIER`. The sign-in is spent in any case. */
  answer(challengeParameters: Parameters | undefined, now?: Date | number): Parameters;
  /** Wipes and frees a sign-in that will not be answered. */
  free(): void;
}

/** Makes the password of a new device, to be stored, and its verifier, for `ConfirmDevice`. */
export declare function registerDevice(options: { deviceKey: string; deviceGroupKey: string }): Promise<{
  devicePassword: string;
  deviceSecretVerifierConfig: { PasswordVerifier: string; Salt: string };
}>;

/** Computes `SECRET_HASH` for a message that this package does not make, over the `USERNAME` in that message. */
export declare function secretHash(options: { clientId: string; clientSecret: string; username: string }): Promise<string>;
