/** A router's server of port mappings: NAT-PMP (RFC 6886), PCP (RFC 6887) and UPnP, by miniupnpd (miniupnpd(8)). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LAN_DEVICE } from '../parts/lan.ts';
import { WAN_DEVICE } from '../parts/nat-rules.ts';
import { type Space, SYSTEM } from '../parts/space.ts';
import { untilReady } from './ready.ts';

/** Its rules go where the router's own jump to. */
const CONFIGURATION = `
ext_ifname=${WAN_DEVICE}
listening_ip=${LAN_DEVICE}
enable_natpmp=yes
enable_upnp=yes
secure_mode=yes
upnp_table_name=gateway
upnp_nat_table_name=gateway
upnp_forward_chain=miniupnpd
upnp_nat_chain=prerouting_miniupnpd
upnp_nat_postrouting_chain=postrouting_miniupnpd
uuid=00000000-0000-0000-0000-000000000001
allow 1024-65535 192.168.1.0/24 1024-65535
deny 0-65535 0.0.0.0/0 0-65535
`;

/** Starts it in a router. @throws {Error} if it does not start */
export async function startPortMapping(space: Space): Promise<AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-lab-'));
  try {
    const file = join(folder, 'miniupnpd.conf');
    await writeFile(file, CONFIGURATION);
    const command = ['miniupnpd', '-d', '-f', file, '-P', join(folder, 'pid')];
    const server = space.spawn(command, { output: 'pipe', env: SYSTEM });
    await untilReady(server, 'miniupnpd', 'Listening for NAT-PMP/PCP');
    return server;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
