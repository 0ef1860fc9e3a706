/** Which packets go where: the arrows of a picture, read off what members say of how their streams run. Pure. */
import type { PeerId, RouteInfo, StreamInfo } from '../../machines/messages.ts';
import { sliceBps } from '../../machines/slices.ts';
import { type Member, streamOf } from '../../machines/view.ts';
import type { Arrow, ArrowKind } from './contract.ts';

/** More can't be told from each other. Each source has its share of them, so that none can hide another's. */
const MAX_ARROWS = 5000;

export interface Arrows {
  readonly arrows: readonly Arrow[];
  readonly omitted: number;
}

/** The arrows of all members' streams. Whoever is named and is no member is left out. */
export function arrowsOf(members: ReadonlyMap<PeerId, Member>): Arrows {
  const most = Math.floor(MAX_ARROWS / Math.max(1, members.size));
  const all = [...members.values()].map((member) => arrowsOfSource(member, members));
  return {
    arrows: all.flatMap((arrows) => arrows.slice(0, most)),
    omitted: all.reduce((sum, { length }) => sum + Math.max(0, length - most), 0),
  };
}

function arrowsOfSource(member: Member, members: ReadonlyMap<PeerId, Member>): Arrow[] {
  const names = new Set(member.routes.map(({ stream }) => stream));
  return [...names].flatMap((name) => {
    const stream = streamOf(member, name);
    const routes = member.routes.filter(
      (route) => route.stream === name && (route.relay === null || members.has(route.relay)),
    );
    return stream === undefined ? [] : arrowsOfStream(member.id, stream, routes, members);
  });
}

/** Slices by who gets them. */
type Slices = Map<PeerId, number>;

function arrowsOfStream(
  source: PeerId,
  stream: StreamInfo,
  routes: readonly RouteInfo[],
  members: ReadonlyMap<PeerId, Member>,
): Arrow[] {
  /** A relay gets one copy of what it sends on, and of what it plays itself. */
  const first: Slices = new Map();
  const second = new Map<PeerId, Slices>();
  for (const { relay, slices, receivers } of routes) {
    const present = receivers.filter((receiver) => receiver !== source && members.has(receiver));
    if (present.length === 0) continue;
    if (relay === null) for (const receiver of present) add(first, receiver, slices);
    else {
      add(first, relay, slices);
      const onward = present.filter((receiver) => receiver !== relay);
      if (onward.length === 0) continue;
      const legs = second.get(relay) ?? new Map();
      for (const receiver of onward) add(legs, receiver, slices);
      second.set(relay, legs);
    }
  }
  const { name, media, rateBps } = stream;
  const arrow = (from: PeerId, to: PeerId, slices: number, kind: ArrowKind): Arrow => ({
    ...{ from, to, source, stream: name, media, kind },
    bps: Math.round(sliceBps(slices, rateBps)),
  });
  return [
    ...[...first].map(([to, slices]) => arrow(source, to, slices, second.has(to) ? 'to-relay' : 'direct')),
    ...[...second].flatMap(([relay, legs]) => [...legs].map(([to, slices]) => arrow(relay, to, slices, 'relayed'))),
  ];
}

function add(slices: Slices, to: PeerId, mask: number): void {
  slices.set(to, (slices.get(to) ?? 0) | mask);
}
