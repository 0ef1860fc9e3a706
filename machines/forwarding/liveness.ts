/**
 * Who is alive on the media path. The transport feeds it arrivals and the time; it answers with edges only: a relay
 * confirmed or silent, a member's media alive or silent. No clock of its own, no I/O.
 */
import type { PeerId } from '../messages.ts';
import type { ExpectedRelay, TransportEvent } from '../ports.ts';
import { DELAYS } from '../timers.ts';
import { Pulse } from './pulse.ts';

interface WatchedRelay {
  /** When its last report came, or when watching began. */
  reportedMs: number;
  /** For how long no report has come, and nothing at all. */
  readonly unreported: InVain;
  readonly quiet: InVain;
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
  readonly pulse: Pulse;
  alive: boolean;
  /** It is a relay that fell silent: the next that comes from it tells of its return. */
  isAwaited: boolean;
}

/**
 * A relay's first report may have to wait for the first packet and for its own timer: until then silence means less than
 * after it has once reported.
 */
const FIRST_REPORT_MS = 3 * DELAYS.relaySilence;

/** What passes between two checks beyond this, this process stood still: it has not read what came meanwhile. In ms. */
const MOST_LISTENED_MS = DELAYS.reportInterval;

/** Whoever died with a relay was heard at the same time as it, not always before: beside one that is silent, this is enough. */
const QUIET_TOO_MS = DELAYS.relayQuiet / 2;

/** Two reports of a relay are never lost, nor late, but with what else comes of it: who is heard within this is there. In ms. */
const HEARD_MS = 2 * DELAYS.reportInterval;

const NOTHING: readonly TransportEvent[] = [];

export class Liveness {
  readonly #relays = new Map<PeerId, WatchedRelay>();
  readonly #members = new Map<PeerId, WatchedMember>();
  #relaysCheckedMs = 0;
  /** Until when this process stood still the last time. */
  #stoodStillMs = 0;
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
      () => ({
        ...{ reportedMs: nowMs, unreported: new InVain(), quiet: new InVain() },
        ...{ silent: false, streams: new Map() },
      }),
    );
    for (const { relay, ssrcs } of relays) {
      const streams = this.#relays.get(relay)?.streams;
      if (streams === undefined) continue;
      keepOnly(streams, ssrcs, (ssrc) => ({ confirmed: false, acknowledged: sentSequence(ssrc) ?? 0 }));
    }
    keepOnly(this.#members, members, () => ({
      ...{ lastMs: nowMs, alive: false, isAwaited: false },
      pulse: new Pulse(),
    }));
  }

  /** A relay reports on one of our streams. `acknowledged` is undefined before it got a packet. */
  reported(relay: PeerId, ssrc: number, acknowledged: number | undefined, nowMs: number): readonly TransportEvent[] {
    const watched = this.#relays.get(relay);
    const stream = watched?.streams.get(ssrc);
    if (watched === undefined || stream === undefined || watched.silent) return NOTHING;
    watched.reportedMs = nowMs;
    this.#members.get(relay)?.pulse.reported(nowMs);
    if (acknowledged !== undefined) stream.acknowledged = Math.max(stream.acknowledged, acknowledged);
    if (stream.confirmed) return NOTHING;
    stream.confirmed = true;
    return [{ type: 'relay.confirmed', relay, ssrc }];
  }

  /** RTP or RTCP came from this member. Cheap enough to be called for every packet. */
  heard(peer: PeerId, nowMs: number): readonly TransportEvent[] {
    const watched = this.#members.get(peer);
    if (watched === undefined) return NOTHING;
    watched.lastMs = nowMs;
    watched.pulse.heard(nowMs);
    if (watched.alive && !watched.isAwaited) return NOTHING;
    watched.alive = true;
    watched.isAwaited = false;
    return [{ type: 'media.alive', peer }];
  }

  /** Of these relays, those that have been heard just now: they are there, whatever does not come through them. */
  heardOf(relays: readonly PeerId[], nowMs: number): PeerId[] {
    return relays.filter((relay) => {
      const watched = this.#relays.get(relay);
      const lastMs = this.#members.get(relay)?.lastMs;
      return watched?.silent === false && lastMs !== undefined && nowMs - lastMs <= HEARD_MS;
    });
  }

  /**
   * Which relays have been silent for too long: none of their reports come, or nothing at all where much did. To be called every
   * `reportInterval` or more often while there are any.
   */
  checkRelays(nowMs: number): readonly TransportEvent[] {
    const sinceMs = this.#relaysCheckedMs;
    const listenedMs = Math.min(nowMs - sinceMs, MOST_LISTENED_MS);
    this.#relaysCheckedMs = nowMs;
    if (nowMs - sinceMs > listenedMs) this.#stoodStillMs = nowMs;
    const silent: PeerId[] = [];
    for (const [relay, watched] of this.#relays) {
      const pulse = this.#members.get(relay)?.pulse;
      const unreportedMs = watched.unreported.listened(watched.reportedMs, listenedMs, nowMs);
      const quietMs = watched.quiet.listened(pulse?.heardMs ?? 0, listenedMs, nowMs);
      if (watched.silent) continue;
      const confirmed = [...watched.streams.values()].some((stream) => stream.confirmed);
      const isUnreported = unreportedMs > (confirmed ? DELAYS.relaySilence : FIRST_REPORT_MS);
      if (isUnreported || (pulse !== undefined && quietMs > pulse.patienceMs(nowMs, DELAYS.relayQuiet)))
        silent.push(relay);
    }
    return silent.length === 0 ? NOTHING : this.#silence(silent, nowMs);
  }

  #silence(relays: readonly PeerId[], nowMs: number): TransportEvent[] {
    const quiet = [...this.#members].flatMap(([peer, { pulse }]) =>
      nowMs - Math.max(pulse.heardMs, this.#stoodStillMs) > pulse.patienceMs(nowMs, QUIET_TOO_MS) ? [peer] : [],
    );
    return relays.flatMap((relay): TransportEvent[] => {
      const watched = this.#relays.get(relay);
      if (watched === undefined) return [];
      watched.silent = true;
      const member = this.#members.get(relay);
      if (member !== undefined) member.isAwaited = true;
      const acknowledged = [...watched.streams].map(([ssrc, { acknowledged }]) => ({ ssrc, sequence: acknowledged }));
      return [{ type: 'relay.silent', relay, acknowledged, quiet: quiet.filter((peer) => peer !== relay) }];
    });
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

/** How long we have listened in vain since something came last. */
class InVain {
  #sinceMs = Number.NaN;
  #ms = 0;

  /** We have listened for so long again. Returns the sum since `sinceMs`, in ms. */
  listened(sinceMs: number, ms: number, nowMs: number): number {
    this.#ms = sinceMs === this.#sinceMs ? this.#ms + ms : Math.min(nowMs - sinceMs, ms);
    this.#sinceMs = sinceMs;
    return this.#ms;
  }
}

function keepOnly<K, V>(map: Map<K, V>, keys: readonly K[], fresh: (key: K) => V): void {
  const wanted = new Set(keys);
  for (const key of map.keys()) if (!wanted.has(key)) map.delete(key);
  for (const key of wanted) if (!map.has(key)) map.set(key, fresh(key));
}
