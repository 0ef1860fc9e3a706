/** A packet path of ours on loopback that only forwards: nobody listens here. */
import { LOOPBACK_HOST } from '../../../../infra/path/addresses.ts';
import type { PacketPath } from '../../../../infra/path/contract.ts';
import { openPath } from '../../../../infra/path/open.ts';

export function openForwarder(kind: PacketPath['kind']): Promise<PacketPath> {
  return openPath({
    kind,
    listen: { host: LOOPBACK_HOST, port: 0 },
    deliver: () => undefined,
    onRtcp: () => undefined,
    now: () => performance.now(),
  });
}
