// amazon-cognito-passwordless-auth: `authenticateWithSRP`, an independent implementation over WebCrypto and BigInt.
// It keeps the leading zero bytes of u in the salt of HKDF, where everybody else takes enc(u), so one sign-in in 512 must fail:
// when u has a leading zero byte that is not the sign byte of the shortest form. The driver sees A and B on their way and holds the
// package to exactly that.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';

const { Refused, expect, run } = createRequire(import.meta.url)('./suite.js');
const { Passwordless } = await import('amazon-cognito-passwordless-auth');
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

async function attempt(pool, username, password, newPassword) {
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
  let tokens;
  const { signedIn } = authenticateWithSRP({
    username,
    password,
    // It asks for the new password when the challenge comes.
    newPassword: async () => newPassword,
    tokensCb: async (result) => { tokens = result; },
  });
  const failure = await signedIn.then(() => null, (error) => error);
  if (failure && !failure.name.endsWith('Exception')) throw failure;
  return { tokens, refusal: failure?.name, saltedWrongly: Boolean(seen.B) && scramblerIsShort(seen.A, seen.B) };
}

async function signIn(pool, username, password, newPassword) {
  // A sign-in that the package's bug spoils must be refused, and is then tried again.
  for (;;) {
    const { tokens, refusal, saltedWrongly } = await attempt(pool, username, password, newPassword);
    if (!saltedWrongly) {
      if (refusal) throw new Refused(refusal);
      return tokens.accessToken;
    }
    expect(refusal === 'NotAuthorizedException', 'signed in with the zero byte of a short u in the salt of HKDF');
    process.stderr.write('     cognito-passwordless-auth: refused, as it must be, for a leading zero byte\n');
  }
}

run({
  name: 'cognito-passwordless-auth',
  takesSecret: true,
  aliasWithSecretIsRefused: 'the client answers under the alias, with the alias in SECRET_HASH',
  signIn: (pool, username, password) => signIn(pool, username, password),
  signInWithNewPassword: signIn,
});
