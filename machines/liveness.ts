/**
 * Who is alive on the media path. The transport feeds it arrivals and the time; it answers with edges only: a relay
 * confirmed or silent, a member's media alive or silent. No clock of its own, no I/O.
 */
import type { PeerId } from './messages.ts';
import type { TransportEvent } from './ports.ts';
import { DELAYS } from './timers.ts';

interface WatchedRelay {
  /** When its last report came, or when watching began. */
  lastMs: number;
  confirmed: boolean;
  silent: boolean;
  /** The extended sequence number up to which it has what it should forward. */
  acknowledged: number;
}

interface WatchedMember {
  lastMs: number;
  alive: boolean;
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
   * The relays and members to watch from now on; those watched already keep what is known of them.
   * `sentSequence`: the newest packet of the own source; a relay watched from now on is not answerable for what was before.
   */
  watch(relays: readonly PeerId[], members: readonly PeerId[], sentSequence: number, nowMs: number): void {
    keepOnly(this.#relays, relays, () => ({
      lastMs: nowMs,
      confirmed: false,
      silent: false,
      acknowledged: sentSequence,
    }));
    keepOnly(this.#members, members, () => ({ lastMs: nowMs, alive: false }));
  }

  /** A relay reports. `acknowledged` is undefined before it got a packet. */
  reported(relay: PeerId, acknowledged: number | undefined, nowMs: number): TransportEvent[] {
    const watched = this.#relays.get(relay);
    if (watched === undefined || watched.silent) return [];
    watched.lastMs = nowMs;
    if (acknowledged !== undefined) watched.acknowledged = Math.max(watched.acknowledged, acknowledged);
    if (watched.confirmed) return [];
    watched.confirmed = true;
    return [{ type: 'relay.confirmed', relay }];
  }

  /** RTP or RTCP came from this member. */
  heard(peer: PeerId, nowMs: number): TransportEvent[] {
    const watched = this.#members.get(peer);
    if (watched === undefined) return [];
    watched.lastMs = nowMs;
    if (watched.alive) return [];
    watched.alive = true;
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
      const limit = watched.confirmed ? DELAYS.relaySilence : FIRST_REPORT_MS;
      if (stalled || watched.silent || nowMs - watched.lastMs <= limit) continue;
      watched.silent = true;
      events.push({ type: 'relay.silent', relay, acknowledged: watched.acknowledged });
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

function keepOnly<V>(map: Map<PeerId, V>, ids: readonly PeerId[], fresh: () => V): void {
  const wanted = new Set(ids);
  for (const id of map.keys()) if (!wanted.has(id)) map.delete(id);
  for (const id of wanted) if (!map.has(id)) map.set(id, fresh());
}
