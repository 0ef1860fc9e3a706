/** What `room.ts` measures, in words. */
import type { PeerCost } from './processes.ts';
import type { Crowd } from './room.ts';
import type { Startup } from './startup.ts';

/** So many pairs that missed something are named. */
const NAMED_PAIRS = 5;

export function crowdText({
  delivered,
  duplicates,
  pairs,
  relayedPairs,
  sourceBps,
  sourcePps,
  ...crowd
}: Crowd): string {
  const { lossy, settledAfterS } = crowd;
  const rest = settledAfterS === null ? 'never came to rest' : `came to rest after ${settledAfterS.toFixed(0)} s`;
  const missing = lossy.length === 0 ? '' : ` ${lossy.length} pairs missed packets: ${named(lossy)}.`;
  return [
    `${crowd.peers} peers in ${crowd.processes} processes, every source ${sourceBps / 1000} kbit/s`,
    `in ${sourcePps.toFixed(0)} packets a second: ${rest};`,
    `${(100 * delivered).toFixed(3)} % delivered, ${duplicates} duplicates, ${relayedPairs} of ${pairs} pairs by relays;`,
    `a peer takes ${costText(crowd)}.${missing}`,
  ].join(' ');
}

export function idleText(cost: PeerCost): string {
  return `${cost.peers} idle peers in ${cost.processes} processes: each takes ${costText(cost)}.`;
}

export function startupText(medians: Startup): string {
  const each = Object.entries(medians).map(([choice, ms]) => `${ms.toFixed(0)} ms (${choice})`);
  return `From its start until it could join, a peer takes, by packet path: ${each.join(', ')}.`;
}

function named(lossy: readonly string[]): string {
  return lossy.slice(0, NAMED_PAIRS).join(', ') + (lossy.length > NAMED_PAIRS ? ', …' : '');
}

function costText({ cpuShare, mostCpuShare, memoryMb, mostMemoryMb }: PeerCost): string {
  const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
  return `${percent(cpuShare)} of a core (most ${percent(mostCpuShare)}) and ${memoryMb.toFixed(0)} MB (most ${mostMemoryMb.toFixed(0)})`;
}
