/** The command `rpr` as users get it: from a package, in a folder without a checkout, its packet thread included. */
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { z } from 'zod';
import { startNatsServer } from '../../infra/nats/server.ts';
import { isFresh } from '../../infra/setup/bundle.mjs';
import { PeerProcess } from './peer-process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE_MODULES = fileURLToPath(new URL('../../node_modules', import.meta.url));

function run(command: string, args: readonly string[], cwd: string): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}` };
}

/** Packs the project, and lays the package out as `npm install` does; koffi and its machine code come from the checkout. */
async function installPackage(): Promise<{ folder: string; command: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-installed-'));
  const packed = run('npm', ['pack', '--silent', '--pack-destination', folder], ROOT);
  const [tarball = packed.output] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'));
  const home = join(folder, 'node_modules', 'rpr');
  await mkdir(home, { recursive: true });
  const unpacked = run('tar', ['-xzf', join(folder, tarball), '--strip-components=1', '-C', home], folder);
  if (unpacked.status !== 0) throw new Error(unpacked.output);
  for (const name of ['koffi', '@koromix']) await symlink(join(NODE_MODULES, name), join(folder, 'node_modules', name));
  return { folder, command: join(home, 'infra/setup/rpr.mjs') };
}

test.serial('a package has all that a call takes: joined from any folder, packets moved by the thread', async (t) => {
  const { folder, command } = await installPackage();
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const rpr = (...args: readonly string[]) => run(process.execPath, [command, ...args], tmpdir());
  t.regex(rpr('--version').output, /^\d+\.\d+\.\d+\n$/);
  t.regex(rpr('peer', '--help').output, /^Usage: rpr --id ID/);
  t.deepEqual(rpr('dance'), {
    status: 2,
    output:
      'usage.invalid: There is no command "dance". Commands are peer, plan, inspect, replay, reach, uplink, call, link, join, trust, verify; see rpr --help.\n',
  });
  t.regex(rpr('call', '--invite', '--room', 'tea').output, /--room tea/);
  const page = join(folder, 'node_modules', 'rpr', 'dist', 'page');
  const pages = await readdir(page);
  for (const file of ['page.js', 'room.js', 'room.css', 'icon.svg']) t.true(pages.includes(file), file);
  t.true((await readFile(join(page, 'page.js'), 'utf8')).includes('RTCPeerConnection'));
  await writeFile(join(folder, 'room.json'), JSON.stringify({ headroom: 0.95, peers: [{ id: 'A', uploadBps: 1e6 }] }));
  t.regex(rpr('plan', join(folder, 'room.json')).output, /Everybody is served/);

  await using server = await startNatsServer();
  const args = ['--nats', server.url, '--packet-path', 'batched'];
  await using a = PeerProcess.startBundled(command, '--id', 'A', ...args);
  await using b = PeerProcess.startBundled(command, 'peer', '--id', 'B', ...args);
  await Promise.all([
    a.event(({ event, other }) => event === 'member.joined' && other === 'B'),
    b.event(({ event, other }) => event === 'member.joined' && other === 'A'),
  ]);
  a.signal('SIGINT');
  b.signal('SIGINT');
  for (const { code, stderr } of await Promise.all([a.ended, b.ended])) t.is(code, 0, stderr);
});

test.serial('a checkout makes the bundle anew where a source is not what it was made from', async (t) => {
  const command = join(ROOT, 'infra/setup/rpr.mjs');
  t.is(run(process.execPath, [command, '--version'], tmpdir()).status, 0);
  t.true(isFresh());
  const inputs = join(ROOT, 'dist/inputs.json');
  const stamps = z.record(z.string(), z.string()).parse(JSON.parse(await readFile(inputs, 'utf8')));
  t.true('actors/peer.ts' in stamps && 'infra/path/batched/thread.ts' in stamps && 'package-lock.json' in stamps);
  await writeFile(inputs, JSON.stringify({ ...stamps, 'actors/peer.ts': 'another' }));
  t.false(isFresh());
  t.is(run(process.execPath, [command, '--version'], tmpdir()).status, 0);
  t.true(isFresh());
});
