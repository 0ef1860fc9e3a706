/** What `crowd-room.ts` measures, in words. */
import type { Crowd, PeerCost } from './crowd-room.ts';

export function crowdText({ delivered, duplicates, pairs, relayedPairs, sourceBps, ...cost }: Crowd): string {
  return [
    `${cost.peers} peers, every source ${sourceBps / 1000} kbit/s: ${(100 * delivered).toFixed(3)} % delivered,`,
    `${duplicates} duplicates, ${relayedPairs} of ${pairs} pairs by relays; a peer takes ${costText(cost)}`,
  ].join(' ');
}

export function idleText(cost: PeerCost): string {
  return `${cost.peers} idle peers: each takes ${costText(cost)}`;
}

function costText({ cpuShare, mostCpuShare, memoryMb, mostMemoryMb }: PeerCost): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `${percent(cpuShare)} of a core (most ${percent(mostCpuShare)}) and ${memoryMb.toFixed(0)} MB (most ${mostMemoryMb.toFixed(0)})`;
}
