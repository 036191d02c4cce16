// The AWS SDK for JavaScript v3 and the package sign in to the local pool.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';

import * as api from '../dist/index.js';
import { ALIAS, USERS, startPool } from './pool.js';
import { confirmDevice, prove, proveWithDevice, replacePassword, sdkOf, userOf } from './sign_ins.js';

const SIGN_INS = Number(process.env.SIGN_INS ?? 200);
assert.ok(SIGN_INS > 0, 'the number of sign-ins is none');
const SECRET = '0javascript0client0secret0of0many0letters0';

for (const [kind, flags, more] of [
  ['a pool', [], {}],
  ['a pool with a client secret', ['--client-secret', SECRET], { clientSecret: SECRET }],
]) {
  describe(kind, () => {
    let server;
    let sdk;
    const named = (username) => ({ ...server.pool, ...more, username });

    before(async () => {
      server = await startPool(...flags);
      sdk = sdkOf(server.endpoint);
    });
    after(() => server.stop());

    test('signs a user in, again and again', async () => {
      const { username, password } = USERS.alice;
      for (let i = 0; i < SIGN_INS / 2; i += 1) {
        assert.equal(userOf((await prove(api, sdk, named(username), password)).response), username);
      }
    });

    test('signs in by an alias, and by names and passwords beyond ASCII', async () => {
      const { response, username } = await prove(api, sdk, named(ALIAS), new TextEncoder().encode(USERS.alice.password));
      assert.equal(userOf(response), USERS.alice.username);
      assert.notEqual(username, ALIAS);
      assert.equal(userOf((await prove(api, sdk, named(USERS.zoe.username), USERS.zoe.password)).response), USERS.zoe.username);
    });

    test('refuses a wrong password and a wrong client secret', async () => {
      const { username, password } = USERS.alice;
      const isRefused = { name: 'NotAuthorizedException' };
      await assert.rejects(prove(api, sdk, named(username), `${password}x`), isRefused);
      if (more.clientSecret) {
        await assert.rejects(prove(api, sdk, { ...named(username), clientSecret: `${SECRET}0` }, password), isRefused);
      }
    });

    test('replaces a temporary password', async () => {
      const { username, password } = USERS.frank;
      assert.equal(userOf(await replacePassword(api, sdk, named(username), password, 'Permanent1!')), username);
      assert.equal(userOf((await prove(api, sdk, named(username), 'Permanent1!')).response), username);
    });
  });

  for (const rare of [[], ['--rare']]) {
    test(`${kind} ${rare} remembers devices`, async () => {
      const server = await startPool('--devices', ...rare, ...flags);
      try {
        const sdk = sdkOf(server.endpoint);
        const { username, password } = USERS.alice;
        const pool = { ...server.pool, ...more, username };
        for (let i = 0; i < Math.ceil(SIGN_INS / 40); i += 1) {
          const { response } = await prove(api, sdk, pool, password);
          const device = await confirmDevice(api, sdk, response.AuthenticationResult);
          assert.equal(userOf(await proveWithDevice(api, sdk, pool, password, device)), username);
          const wrong = { ...device, devicePassword: `${device.devicePassword}x` };
          await assert.rejects(proveWithDevice(api, sdk, pool, password, wrong), { name: 'NotAuthorizedException' });
        }
      } finally {
        server.stop();
      }
    });
  }
}
