/** Whether a lab can be had on this machine. */
import { existsSync } from 'node:fs';
import { findExecutable } from '../../infra/setup/executable.ts';
import { removeLeftovers, Spaces, SYSTEM } from './parts/space.ts';
import { closeDescriptor, openTun } from './parts/system-calls.ts';

/** Programs that every lab runs, and the Debian packages that they come in. */
const PROGRAMS = { ip: 'iproute2', sysctl: 'procps', nft: 'nftables', conntrack: 'conntrack', chrt: 'util-linux' };
const TUN = '/dev/net/tun';

/** Why there is no lab here, in one line with what would help; undefined where there is. */
export const whyNoLab: string | undefined = await findOut();

async function isInstalled(program: string): Promise<boolean> {
  return (await findExecutable(program, SYSTEM)) !== undefined;
}

/** Programs that only some tests need, and the Debian packages that they come in. */
const SERVERS = { miniupnpd: 'miniupnpd-nftables', turnserver: 'coturn' };
export type LabServer = keyof typeof SERVERS;

/** Why a server can't be had in a lab here, in one line; nothing of one that can. */
export const whyNoServer: ReadonlyMap<LabServer, string> = new Map(await missingServers());

async function missingServers(): Promise<[LabServer, string][]> {
  const missing: [LabServer, string][] = [];
  for (const [server, packageName] of Object.entries(SERVERS) as [LabServer, string][]) {
    const reason = whyNoLab ?? `no ${server} in the network lab: on Debian it is in ${packageName}`;
    if (whyNoLab !== undefined || !(await isInstalled(server))) missing.push([server, reason]);
  }
  return missing;
}

async function findOut(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'no network lab here: it needs Linux';
  if (process.geteuid?.() !== 0) return 'no network lab here: it makes network namespaces, run it as root';
  for (const [program, packageName] of Object.entries(PROGRAMS)) {
    if (!(await isInstalled(program))) return `no network lab here: it needs ${program}, on Debian in ${packageName}`;
  }
  if (!existsSync(TUN)) return `no network lab here: there is no ${TUN} (modprobe tun)`;
  return tryOut();
}

/** Root in a container may lack the rights. */
async function tryOut(): Promise<string | undefined> {
  try {
    await removeLeftovers();
    await using spaces = new Spaces();
    const space = await spaces.make('trial');
    await space.run('nft list ruleset', 'conntrack -L 2>/dev/null');
    closeDescriptor(space.inside(() => openTun('tun0')));
    return undefined;
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error)
      .trim()
      .split('\n')
      .slice(-1);
    return `no network lab here: network namespaces don't work (${reason})`;
  }
}
