// amazon-cognito-passwordless-auth: `authenticateWithSRP`, an independent implementation over WebCrypto and BigInt.
import { createRequire } from 'node:module';

const { Refused, run } = createRequire(import.meta.url)('./suite.js');
const { Passwordless } = await import('amazon-cognito-passwordless-auth');
const { authenticateWithSRP } = await import('amazon-cognito-passwordless-auth/srp');

async function signIn(pool, username, password, newPassword) {
  Passwordless.configure({
    cognitoIdpEndpoint: pool.endpoint,
    userPoolId: pool.pool_id,
    clientId: pool.client_id,
    clientSecret: pool.client_secret,
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
  try {
    await signedIn;
  } catch (error) {
    throw error.name.endsWith('Exception') ? new Refused(error.name) : error;
  }
  return tokens.accessToken;
}

run({
  name: 'cognito-passwordless-auth',
  takesSecret: true,
  aliasWithSecretIsRefused: 'the client answers under the alias, with the alias in SECRET_HASH',
  signIn: (pool, username, password) => signIn(pool, username, password),
  signInWithNewPassword: signIn,
});
