// The small npm packages that only compute: their callers send the messages themselves, and so does this driver.
//
//     node small_js.js PACKAGE CONFIG
'use strict';

const crypto = require('node:crypto');
const { ONLY_COMPUTES, call, expect, run } = require('./suite.js');

/** Each package as { start, answer }: SRP_A, and from the challenge the claim and its timestamp. */
const PACKAGES = {
  'amazon-user-pool-srp-client'(pool) {
    const { SRPClient, calculateSignature, getNowString } = require('amazon-user-pool-srp-client');
    const poolName = pool.pool_id.split('_')[1];
    const client = new SRPClient(poolName);
    return {
      start: () => client.calculateA(),
      answer(challenge, password) {
        const { USER_ID_FOR_SRP: id, SRP_B, SALT, SECRET_BLOCK } = challenge;
        const key = client.getPasswordAuthenticationKey(id, password, SRP_B, SALT);
        const timestamp = getNowString();
        return { signature: calculateSignature(key, poolName, id, SECRET_BLOCK, timestamp), timestamp };
      },
    };
  },

  'aws-cognito-srp-client'(pool) {
    const { default: Srp } = require('aws-cognito-srp-client');
    const client = new Srp(pool.pool_id);
    return {
      start: () => client.getA(),
      answer: ({ USER_ID_FOR_SRP: id, SRP_B, SALT, SECRET_BLOCK }, password) =>
        client.getSignature(id, SRP_B, SALT, SECRET_BLOCK, password),
    };
  },
};

const [packageName, config] = process.argv.slice(2);
process.argv[2] = config;

async function provePassword(pool, username, password) {
  const srp = PACKAGES[packageName](pool);
  const started = await call(pool, 'InitiateAuth', {
    ClientId: pool.client_id,
    AuthFlow: 'USER_SRP_AUTH',
    AuthParameters: { USERNAME: username, SRP_A: srp.start(), ...secretHash(pool, username) },
  });
  const challenge = started.ChallengeParameters;
  const name = challenge.USERNAME ?? challenge.USER_ID_FOR_SRP;
  const { signature, timestamp } = srp.answer(challenge, password);
  const answer = await call(pool, 'RespondToAuthChallenge', {
    ClientId: pool.client_id,
    ChallengeName: started.ChallengeName,
    ChallengeResponses: {
      USERNAME: name,
      PASSWORD_CLAIM_SIGNATURE: signature,
      PASSWORD_CLAIM_SECRET_BLOCK: challenge.SECRET_BLOCK,
      TIMESTAMP: timestamp,
      ...secretHash(pool, name),
    },
    Session: started.Session,
  });
  return { answer, name };
}

function secretHash(pool, username) {
  if (!pool.client_secret) return {};
  const hmac = crypto.createHmac('sha256', pool.client_secret).update(username + pool.client_id);
  return { SECRET_HASH: hmac.digest('base64') };
}

function accessToken(answer) {
  expect(answer.AuthenticationResult, `no tokens, but ${answer.ChallengeName}`);
  return answer.AuthenticationResult.AccessToken;
}

run({
  name: packageName,
  lacks: ONLY_COMPUTES,
  takesSecret: true,

  async signIn(pool, username, password) {
    return accessToken((await provePassword(pool, username, password)).answer);
  },
});
