// The local pool, as a process of a test.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { TARGET } from './target.js';

export const USERS = {
  alice: { username: 'alice', password: 'Passw0rd!' },
  // Composed and decomposed accents, CJK, and a character outside the first plane.
  zoe: { username: 'zoë-ユーザー', password: 'pässwo\u0308rd-パスワード-🗝' },
  frank: { username: 'frank', password: 'Temporary1!' },
};
export const ALIAS = 'alice@example.com';

/** Starts the program `local_pool`. Returns its process, and a promise of its address. */
export function spawnPool(flags, stderr = 'ignore') {
  const child = spawn(`${TARGET}/debug/local_pool`, ['--listen', '127.0.0.1:0', ...flags], { stdio: ['ignore', 'pipe', stderr] });
  const announced = async () => {
    for await (const line of createInterface({ input: child.stdout })) {
      const address = /listening on (http:\S+)/.exec(line)?.[1];
      if (address) return address;
    }
    throw new Error('local_pool has not started');
  };
  return { child, address: announced() };
}

/** Starts a pool and returns its address, the names for `start`, and how to stop it. */
export async function startPool(...flags) {
  const pool = { poolId: 'us-east-1_JavaScript', clientId: 'javascriptclient' };
  const users = Object.values(USERS).flatMap(({ username, password }) => ['--user', `${username}:${password}`]);
  const { child, address } = spawnPool(['--pool-id', pool.poolId, '--client-id', pool.clientId, ...users,
    '--alias', `${ALIAS}=${USERS.alice.username}`, '--force-new-password', USERS.frank.username, ...flags]);
  return { endpoint: await address, pool, stop: () => child.kill() };
}
