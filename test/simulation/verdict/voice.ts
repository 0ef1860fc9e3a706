/**
 * Audio comes first: a voice packet may be lost only where its source, its receiver or a relay of it was in a fault, or where a
 * link has lost it, and it is never split over several ways.
 */
import type { PeerId, StreamName } from '../../../machines/messages.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { Arrivals } from '../world/media/delivery.ts';
import type { MediaPacket, MediaSource } from '../world/media/source.ts';
import { reachEachOther } from '../world/network/place.ts';
import type { PeerProcess } from '../world/peer/peer-process.ts';
import { wantsShown } from './wanted.ts';

/** A packet sent so long before a fault may be in a queue when it begins, in ms. */
const UNDERWAY_MS = 600;
/** The last packets that count were sent so long before the end, so that they can arrive. */
const ARRIVAL_MS = 1500;
/** A fault is over for voice so long after it has ended: found out, another way agreed, what was lost sent again. In ms. */
const HEALED_MS = 5000;
/** Whoever makes up packets leaps ahead with a voice's numbers: what its source sends looks old until that is seen, in ms. */
const LEAPT_MS = 2000;

interface Excuse {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** What became of one voice. Lists are by the packets' index. */
interface Voice {
  readonly process: PeerProcess;
  readonly stream: StreamName;
  readonly sentAtMs: number[];
  /** The first hops at that time. */
  readonly hops: (readonly PeerId[])[];
  /** By receiver, since when its source has had a way to it: a relay may forward before it has been told that it is not needed. */
  readonly servedSinceMs: Map<PeerId, number>;
  /** Copies of these were lost on links. */
  readonly lostOnLink: Set<number>;
  readonly arrived: Map<PeerProcess, Arrivals>;
}

/** A voice at one of its receivers. */
interface Heard {
  readonly source: MediaSource;
  readonly voice: Voice;
  readonly receiver: PeerProcess;
  readonly arrived: Arrivals;
}

export class VoiceWatch {
  readonly #voices = new Map<MediaSource, Voice>();
  readonly #excuses = new Map<PeerId, Excuse[]>();
  /** Who makes up packets with the keys that it has: it spoils what it relays, for a while longer than it relays it. */
  readonly #forgers = new Set<PeerId>();

  /** Something happens to this member: its voice, what it hears and what it relays may suffer for that long. */
  excuse(peer: PeerId, fromMs: number, untilMs: number): void {
    const excuses = this.#excuses.get(peer) ?? [];
    excuses.push({ fromMs: fromMs - UNDERWAY_MS, untilMs: untilMs + HEALED_MS });
    this.#excuses.set(peer, excuses);
  }

  /** This one makes up packets with keys, from now on. */
  forges(peer: PeerId): void {
    this.#forgers.add(peer);
  }

  sent(process: PeerProcess, { source, index, sentAtMs }: MediaPacket): void {
    const { stream } = source;
    const begun = {
      sentAtMs: [],
      hops: [],
      servedSinceMs: new Map(),
      lostOnLink: new Set<number>(),
      arrived: new Map(),
    };
    const voice: Voice = this.#voices.get(source) ?? { process, stream, ...begun };
    this.#voices.set(source, voice);
    const hops = process.hopsOf(stream);
    voice.sentAtMs[index] = sentAtMs;
    voice.hops[index] = hops;
    for (const [receiver, ways] of process.negotiation?.inForce.get(stream) ?? []) {
      const hasWay = [...ways.keys()].some((via) => hops.includes(via ?? receiver));
      if (hasWay && !voice.servedSinceMs.has(receiver)) voice.servedSinceMs.set(receiver, sentAtMs);
    }
  }

  lostOnLink({ source, index }: MediaPacket): void {
    this.#voices.get(source)?.lostOnLink.add(index);
  }

  arrived({ source, index }: MediaPacket, receiver: PeerProcess): void {
    const voice = this.#voices.get(source);
    if (voice === undefined) return;
    const arrived = voice.arrived.get(receiver) ?? new Arrivals();
    voice.arrived.set(receiver, arrived);
    arrived.add(index);
  }

  /** To be asked at the end: one line for each voice and receiver. */
  check(nowMs: number): string[] {
    return [...this.#voices].flatMap(([source, voice]) =>
      [...voice.arrived].flatMap(([receiver, arrived]) => this.#checkPair({ source, voice, receiver, arrived }, nowMs)),
    );
  }

  #checkPair({ source, voice, receiver, arrived }: Heard, nowMs: number): string[] {
    const { process, stream, hops } = voice;
    // What was sent before its first packet came may have come before the receiver knew whose it is.
    const fromMs = Math.max(
      receiver.sinks.firstAtMs.get(source) ?? Number.POSITIVE_INFINITY,
      voice.servedSinceMs.get(receiver.id) ?? Number.POSITIVE_INFINITY,
    );
    const untilMs = Math.min(nowMs, receiver.leftMs, process.leftMs) - ARRIVAL_MS;
    const shown = { name: stream, media: 'audio', layers: [stream] } as const;
    const isLost = (index: number, sentAtMs: number) => {
      if (sentAtMs < fromMs || sentAtMs > untilMs || arrived.has(index) || voice.lostOnLink.has(index)) return false;
      if (!wantsShown(receiver.profile.wishesAt(sentAtMs).wants, process.id, shown)) return false;
      const through = hops[index] ?? [];
      const before = this.#forgersBefore(voice, index, sentAtMs);
      const involved = [process.id, receiver.id, ...before, ...(through.includes(receiver.id) ? [] : through)];
      // Where routers refuse each other a voice rests on what all the room lends.
      const needsRoom = !reachEachOther(process.whereabouts.placeAt(sentAtMs), receiver.whereabouts.placeAt(sentAtMs));
      return !(needsRoom ? [...this.#excuses.keys()] : involved).some((peer) => this.#isExcused(peer, sentAtMs));
    };
    let count = 0;
    let firstMs = 0;
    voice.sentAtMs.forEach((sentAtMs, index) => {
      if (!isLost(index, sentAtMs)) return;
      if (count === 0) firstMs = Math.round(sentAtMs);
      count += 1;
    });
    if (count === 0) return [];
    return [`${receiver.id} lost ${count} packets of ${process.id}/${stream}, the first of ${firstMs} ms`];
  }

  /** Forgers that had the voice just before this packet. */
  #forgersBefore({ hops, sentAtMs }: Voice, index: number, atMs: number): PeerId[] {
    if (this.#forgers.size === 0) return [];
    const found = new Set<PeerId>();
    for (let at = index; at >= 0 && atMs - (sentAtMs[at] ?? atMs) < LEAPT_MS; at--)
      for (const hop of hops[at] ?? []) if (this.#forgers.has(hop)) found.add(hop);
    return [...found];
  }

  #isExcused(peer: PeerId, atMs: number): boolean {
    return (this.#excuses.get(peer) ?? []).some(({ fromMs, untilMs }) => atMs >= fromMs && atMs <= untilMs);
  }
}

/** Its voices that do not take one whole way to each receiver. */
export function splitVoices({ id, negotiation, sources }: PeerProcess): string[] {
  return [...(negotiation?.inForce ?? [])].flatMap(([stream, paths]) => {
    if (sources.get(stream)?.media !== 'audio') return [];
    return [...paths].flatMap(([receiver, ways]) =>
      [...ways.values()].every((slices) => slices === ALL_SLICES) ? [] : [`${id}/${stream} to ${receiver} is split`],
    );
  });
}
