/** Which streams go another way than before: what a member says of its routes, against what it said last. Pure. */
import type { PeerId, RouteInfo, StreamName } from '../../machines/messages.ts';
import type { RoomEvent, Way } from './contract.ts';

/** When a relay goes, each stream that it carried goes another way; a profile that tells of more than these is not honest. */
const MOST_AT_ONCE = 32;

/** A switch for each stream and for each pair of ways; receivers that move alike stand together. */
export function switchesOf(
  source: PeerId,
  before: readonly RouteInfo[],
  after: readonly RouteInfo[],
  atMs: number,
): RoomEvent[] {
  if (before === after) return [];
  const waysBefore = waysOf(before);
  const moved = new Map<string, { stream: StreamName; before: Way; after: Way; receivers: PeerId[] }>();
  for (const [key, { stream, receiver, way }] of waysOf(after)) {
    const last = waysBefore.get(key)?.way;
    if (last === undefined || textOf(last) === textOf(way)) continue;
    const kind = `${stream} ${textOf(last)} ${textOf(way)}`;
    const group = moved.get(kind) ?? { stream, before: last, after: way, receivers: [] };
    group.receivers.push(receiver);
    moved.set(kind, group);
  }
  return [...moved.values()].slice(0, MOST_AT_ONCE).map((group) => ({ what: 'switched', atMs, source, ...group }));
}

interface Received {
  readonly stream: StreamName;
  readonly receiver: PeerId;
  readonly way: (PeerId | null)[];
}

function waysOf(routes: readonly RouteInfo[]): Map<string, Received> {
  const ways = new Map<string, Received>();
  for (const { stream, relay, receivers } of routes) {
    for (const receiver of receivers) {
      const key = `${stream} ${receiver}`;
      const received = ways.get(key) ?? { stream, receiver, way: [] };
      if (!received.way.includes(relay)) received.way.push(relay);
      ways.set(key, received);
    }
  }
  for (const { way } of ways.values()) way.sort(byName);
  return ways;
}

/** Directly first. */
function byName(a: PeerId | null, b: PeerId | null): number {
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

const textOf = (way: Way) => way.map((relay) => relay ?? '').join('+');
