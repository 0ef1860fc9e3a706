/** A packet path of ours on loopback that only forwards: nobody listens here. */

import type { PacketPath } from '../../../../infra/path/contract.ts';
import { openPath } from '../../../../infra/path/open.ts';
import { LOOPBACK_HOST } from '../../../../infra/path/table/addresses.ts';

export function openForwarder(kind: PacketPath['kind']): Promise<PacketPath> {
  return openPath({
    kind,
    listen: { host: LOOPBACK_HOST, port: 0 },
    deliver: () => undefined,
    onRtcp: () => undefined,
    now: () => performance.now(),
  });
}
