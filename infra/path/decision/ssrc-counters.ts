/** What has been received of one SSRC, in the contract's form. */
import { ssrcKey } from '../../rtp/header.ts';
import type { SsrcCounters } from '../contract.ts';
import { endpointText } from '../table/addresses.ts';
import type { CompiledTable } from '../table/table.ts';

/** Undefined for an SSRC that the table does not name. */
export function readSsrcCounters({ addresses, streams }: CompiledTable, ssrc: number): SsrcCounters | undefined {
  const stream = streams.get(ssrcKey(ssrc));
  if (stream === undefined) return undefined;
  const { window, deliveredPackets, deliveredBytes, duplicatePackets } = stream.state;
  return {
    firstSequence: window.first,
    highestSequence: window.highest,
    deliveredPackets,
    deliveredBytes,
    duplicatePackets,
    byUpstream: new Map(
      stream.inbound.map(({ address, arrival: { packets, lastArrivalMs } }) => [
        endpointText(addresses.endpoint(address)),
        { packets, lastArrivalMs },
      ]),
    ),
  };
}
