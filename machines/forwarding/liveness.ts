/**
 * Who is alive on the media path. The transport feeds it arrivals and the time; it answers with edges only: a relay
 * confirmed or silent, a member's media alive or silent. No clock of its own, no I/O.
 */
import type { PeerId } from '../messages.ts';
import type { ExpectedRelay, TransportEvent } from '../ports.ts';
import { DELAYS } from '../timers.ts';

interface WatchedRelay {
  /** When its last report came, or when watching began. */
  lastMs: number;
  silent: boolean;
  /** By SSRC of the own streams that it should forward. */
  readonly streams: Map<number, WatchedStream>;
}

interface WatchedStream {
  confirmed: boolean;
  /** The extended sequence number up to which the relay has what it should forward. */
  acknowledged: number;
}

interface WatchedMember {
  lastMs: number;
  alive: boolean;
  /** It is a relay that fell silent: the next that comes from it tells of its return. */
  isAwaited: boolean;
}

/**
 * A relay's first report may have to wait for the first packet and for its own timer: until then silence means less than
 * after it has once reported.
 */
const FIRST_REPORT_MS = 3 * DELAYS.relaySilence;

export class Liveness {
  readonly #relays = new Map<PeerId, WatchedRelay>();
  readonly #members = new Map<PeerId, WatchedMember>();
  #relaysCheckedMs = 0;
  #membersCheckedMs = 0;

  /**
   * The relays, with the own streams that each forwards, and members to watch from now on; those watched already keep what is
   * known of them.
   *
   * @param sentSequence of an own stream, its newest packet: a relay watched from now on is not answerable for what was before
   */
  watch(
    relays: readonly ExpectedRelay[],
    members: readonly PeerId[],
    sentSequence: (ssrc: number) => number | undefined,
    nowMs: number,
  ): void {
    keepOnly(
      this.#relays,
      relays.map(({ relay }) => relay),
      () => ({ lastMs: nowMs, silent: false, streams: new Map() }),
    );
    for (const { relay, ssrcs } of relays) {
      const streams = this.#relays.get(relay)?.streams;
      if (streams === undefined) continue;
      keepOnly(streams, ssrcs, (ssrc) => ({ confirmed: false, acknowledged: sentSequence(ssrc) ?? 0 }));
    }
    keepOnly(this.#members, members, () => ({ lastMs: nowMs, alive: false, isAwaited: false }));
  }

  /** A relay reports on one of our streams. `acknowledged` is undefined before it got a packet. */
  reported(relay: PeerId, ssrc: number, acknowledged: number | undefined, nowMs: number): TransportEvent[] {
    const watched = this.#relays.get(relay);
    const stream = watched?.streams.get(ssrc);
    if (watched === undefined || stream === undefined || watched.silent) return [];
    watched.lastMs = nowMs;
    if (acknowledged !== undefined) stream.acknowledged = Math.max(stream.acknowledged, acknowledged);
    if (stream.confirmed) return [];
    stream.confirmed = true;
    return [{ type: 'relay.confirmed', relay, ssrc }];
  }

  /** RTP or RTCP came from this member. */
  heard(peer: PeerId, nowMs: number): TransportEvent[] {
    const watched = this.#members.get(peer);
    if (watched === undefined) return [];
    watched.lastMs = nowMs;
    if (watched.alive && !watched.isAwaited) return [];
    watched.alive = true;
    watched.isAwaited = false;
    return [{ type: 'media.alive', peer }];
  }

  /** Which relays have been silent for too long. To be called every `reportInterval` / 2 or so while there are any. */
  checkRelays(nowMs: number): TransportEvent[] {
    // Where this process itself stood still, everybody seems silent: what has arrived meanwhile is read first.
    const stalled = nowMs - this.#relaysCheckedMs > DELAYS.relaySilence / 2;
    this.#relaysCheckedMs = nowMs;
    const events: TransportEvent[] = [];
    for (const [relay, watched] of this.#relays) {
      if (stalled) watched.lastMs = Math.max(watched.lastMs, nowMs - DELAYS.relaySilence / 2);
      const confirmed = [...watched.streams.values()].some((stream) => stream.confirmed);
      const limit = confirmed ? DELAYS.relaySilence : FIRST_REPORT_MS;
      if (stalled || watched.silent || nowMs - watched.lastMs <= limit) continue;
      watched.silent = true;
      const member = this.#members.get(relay);
      if (member !== undefined) member.isAwaited = true;
      const acknowledged = [...watched.streams].map(([ssrc, { acknowledged }]) => ({ ssrc, sequence: acknowledged }));
      events.push({ type: 'relay.silent', relay, acknowledged });
    }
    return events;
  }

  /** Which members' media has stopped. To be called several times in `mediaSilence` while there are any. */
  checkMembers(nowMs: number): TransportEvent[] {
    const stalled = nowMs - this.#membersCheckedMs > DELAYS.mediaSilence / 2;
    this.#membersCheckedMs = nowMs;
    if (stalled) return [];
    const events: TransportEvent[] = [];
    for (const [peer, watched] of this.#members) {
      if (!watched.alive || nowMs - watched.lastMs <= DELAYS.mediaSilence) continue;
      watched.alive = false;
      events.push({ type: 'media.silent', peer });
    }
    return events;
  }
}

function keepOnly<K, V>(map: Map<K, V>, keys: readonly K[], fresh: (key: K) => V): void {
  const wanted = new Set(keys);
  for (const key of map.keys()) if (!wanted.has(key)) map.delete(key);
  for (const key of wanted) if (!map.has(key)) map.set(key, fresh(key));
}
