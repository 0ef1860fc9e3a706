/** What members say that they have sent, held against what was played of it: who brings what its source has not sent. Pure: the time is given. */
import type { KeyObject } from 'node:crypto';
import { isSigned } from '../../../infra/crypto/identity-key.ts';
import type { SignedDigest } from '../../../infra/rtcp/stream-digest.ts';
import { extendSequence } from '../../../infra/rtp/sequence.ts';
import { packetDigest } from '../../../infra/srtp/packet-digest.ts';
import { type FaultyHop, type Forgery, HopFaults } from '../../../machines/digests/hop-faults.ts';
import { type Finding, TakenPackets } from '../../../machines/digests/taken-packets.ts';
import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { MemberStream } from '../streams-by-ssrc.ts';

/** Signatures that are looked at of what one member passes on: of sixteen streams that it relays to us, and what was asked for again. */
const CHECKS: Limit = { burst: 128, perSecond: 64 };

/** Of one stream, while it is not known who signs: what is told in that time, and some twice. */
const MOST_EARLY = 16;

/** What the signature of one member's process is over, in front of what it tells. */
export interface Signer {
  readonly verifier: KeyObject;
  readonly context: Uint8Array;
}

/** Packets of a stream that its source has not sent. */
export interface ForgedPackets {
  readonly ssrc: number;
  /** What the source had sent at most: nothing further ahead counts. */
  readonly highest: number;
  readonly indices: readonly number[];
}

export interface TakenDigestsOptions {
  /** Undefined: nobody's, or it is not sealed. */
  readonly streamOf: (ssrc: number) => MemberStream | undefined;
  /** Undefined: it does not sign, or has not proved itself yet. */
  readonly signerOf: (owner: PeerId) => Signer | undefined;
  /** Something is to be said of whoever brings a stream. */
  readonly onFaulty: (faulty: FaultyHop) => void;
  /** Something forged has come: what its source sends under these indices is no copy of it. */
  readonly onForged: (forged: ForgedPackets) => void;
}

/** Packets held against what their sources say, in total. `unsigned`: digests whose signature is not good. */
export interface CheckedCounts {
  genuine: number;
  forged: number;
  unchecked: number;
  unsigned: number;
}

interface Watched {
  readonly taken: TakenPackets<PeerId>;
  readonly sinceMs: number;
  /** What has been told while it was not known yet who signs. */
  readonly early: Early[];
  highest: number;
}

interface Early {
  readonly digest: SignedDigest;
  readonly from: PeerId;
}

export class TakenDigests {
  readonly counts: CheckedCounts = { genuine: 0, forged: 0, unchecked: 0, unsigned: 0 };
  readonly #options: TakenDigestsOptions;
  readonly #streams = new Map<number, Watched>();
  readonly #faults = new HopFaults();
  readonly #checks = new Map<PeerId, Allowance>();

  constructor(options: TakenDigestsOptions) {
    this.#options = options;
  }

  /** These are the streams, by SSRC, and the members from now on. */
  keepOnly(ssrcs: { has(ssrc: number): boolean }, members: { has(peer: PeerId): boolean }): void {
    for (const ssrc of this.#streams.keys()) if (!ssrcs.has(ssrc)) this.#streams.delete(ssrc);
    for (const peer of this.#checks.keys()) if (!members.has(peer)) this.#checks.delete(peer);
    this.#faults.keepOnly(members);
  }

  /** Another process sends the streams of this member. */
  forget(owner: PeerId, ssrcs: Iterable<number>): void {
    this.#faults.forget(owner);
    for (const ssrc of ssrcs) this.#streams.delete(ssrc);
  }

  isRefused(owner: PeerId, via: PeerId): boolean {
    return this.#faults.isRefused(owner, via);
  }

  get forgeries(): Forgery[] {
    return this.#faults.forgeries;
  }

  /**
   * A sealed packet has been opened, and would be played.
   *
   * @returns whether it is not to be played: it is known already that its source has not sent it, or nobody will know
   */
  isForged(ssrc: number, index: number, packet: Uint8Array, via: PeerId, nowMs: number): boolean {
    const of = this.#options.streamOf(ssrc);
    if (of === undefined) return false;
    const watched = this.#watched(ssrc, nowMs);
    if (!this.#mayBeSigned(of.owner, watched, nowMs)) return false;
    if (watched.taken.isTooLate(index, nowMs)) return true;
    const findings = watched.taken.take(index, packetDigest(packet), via, nowMs);
    this.#note(ssrc, findings, nowMs);
    return findings.some(({ finding }) => finding === 'forged');
  }

  /** No key opens a packet. */
  broken(ssrc: number, via: PeerId, nowMs: number): void {
    const of = this.#options.streamOf(ssrc);
    if (of !== undefined) this.#say({ ...of, via }, 'broken', nowMs);
  }

  /** A member tells, of its own stream or as a relay of another's. */
  take(digest: SignedDigest, from: PeerId, nowMs: number): void {
    const { streamSsrc, highest } = digest;
    const owner = this.#options.streamOf(streamSsrc)?.owner;
    if (owner === undefined) return;
    const watched = this.#watched(streamSsrc, nowMs);
    const signer = this.#options.signerOf(owner);
    if (signer === undefined) {
      if (this.#mayBeSigned(owner, watched, nowMs) && watched.early.length < MOST_EARLY)
        watched.early.push({ digest: copyOf(digest), from });
      return;
    }
    // What comes of the owner itself is authentic, as all RTCP between the two is.
    if (watched.taken.knows(digest.number) || !(from === owner || this.#isGenuine(digest, signer, from, nowMs))) return;
    watched.highest = Math.max(watched.highest, highest);
    const packets = digest.packets.map(({ sequence, digest: of }) => ({
      index: extendSequence(highest, sequence),
      digest: of,
    }));
    this.#note(streamSsrc, watched.taken.told({ ...digest, packets }, nowMs), nowMs);
  }

  /** Call it now and then. @returns what is to be asked for: of which stream, after which number */
  check(nowMs: number): { readonly ssrc: number; readonly after: number }[] {
    return [...this.#streams].flatMap(([ssrc, watched]) => {
      const { taken, early } = watched;
      const owner = this.#options.streamOf(ssrc)?.owner;
      const isSigned = owner !== undefined && this.#options.signerOf(owner) !== undefined;
      if (isSigned) for (const { digest, from } of early.splice(0)) this.take(digest, from, nowMs);
      const findings = taken.check(nowMs);
      if (!isSigned) return [];
      this.#note(ssrc, findings, nowMs);
      const after = taken.lacks(nowMs);
      return after === undefined ? [] : [{ ssrc, after }];
    });
  }

  #note(ssrc: number, findings: readonly Finding<PeerId>[], nowMs: number): void {
    const of = this.#options.streamOf(ssrc);
    if (of === undefined) return;
    for (const found of findings) {
      const { hop: via, finding } = found;
      const packets = found.finding === 'forged' ? found.indices.length : found.packets;
      this.counts[finding] += packets;
      if (finding === 'genuine') this.#faults.genuine({ ...of, via }, nowMs);
      else for (let each = 0; each < packets; each++) this.#say({ ...of, via }, finding, nowMs);
      if (found.finding === 'forged') {
        const { highest } = this.#watched(ssrc, nowMs);
        this.#options.onForged({ ssrc, highest, indices: found.indices });
      }
    }
  }

  #say(brought: MemberStream & { readonly via: PeerId }, fault: FaultyHop['fault'], nowMs: number): void {
    for (const faulty of this.#faults.faulty(brought, fault, nowMs)) this.#options.onFaulty(faulty);
  }

  #isGenuine({ signed, signature }: SignedDigest, { verifier, context }: Signer, from: PeerId, nowMs: number): boolean {
    const checks = this.#checks.get(from) ?? new Allowance(CHECKS);
    this.#checks.set(from, checks);
    if (!checks.take(1, nowMs)) return false;
    const isGood = isSigned(verifier, Buffer.concat([context, signed]), signature);
    if (!isGood) this.counts.unsigned++;
    return isGood;
  }

  /** Who signs is known, or may be known soon: whoever has just come has not proved itself yet. */
  #mayBeSigned(owner: PeerId, { sinceMs }: Watched, nowMs: number): boolean {
    return this.#options.signerOf(owner) !== undefined || nowMs - sinceMs < DELAYS.digestGiveUp;
  }

  #watched(ssrc: number, nowMs: number): Watched {
    const known = this.#streams.get(ssrc);
    if (known !== undefined) return known;
    const watched = { taken: new TakenPackets<PeerId>(), sinceMs: nowMs, early: [], highest: -1 };
    this.#streams.set(ssrc, watched);
    return watched;
  }
}

/** What is read of a datagram is valid as long as that. */
function copyOf(digest: SignedDigest): SignedDigest {
  const copy = (bytes: Uint8Array) => Uint8Array.from(bytes);
  return { ...digest, signed: copy(digest.signed), signature: copy(digest.signature), packet: copy(digest.packet) };
}
