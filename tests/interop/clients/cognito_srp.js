// The npm package cognito-srp, client half. It hashes A and S at 384 bytes, so about one sign-in in 250 must
// fail: when A or S has a leading zero byte that is not the sign byte of the shortest form. The driver sees both and holds
// the package to exactly that.
'use strict';

const { ONLY_COMPUTES, Refused, call, expect, run } = require('./suite.js');
const { UserPool } = require('cognito-srp');

/** Whether the first byte is a zero that `enc` would leave out: the next byte's top bit is clear. */
const hasIdleZero = (bytes) => bytes[0] === 0 && bytes[1] < 0x80;

async function provePassword(pool, username, password) {
  const challenge = await new UserPool(pool.pool_id.split('_')[1]).getClientChallenge({ username, password });
  const A = challenge.calculateA();
  const started = await call(pool, 'InitiateAuth', {
    ClientId: pool.client_id,
    AuthFlow: 'USER_SRP_AUTH',
    AuthParameters: { USERNAME: username, SRP_A: A.toString('hex') },
  });
  const { USER_ID_FOR_SRP: id, SALT, SRP_B, SECRET_BLOCK } = started.ChallengeParameters;
  challenge.user.username = id;
  // The package reads B as bytes and would lose half of one; its caller has to make the digits even.
  const B = SRP_B.length % 2 ? `0${SRP_B}` : SRP_B;
  const session = challenge.getSession(B, SALT.length % 2 ? `0${SALT}` : SALT);
  const timestamp = now();
  const request = call(pool, 'RespondToAuthChallenge', {
    ClientId: pool.client_id,
    ChallengeName: started.ChallengeName,
    ChallengeResponses: {
      USERNAME: id,
      PASSWORD_CLAIM_SIGNATURE: session.calculateSignature(SECRET_BLOCK, timestamp),
      PASSWORD_CLAIM_SECRET_BLOCK: SECRET_BLOCK,
      TIMESTAMP: timestamp,
    },
    Session: started.Session,
  });
  const hashedWrongly = hasIdleZero(A) || hasIdleZero(session.key);
  return { request, hashedWrongly };
}

/** `EEE MMM d HH:mm:ss 'UTC' yyyy`: the package leaves the timestamp to its caller. */
function now() {
  const [weekday, day, month, year, time] = new Date().toUTCString().replace(',', '').split(' ');
  return `${weekday} ${month} ${Number(day)} ${time} UTC ${year}`;
}

run({
  name: 'cognito-srp (npm)',
  lacks: ONLY_COMPUTES,

  async signIn(pool, username, password) {
    // A sign-in that the package's bug spoils must be refused, and is then tried again.
    for (;;) {
      const { request, hashedWrongly } = await provePassword(pool, username, password);
      if (!hashedWrongly) return (await request).AuthenticationResult.AccessToken;
      const refused = await request.then(() => false, (error) => error instanceof Refused);
      expect(refused, 'signed in with A or S hashed at 384 bytes although it is shorter');
      process.stderr.write('     cognito-srp (npm): refused, as it must be, for a leading zero byte\n');
    }
  },
});
