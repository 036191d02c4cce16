// cognito-local on a pool of its own folder, which is gone when it ends. Its own pools have ids such as local_1a2b, which are no ids of
// the service; a pool in a file has any.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const POOL = 'us-east-1_Conformance';
const CLIENT = 'conformanceclient';
const PROGRAM = require.resolve('cognito-local/lib/bin/start.js');

const now = new Date().toISOString();

const user = (Username, Password) => ({
  Username,
  Password,
  Attributes: [{ Name: 'sub', Value: Username }, { Name: 'email', Value: `${Username}@example.com` }],
  Enabled: true,
  UserStatus: 'CONFIRMED',
  RefreshTokens: [],
  UserCreateDate: now,
  UserLastModifiedDate: now,
});

function write(folder) {
  const database = path.join(folder, '.cognito/db');
  fs.mkdirSync(database, { recursive: true });
  const users = { alice: user('alice', 'Passw0rd!'), bob: user('bob', 'An0ther!password') };
  const client = {
    ClientId: CLIENT,
    ClientName: CLIENT,
    UserPoolId: POOL,
    ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    CreationDate: now,
    LastModifiedDate: now,
  };
  fs.writeFileSync(path.join(database, `${POOL}.json`), JSON.stringify({ Users: users, Options: { Id: POOL } }));
  fs.writeFileSync(path.join(database, 'clients.json'), JSON.stringify({ Clients: { [CLIENT]: client } }));
}

function freePort(then) {
  const probe = net.createServer().listen(0, '127.0.0.1', () => {
    const { port } = probe.address();
    probe.close(() => then(port));
  });
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'cognito-local-'));
write(folder);
freePort((port) => {
  const environment = { ...process.env, HOST: '127.0.0.1', PORT: String(port) };
  const server = spawn(process.execPath, [PROGRAM], { cwd: folder, env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  server.stdout.on('data', (text) => {
    if (String(text).includes('running on')) console.log(`listening on http://127.0.0.1:${port}`);
  });
  const end = () => {
    server.kill();
    fs.rmSync(folder, { recursive: true, force: true });
    process.exit();
  };
  server.on('exit', end);
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
});
