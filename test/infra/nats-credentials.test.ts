/** Who we are to a NATS server, and whom we trust to be it: every way to say so, and what is said where it fails. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { nkeys } from 'nats';
import { parseNatsAddresses } from '../../infra/nats/address.ts';
import { connectNats, type NatsBus, type NatsConnectOptions } from '../../infra/nats/connection.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { followStatus } from '../../infra/nats/status.ts';
import { type NatsAccount, natsAccount } from './nats-account.ts';

const certificate = (name: string) => fileURLToPath(new URL(`./certificates/${name}.pem`, import.meta.url));
const connected = async (options: Omit<NatsConnectOptions, 'id'>): Promise<boolean> => {
  await using bus = await connectNats({ ...options, id: 'A' });
  return bus.connected;
};

/** A file with that text, gone after the test. */
async function fileOf(t: ExecutionContext, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-creds-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'file');
  await writeFile(path, text);
  return path;
}

test('a percent sign in a password is one', (t) => {
  const password = (text: string) => parseNatsAddresses(`nats://anna:${text}@h`)[0].password;
  t.is(password('100%'), '100%');
  t.is(password('%25%'), '%%');
  t.is(password('%zz%41'), '%zzA');
  t.is(password('a%2Fb'), 'a/b');
  t.is(password('%ff%41'), '%ffA');
});

test('a password of 100% reaches a server that wants it', async (t) => {
  await using server = await startNatsServer({ config: 'authorization { user: anna, password: "100%" }' });
  t.true(await connected({ url: server.url.replace('//', '//anna:100%@') }));
  const error = await t.throwsAsync(connected({ url: server.url.replace('//', '//anna:99%@') }), {
    code: 'nats.authorization',
  });
  t.notRegex(error?.message ?? '', /99%/);
});

test('a token is taken from the address', async (t) => {
  await using server = await startNatsServer({ config: 'authorization { token: "s3cret" }' });
  t.true(await connected({ url: server.url.replace('//', '//s3cret@') }));
  await t.throwsAsync(connected({ url: server.url.replace('//', '//other@') }), { code: 'nats.authorization' });
});

test('an nkey is taken from its file, and a file with none is told', async (t) => {
  const pair = nkeys.createUser();
  const config = `authorization { users: [ { nkey: ${pair.getPublicKey()} } ] }`;
  await using server = await startNatsServer({ config });
  const seed = new TextDecoder().decode(pair.getSeed());
  const { url } = server;
  t.true(await connected({ url, files: { nkey: await fileOf(t, `${seed}\n`) } }));
  const other = new TextDecoder().decode(nkeys.createUser().getSeed());
  await t.throwsAsync(connected({ url, files: { nkey: await fileOf(t, other) } }), { code: 'nats.authorization' });
  const mistyped = seed.slice(0, 30) + (seed[30] === 'A' ? 'B' : 'A') + seed.slice(31);
  for (const text of ['', 'hello', mistyped]) {
    await t.throwsAsync(connected({ url, files: { nkey: await fileOf(t, text) } }), { code: 'nats.badFile' }, text);
  }
  await t.throwsAsync(connected({ url, files: { nkey: '/nowhere/key' } }), {
    code: 'nats.badFile',
    message: /ENOENT.*\/nowhere\/key/,
  });
});

test('a creds file is taken; one that is none, and credentials told twice, are errors', async (t) => {
  const account: NatsAccount = natsAccount();
  await using server = await startNatsServer({ config: account.config });
  const { url } = server;
  const creds = await fileOf(t, account.creds());
  t.true(await connected({ url, files: { creds } }));
  await t.throwsAsync(connected({ url, files: { creds: await fileOf(t, natsAccount().creds()) } }), {
    code: 'nats.authorization',
  });
  await t.throwsAsync(connected({ url, files: { creds: await fileOf(t, 'not a creds file') } }), {
    code: 'nats.badFile',
  });
  await t.throwsAsync(connected({ url: url.replace('//', '//u:p@'), files: { creds } }), { code: 'nats.badUrl' });
});

test('a certificate is trusted by the CA that is given, and TLS is not done without', async (t) => {
  const config = `tls { cert_file: "${certificate('server')}", key_file: "${certificate('server-key')}" }`;
  await using server = await startNatsServer({ config });
  await using plain = await startNatsServer();
  const files = { ca: certificate('ca') };
  t.true(await connected({ url: server.url, files }));
  t.true(await connected({ url: server.url.replace('nats:', 'tls:'), files }));
  await t.throwsAsync(connected({ url: server.url }), { code: 'nats.certificate', message: /--nats-ca/ });
  await t.throwsAsync(connected({ url: plain.url, files }), { code: 'nats.certificate' });
  await t.throwsAsync(connected({ url: server.url, files: { ca: certificate('server-key') } }), {
    code: 'nats.badFile',
  });
});

test('of several servers one that is there is used, and the next when that one dies', async (t) => {
  await using first = await startNatsServer();
  await using second = await startNatsServer();
  const listener = createServer();
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const address = listener.address();
  const free = address !== null && typeof address === 'object' ? address.port : 0;
  await new Promise((resolve) => listener.close(resolve));
  const dead = `127.0.0.1:${free}`;
  await using bus = await connectNats({ url: `${dead}, ${first.url},${second.url}`, id: 'A' });
  t.is(bus.url, first.url);
  const back = changeTo(bus, 'connected');
  await first.stop();
  await back;
  t.is(bus.url, second.url);
  await t.throwsAsync(connectNats({ url: `${dead},localhost:${free}`, id: 'B' }), {
    code: 'nats.unreachable',
    message: new RegExp(`No NATS server at nats://${dead}: .*No NATS server at nats://localhost:${free}: `),
  });
});

test('servers of one address list share their credentials, and all or none have TLS', async (t) => {
  const [first, second] = parseNatsAddresses('nats://u:p@a,nats://b:5');
  t.like(second, { user: 'u', password: 'p', host: 'b', port: 5 });
  t.is(first.host, 'a');
  t.like(parseNatsAddresses('a,nats://t@b')[0], { token: 't' });
  for (const url of ['nats://u:p@a,nats://u:q@b', 'tls://a,nats://b', 'a,', ',a', 'a,http://b']) {
    t.throws(() => parseNatsAddresses(url), { code: 'nats.badUrl' }, url);
  }
  await using server = await startNatsServer({ config: 'authorization { user: "me", password: "x" }' });
  await t.throwsAsync(connected({ url: `${server.url},${server.url}` }), { code: 'nats.authorization' });
});

test('credentials revoked while we are connected are told of once; ones refused for a moment are not', async (t) => {
  const withPassword = (password: string) => `authorization { user: "me", password: "${password}" }`;
  await using server = await startNatsServer({ config: withPassword('x') });
  await using bus = await connectNats({ url: server.url.replace('//', '//me:x@'), id: 'A' });
  let refusals = 0;
  bus.onStatus(({ state }) => {
    if (state === 'refused') refusals++;
  });
  const refused = changeTo(bus, 'refused');
  await server.stop();
  const changed = await startNatsServer({ config: withPassword('y'), port: server.port });
  await refused;
  t.false(bus.connected);
  const back = changeTo(bus, 'connected');
  await changed.stop();
  await server.start();
  await back;
  t.is(refusals, 1);
});

test('a refusal that is over soon is none', async (t) => {
  const refusal = { type: 'error' as const, error: new Error('User Authentication Revoked') };
  const again = { type: 'reconnect' as const, server: 's' };
  const told: string[] = [];
  let nowMs = 0;
  async function* happens() {
    for (const [atMs, status] of [
      [0, refusal],
      [1900, refusal],
      [1950, again],
      [2500, refusal],
      [4400, refusal],
      [4600, refusal],
      [4900, refusal],
    ] as const) {
      nowMs = atMs;
      yield status;
    }
  }
  await followStatus(
    { status: happens },
    ({ state }) => told.push(`${nowMs} ${state}`),
    () => nowMs,
  );
  t.deepEqual(told, ['1950 connected', '4600 refused']);
});

function changeTo(bus: NatsBus, state: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = bus.onStatus((now) => {
      if (now.state !== state) return;
      stop();
      resolve();
    });
  });
}
