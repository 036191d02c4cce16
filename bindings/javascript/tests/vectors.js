// The cases of `vectors/` that the public API can run: those whose `a` has at most 320 bits, which is what a start draws. This file
// runs under node and in a browser.

const A_BITS = 320;
const POOL = { poolId: 'us-east-1_AbCdEfGhI', clientId: 'client', username: 'alice' };
const CHALLENGE = { USER_ID_FOR_SRP: 'alice', SALT: 'c0ffee', SRP_B: '1f3b', SECRET_BLOCK: 'AAECAw==' };

/** Makes `crypto.getRandomValues` give these bytes next, until it is undone. */
export function scripted(bytes) {
  let at = 0;
  crypto.getRandomValues = (out) => {
    if (at + out.length !== bytes.length) throw new Error(`${out.length} random bytes are drawn, not ${bytes.length}`);
    out.set(bytes.subarray(at, at += out.length));
    return out;
  };
  return () => delete crypto.getRandomValues;
}

export function bytesOf(hex, length) {
  const digits = hex.padStart(2 * length, '0');
  return Uint8Array.from({ length }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

async function withRandom(bytes, work) {
  const undo = scripted(bytes);
  try {
    return await work();
  } finally {
    undo();
  }
}

const bits = (hex) => BigInt(`0x${hex}`).toString(2).length;
const decoded = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

/** The challenge of a case, as the service sends it. */
function challengeOf(vector, more) {
  return { ...more, SALT: vector.salt, SRP_B: vector.srp_b, SECRET_BLOCK: vector.secret_block };
}

/** What each kind computes: names of `expected` and their values, or nothing when the API cannot run the case. */
const KINDS = {
  async user_signature({ UserSignIn }, vector) {
    if (bits(vector.a) > A_BITS) return undefined;
    const signIn = await withRandom(bytesOf(vector.a, A_BITS / 8), () =>
      UserSignIn.start({ ...POOL, poolId: vector.pool_id ?? `us-east-1_${vector.pool_name}` }));
    const { SRP_A } = signIn.authParameters;
    const challenge = challengeOf(vector, { USERNAME: 'alice', USER_ID_FOR_SRP: vector.user_id_for_srp });
    const answer = signIn.answer(challenge, vector.password, 1000 * vector.unix_seconds);
    return { A: SRP_A, signature: answer.PASSWORD_CLAIM_SIGNATURE };
  },

  server_sign_in: (api, vector) => KINDS.user_signature(api, vector),

  async device_signature({ DeviceSignIn }, vector) {
    if (bits(vector.a) > A_BITS) return undefined;
    const names = { deviceKey: vector.device_key, deviceGroupKey: vector.device_group_key, devicePassword: vector.device_password };
    const signIn = await withRandom(bytesOf(vector.a, A_BITS / 8), () => DeviceSignIn.start({ ...POOL, ...names }));
    const { SRP_A } = signIn.challengeResponses;
    const answer = signIn.answer(challengeOf(vector, { USERNAME: 'alice' }), 1000 * vector.unix_seconds);
    return { A: SRP_A, signature: answer.PASSWORD_CLAIM_SIGNATURE };
  },

  async device_verifier({ registerDevice }, vector) {
    const password = decoded(vector.device_password);
    if (password.length !== 40 || bits(vector.salt) > 128) return undefined;
    const random = new Uint8Array([...password, ...bytesOf(vector.salt, 16)]);
    const made = await withRandom(random, () =>
      registerDevice({ deviceKey: vector.device_key, deviceGroupKey: vector.device_group_key }));
    const { PasswordVerifier, Salt } = made.deviceSecretVerifierConfig;
    return { device_password: made.devicePassword, password_verifier_base64: PasswordVerifier, salt_base64: Salt };
  },

  async secret_hash({ UserSignIn, secretHash }, vector) {
    if (vector.flags.includes('OutsideServiceLimits')) return undefined;
    const app = { clientId: vector.client_id, clientSecret: vector.client_secret, username: vector.username };
    const { authParameters } = await UserSignIn.start({ ...POOL, ...app });
    if (await secretHash(app) !== authParameters.SECRET_HASH) throw new Error('there are two hashes');
    return { secret_hash: authParameters.SECRET_HASH };
  },

  async timestamp({ UserSignIn }, vector) {
    const signIn = await UserSignIn.start(POOL);
    return { timestamp: signIn.answer(CHALLENGE, 'password', 1000 * vector.unix_seconds).TIMESTAMP };
  },

  async challenge({ UserSignIn }, vector) {
    (await UserSignIn.start(POOL)).answer(vector.parameters, 'password');
    return {};
  },

  async pool_id({ UserSignIn }, vector) {
    await UserSignIn.start({ ...POOL, poolId: vector.pool_id });
    return {};
  },

  async username({ UserSignIn }, vector) {
    await UserSignIn.start({ ...POOL, username: vector.username });
    return {};
  },

  async client_id({ UserSignIn }, vector) {
    await UserSignIn.start({ ...POOL, clientId: vector.client_id });
    return {};
  },

  async client_secret({ UserSignIn }, vector) {
    await UserSignIn.start({ ...POOL, clientSecret: vector.client_secret });
    return {};
  },

  async password({ UserSignIn }, vector) {
    (await UserSignIn.start(POOL)).answer(CHALLENGE, vector.password);
    return {};
  },
};

/** Runs the cases of some files. Returns the number that ran, and a line for each that is wrong. */
export async function runVectors(api, files) {
  let ran = 0;
  const wrong = [];
  for (const { file, cases } of files) {
    for (const vector of cases.filter(({ kind }) => kind in KINDS)) {
      let found;
      try {
        found = await KINDS[vector.kind](api, vector);
        if (found === undefined) continue;
      } catch (error) {
        if (!(error instanceof api.SrpError)) throw error;
        found = { error: error.code, parameter: error.parameter };
      }
      ran += 1;
      const expected = vector.result === 'invalid' ? vector.expected : { error: undefined, ...vector.expected };
      const different = Object.keys(expected).filter((name) => (name === 'error' || name in found) && found[name] !== expected[name]);
      // A case that must be refused must be refused for its reason.
      if (vector.result === 'invalid' && found.error === undefined) different.push('it was accepted');
      if (different.length) wrong.push(`${file} ${vector.tcId}: ${different} (${JSON.stringify(found)})`);
    }
  }
  return { ran, wrong };
}

export const FILES = ['user_auth', 'server', 'device_auth', 'secret_hash', 'timestamp', 'rejection'];
