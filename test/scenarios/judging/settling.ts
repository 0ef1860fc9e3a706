/** Whether a room has settled: everybody knows everybody, agreements run, and every pair is served. */
import type { PeerId } from '../../../machines/messages.ts';
import { isServed, type PairDelivery, type Snapshot } from './delivery.ts';

/** What keeps the room from being settled, in words; empty where nothing does. `deliveries` are those of the last moment. */
export function unsettled(snapshot: Snapshot, deliveries: readonly PairDelivery[]): string[] {
  const present = [...snapshot.keys()];
  return [
    ...present.flatMap((peer) => strangers(peer, snapshot, present)),
    ...[...snapshot].flatMap(([peer, { agreements }]) =>
      agreements
        .filter(({ state, client }) => state !== 'active' && client === peer)
        .map(({ relay }) => `${peer} waits for ${relay} to relay`),
    ),
    ...unserved(present, deliveries),
  ];
}

function strangers(peer: PeerId, snapshot: Snapshot, present: readonly PeerId[]): string[] {
  const known = new Set(snapshot.get(peer)?.members);
  const missing = present.filter((other) => other !== peer && !known.has(other));
  const gone = [...known].filter((other) => other !== peer && !present.includes(other));
  return [
    ...missing.map((other) => `${peer} does not know ${other}`),
    ...gone.map((other) => `${peer} has not noticed that ${other} is gone`),
  ];
}

function unserved(present: readonly PeerId[], deliveries: readonly PairDelivery[]): string[] {
  return present.flatMap((source) =>
    present
      .filter((receiver) => receiver !== source)
      .flatMap((receiver) => {
        const own = deliveries.filter((pair) => pair.source === source && pair.receiver === receiver);
        // What it does not want of one that sends to others is not among them.
        const isUnwanted = deliveries.some((pair) => pair.source === source);
        if (own.length === 0) return isUnwanted ? [] : [`${source} sends nothing`];
        return own.flatMap((pair) => unservedText(pair));
      }),
  );
}

function unservedText(pair: PairDelivery): string[] {
  const { source, stream, receiver, expected, received } = pair;
  if (expected === 0) return [`${source} sends nothing as ${stream}`];
  return isServed(pair) ? [] : [`${receiver} gets ${received} of ${expected} packets of ${source}/${stream}`];
}

/**
 * Two moments with the same text are the same to who watches: agreements and rates. The ways of packets say no more, and of
 * a stream in slices the few packets between two looks take only some.
 */
export function arrangement(snapshot: Snapshot): string {
  const peers = [...snapshot].map(([peer, { agreements, streams }]) => [
    peer,
    streams.map(({ stream, rateBps }) => [stream, rateBps].join()),
    agreements.map(({ id, stream, receivers, slices, state }) => [id, stream, receivers, slices, state].join()).sort(),
  ]);
  return JSON.stringify(peers.sort());
}

/** Who relays for a client now; the one who serves most receivers, where several do. */
export function relayOf(client: PeerId, snapshot: Snapshot): PeerId | undefined {
  const active = [...snapshot.values()]
    .flatMap(({ agreements }) => agreements)
    .filter((agreement) => agreement.client === client && agreement.state === 'active');
  return active.sort((a, b) => b.receivers.length - a.receivers.length || (a.relay < b.relay ? -1 : 1))[0]?.relay;
}
