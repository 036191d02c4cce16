// The clients that `bench` compares, without their requests: `start` returns a state with `srp_a`, `answer` the parameters of the answer.

import { getAuthenticationHelper, getNowString, getSignatureString } from 'amplify:srp';
import { BigInteger } from 'amplify:big-integer';
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';
import { configure } from 'passwordless:config';
import { calculateLargeAHex, calculateSrpSignature, generateSmallA } from 'passwordless:srp';

import { UserSignIn } from '../dist/index.js';
import { client as bigint } from '../../../benches/peers/runners/bigint.js';

export const NAMES = { poolId: 'us-east-1_AbCdEfGhI', clientId: '1example23456789', username: 'alice' };
export const PASSWORD = 'correct horse battery staple';
export const N_HEX = N_OF_THE_GROUP;
const POOL_NAME = NAMES.poolId.split('_')[1];

const ours = {
  async start() {
    const signIn = await UserSignIn.start(NAMES);
    return { srp_a: signIn.authParameters.SRP_A, signIn };
  },

  answer: ({ signIn }, challenge) => signIn.answer(challenge, PASSWORD),
};

const amplify = {
  async start() {
    const helper = await getAuthenticationHelper(POOL_NAME);
    return { srp_a: helper.A.toString(16), helper };
  },

  async answer({ helper }, challenge) {
    const username = challenge.USER_ID_FOR_SRP;
    const serverBValue = new BigInteger(challenge.SRP_B, 16);
    const salt = new BigInteger(challenge.SALT, 16);
    const hkdf = await helper.getPasswordAuthenticationKey({ username, password: PASSWORD, serverBValue, salt });
    const dateNow = getNowString();
    const signature = { username, userPoolName: POOL_NAME, challengeParameters: challenge, dateNow, hkdf };
    return { TIMESTAMP: dateNow, PASSWORD_CLAIM_SIGNATURE: getSignatureString(signature) };
  },
};

/** The service's part of identity-js: its requests end here. */
const service = {
  request(_, parameters, callback) {
    this.last = { parameters, callback };
  },
};

const identity = {
  start() {
    const pool = new CognitoUserPool({ UserPoolId: NAMES.poolId, ClientId: NAMES.clientId, Storage: { getItem: () => null } });
    pool.client = service;
    const user = new CognitoUser({ Username: NAMES.username, Pool: pool, Storage: { getItem: () => null } });
    user.authenticateUser(new AuthenticationDetails({ Username: NAMES.username, Password: PASSWORD }), {});
    const { parameters, callback } = service.last;
    return { srp_a: parameters.AuthParameters.SRP_A, callback };
  },

  answer({ callback }, challenge) {
    callback(null, { ChallengeName: 'PASSWORD_VERIFIER', ChallengeParameters: challenge });
    return service.last.parameters.ChallengeResponses;
  },
};

const passwordless = {
  setup() {
    const storage = { getItem: () => null, setItem() {}, removeItem() {} };
    configure({ cognitoIdpEndpoint: 'us-east-1', userPoolId: NAMES.poolId, clientId: NAMES.clientId, storage });
  },

  async start() {
    const smallA = generateSmallA();
    return { srp_a: await calculateLargeAHex(smallA), smallA };
  },

  async answer({ srp_a: largeAHex, smallA }, challenge) {
    const { passwordClaimSignature, timestamp } = await calculateSrpSignature({
      smallA, largeAHex, srpBHex: challenge.SRP_B, salt: challenge.SALT, username: challenge.USER_ID_FOR_SRP,
      userPoolId: NAMES.poolId, password: PASSWORD, secretBlock: challenge.SECRET_BLOCK,
    });
    return { TIMESTAMP: timestamp, PASSWORD_CLAIM_SIGNATURE: passwordClaimSignature };
  },
};

export const CLIENTS = {
  ours,
  'BigInt with window and comb': {
    ...bigint,
    setup: () => bigint.setup({ pool_id: NAMES.poolId, n: N_HEX, password: PASSWORD }),
  },
  'cognito-passwordless-auth': passwordless,
  'aws-amplify': amplify,
  'amazon-cognito-identity-js': identity,
};
