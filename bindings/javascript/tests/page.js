// What a page runs for `browser.test.js`.

import * as api from '../dist/index.js';
import { confirmDevice, prove, proveWithDevice, sdkOf, userOf } from './sign_ins.js';
import { runVectors } from './vectors.js';

const json = (work) => async (...parameters) => JSON.stringify(await work(...parameters));

globalThis.runVectors = json((files) => runVectors(api, files));

globalThis.signIns = json(async (pool, users, count) => {
  const sdk = sdkOf(`${location.origin}/pool`);
  const names = [];
  for (let i = 0; i < count; i += 1) {
    for (const { username, password } of users) names.push(userOf((await prove(api, sdk, { ...pool, username }, password)).response));
  }
  const [{ username, password }] = users;
  const refusal = await prove(api, sdk, { ...pool, username }, `${password}x`).then(() => 'signed in', (error) => error.name);
  const { response } = await prove(api, sdk, { ...pool, username }, password);
  const device = await confirmDevice(api, sdk, response.AuthenticationResult);
  const deviceUser = userOf(await proveWithDevice(api, sdk, { ...pool, username }, password, device));
  return { names, refusal, deviceUser };
});

globalThis.load = json(async () => {
  const names = { poolId: 'us-east-1_AbC', clientId: 'client', username: 'alice' };
  return api.UserSignIn.start(names).then(() => 'loaded', ({ name, code }) => `${name} ${code}`);
});
