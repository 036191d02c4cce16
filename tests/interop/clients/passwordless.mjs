// amazon-cognito-passwordless-auth: `authenticateWithSRP`, an independent implementation over WebCrypto and BigInt.
// It keeps the leading zero bytes of u in the salt of HKDF, where everybody else takes enc(u), so one sign-in in 512 must fail:
// when u has a leading zero byte that is not the sign byte of the shortest form. The driver sees A and B on their way and holds the
// package to exactly that.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const { Refused, expect, lack, run } = createRequire(import.meta.url)('./suite.js');
const { Passwordless } = await import('amazon-cognito-passwordless-auth');
const { authenticateWithPlaintextPassword } = await import('amazon-cognito-passwordless-auth/plaintext');
const { refreshTokens } = await import('amazon-cognito-passwordless-auth/refresh');
const { authenticateWithSRP } = await import('amazon-cognito-passwordless-auth/srp');

/** `enc` of a number in hex without leading zeros. */
function enc(hex) {
  const bytes = Buffer.from(hex.length % 2 ? `0${hex}` : hex, 'hex');
  return bytes[0] < 0x80 ? bytes : Buffer.concat([Buffer.of(0), bytes]);
}

/** Whether u begins with a zero that `enc` leaves out: the next byte's top bit is clear. */
function scramblerIsShort(A, B) {
  const u = createHash('sha256').update(enc(A)).update(enc(B)).digest();
  return u[0] === 0 && u[1] < 0x80;
}

/** Points the library, which is one global, at a pool. Returns A and B of the sign-in that follows, once they are sent. */
function configure(pool) {
  const seen = {};
  Passwordless.configure({
    cognitoIdpEndpoint: pool.endpoint,
    userPoolId: pool.pool_id,
    clientId: pool.client_id,
    clientSecret: pool.client_secret,
    fetch: async (resource, options) => {
      const response = await fetch(resource, options);
      seen.A ??= JSON.parse(options.body).AuthParameters?.SRP_A;
      seen.B ??= (await response.clone().json()).ChallengeParameters?.SRP_B;
      return response;
    },
    // Defaults of a browser that node does not have.
    location: { href: 'http://127.0.0.1/', hostname: '127.0.0.1' },
    history: { pushState() {} },
  });
  return seen;
}

/** Calls one of the library's sign-ins. What the service refuses is an error of the service's name. */
async function begin(authenticate, options) {
  let tokens;
  const { signedIn } = authenticate({ ...options, tokensCb: async (result) => { tokens = result; } });
  const failure = await signedIn.then(() => null, (error) => error);
  if (failure && !failure.name.endsWith('Exception')) throw failure;
  return { tokens, refusal: failure?.name };
}

/** Signs in by the proof. `options` has the functions that the library asks for what other challenges want. */
async function prove(pool, username, password, options) {
  // A sign-in that the package's bug spoils must be refused, and is then tried again.
  for (;;) {
    const seen = configure(pool);
    const { tokens, refusal } = await begin(authenticateWithSRP, { username, password, ...options });
    if (!seen.B || !scramblerIsShort(seen.A, seen.B)) {
      if (refusal) throw new Refused(refusal);
      return tokens;
    }
    expect(refusal === 'NotAuthorizedException', 'signed in with the zero byte of a short u in the salt of HKDF');
    process.stderr.write('     cognito-passwordless-auth: refused, as it must be, for a leading zero byte\n');
  }
}

const signIn = async (pool, username, password, options) => (await prove(pool, username, password, options)).accessToken;

async function sendPassword(pool, username, password, options) {
  configure(pool);
  const { tokens, refusal } = await begin(authenticateWithPlaintextPassword, { username, password, ...options });
  if (refusal) throw new Refused(refusal);
  return tokens.accessToken;
}

run({
  name: 'cognito-passwordless-auth',
  takesSecret: true,
  slowProof: true,
  aliasWithSecretIsRefused: 'the client answers under the alias, with the alias in SECRET_HASH',
  lacks: {
    device: 'reads NewDeviceMetadata nowhere',
    ...lack(['user_auth', 'otp'], 'has no USER_AUTH'),
    passkey: 'has passkeys as CUSTOM_CHALLENGE of its own triggers only',
    ...lack(['email', 'choice', 'setup'], 'answers SMS_MFA, SOFTWARE_TOKEN_MFA, NEW_PASSWORD_REQUIRED and CUSTOM_CHALLENGE only'),
    custom: 'begins without a password with its own challenges only, which want its own triggers',
    rotation: 'refreshes with REFRESH_TOKEN_AUTH only',
  },

  signIn: (pool, username, password) => signIn(pool, username, password),

  signInWithNewPassword: (pool, username, password, newPassword) =>
    signIn(pool, username, password, { newPassword: async () => newPassword }),

  signInWithCode(pool, username, password, { challenge, code, sendsPassword }) {
    const options = { [challenge === 'SMS_MFA' ? 'smsMfaCode' : 'otpMfaCode']: code };
    return (sendsPassword ? sendPassword : signIn)(pool, username, password, options);
  },

  customAuth: (pool, username, password, answer) =>
    signIn(pool, username, password, { authflow: 'CUSTOM_AUTH', customChallengeAnswer: async () => answer }),

  signInByPassword: (pool, username, password) => sendPassword(pool, username, password),

  async refresh(pool, username, password) {
    return (await refreshTokens({ tokens: await prove(pool, username, password) })).accessToken;
  },
});
