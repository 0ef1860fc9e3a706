/** The NATS server of a lab: on a host of its own on the internet, where everybody reaches it. */
import { ensureProgram } from '../../../infra/setup/program.ts';
import type { Host } from '../parts/host.ts';
import { untilReady } from './ready.ts';

const PORT = 4222;

export interface LabNats {
  /** For who has IPv4. */
  readonly url: string;
  /** For who has IPv6 alone. */
  readonly ipv6Url: string;
}

/** @param host with both families */
export async function startNats(host: Host): Promise<LabNats> {
  const program = await ensureProgram('nats-server');
  await untilReady(host.run([program, '-a', '::', '-p', String(PORT)], { output: 'pipe' }), program, 'Server is ready');
  return { url: `nats://${host.ipv4}:${PORT}`, ipv6Url: `nats://[${host.ipv6}]:${PORT}` };
}
