/** What `rpr reach` says behind each kind of router is what the router does. */
import { fileURLToPath } from 'node:url';
import { Lab, type SiteKind } from '../lab.ts';
import type { Host } from '../parts/host.ts';
import { netTest, netTestWith } from './net-test.ts';

const COMMAND = fileURLToPath(new URL('../../../actors/reach.ts', import.meta.url));
const NATS: Readonly<Partial<Record<SiteKind, string>>> = {
  public: 'none',
  'full-cone': 'cone',
  'address-restricted': 'cone',
  'port-restricted': 'cone',
  symmetric: 'symmetric',
  'carrier-grade': 'cone',
  'udp-blocked': 'blocked',
};

interface Ran {
  readonly exitCode: number | null;
  readonly report: Record<string, unknown>;
}

async function reach(host: Host, ...args: readonly string[]): Promise<Ran> {
  const { child } = host.spawn([process.execPath, '--import=tsx', COMMAND, '--json', ...args], { output: 'pipe' });
  const { stdout } = child;
  if (stdout === null) throw new Error('the command has no output');
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let text = '';
  for await (const part of stdout) text += String(part);
  return { exitCode: await exited, report: JSON.parse(text) };
}

netTestWith('turnserver')('each kind of NAT is told, and where UDP is blocked the exit code says so', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const [one, other] = [await lab.turn(), await lab.turn()];
  const servers = [one, other].flatMap(({ ipv4 }) => ['--stun', `${ipv4.host}:${ipv4.port}`]);
  for (const [kind, nat] of Object.entries(NATS)) {
    const host = await (await lab.site(kind as SiteKind)).host();
    const { exitCode, report } = await reach(host, ...servers);
    t.is(report.nat, nat, kind);
    t.is(exitCode, nat === 'blocked' ? 1 : 0, kind);
    t.true(Number(report.tookMs) < 3500, kind);
  }
});

netTestWith('turnserver')('behind a symmetric NAT a TURN server reaches who else needs an open member', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const turn = await lab.turn();
  const host = await (await lab.nat('symmetric')).host();
  const account = `turn:${turn.ipv4.host}:${turn.ipv4.port}?${turn.user}&${turn.password}`;
  const { report } = await reach(host, '--no-port-mapping', '--turn', account);
  t.like(report, { turn: { kind: 'allocated' }, mapping: { kind: 'not-asked' } });
  t.like(report.reaches, { open: 'direct', symmetric: 'turn' });
});

netTestWith('miniupnpd')('a router that maps the port opens its NAT to all', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const nat = await lab.nat('port-restricted', { portMapping: true });
  const { report } = await reach(await nat.host());
  t.like(report, { mapping: { kind: 'mapped', mapped: { host: nat.ipv4 } }, outside: nat.ipv4 });
  t.like(report.reaches, { open: 'direct', cone: 'direct', symmetric: 'direct' });
});

netTest('without servers a home tells that its kind is not known', async (t) => {
  await using lab = await Lab.start({ delayMs: 4 });
  const { exitCode, report } = await reach(await (await lab.nat('symmetric')).host());
  t.like(report, { nat: 'unknown', stun: [], turn: null });
  t.is(exitCode, 0);
});
