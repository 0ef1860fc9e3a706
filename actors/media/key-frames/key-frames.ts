/**
 * Key frames on request, hop by hop: from a player to whoever sends it the stream, a relay or the owner; from a relay to the owner;
 * from there to whatever feeds the stream.
 */

import { parseCodec } from '../../../infra/codec/codec.ts';
import { showsKeyFrame } from '../../../infra/codec/key-frame.ts';
import type { Endpoint, PacketPath } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../../infra/rtcp/feedback.ts';
import type { PeerId, StreamInfo, StreamName } from '../../../machines/messages.ts';
import type { Clock } from '../../clock.ts';
import type { SourceAnswer } from '../../source/contract.ts';
import { type AddressedTable, ownCodecs } from '../addressed-table.ts';
import { compoundOf, type RtcpIdentity } from '../reports/reports.ts';
import { KeyFrameAnswers } from './key-frame-answers.ts';
import { type Asker, KeyFrameRequests, OWN_PLAYER } from './key-frame-requests.ts';
import { GAP_MS, PictureStarts } from './picture-starts.ts';

/** Requests read of one datagram: nobody needs more streams at once, and a datagram holds over a hundred. */
const MOST_IN_DATAGRAM = 32;

export interface KeyFramesOptions {
  readonly path: Pick<PacketPath, 'sendTo' | 'ssrcCounters'>;
  readonly clock: Clock;
  readonly identity: () => RtcpIdentity;
  /** Asks whatever feeds an own stream. */
  readonly askSource: (stream: StreamName) => SourceAnswer;
  /** Told once of each own stream that sends no key frame on request. */
  readonly onMissing: (stream: StreamName, reason: 'unanswered' | 'unreachable') => void;
}

/** Totals that only grow. */
export interface KeyFrameCounters {
  /** Passed on to another peer or to a source. */
  readonly passed: number;
  /** One with another that had just been passed on. */
  readonly coalesced: number;
  /** Of an asker that had asked too often, or the same again. */
  readonly refused: number;
  /** About a stream that the asker has no business with. */
  readonly stray: number;
}

export class KeyFrames {
  readonly #options: KeyFramesOptions;
  readonly #requests = new KeyFrameRequests();
  readonly #starts = new PictureStarts();
  readonly #answers = new KeyFrameAnswers();
  readonly #counters = { passed: 0, coalesced: 0, refused: 0, stray: 0 };
  /** Codecs of members' pictures, by SSRC. */
  #codecs: ReadonlyMap<number, string> = new Map();
  #table: Pick<AddressedTable, 'own' | 'relayed' | 'members'> = { own: [], relayed: [], members: [] };
  #cancel: () => void = () => undefined;

  constructor(options: KeyFramesOptions) {
    this.#options = options;
  }

  follow(table: AddressedTable): void {
    this.#table = table;
    this.#answers.follow(ownCodecs(table));
    const remote = table.members.flatMap(({ streams }) => streams);
    const pictures = remote.filter(({ media }) => media === 'video');
    this.#codecs = new Map(pictures.map((stream) => [stream.ssrc, nameOf(stream)]));
    this.#starts.follow(this.#codecs);
    const known = [...table.own, ...remote].map(({ ssrc }) => ssrc);
    this.#requests.keepOnly(new Set(known), new Set(table.members.map(({ peer }) => peer)));
  }

  counters(): KeyFrameCounters {
    return { ...this.#counters };
  }

  /** RTCP of a member: it asks for key frames of our streams, or of those that we relay to it. */
  take(member: PeerId, datagram: Uint8Array): void {
    for (const { ssrc, number } of readKeyFrameRequests(datagram, MOST_IN_DATAGRAM)) {
      if (this.#sends(ssrc, member)) this.#ask(ssrc, member, number);
      else this.#counters.stray++;
    }
  }

  /**
   * Whoever shows a member's stream here cannot go on without a key frame.
   *
   * @returns whether there is such a stream of pictures, and somebody to ask
   */
  request(owner: PeerId, stream: StreamName): boolean {
    const info = this.#remote(owner, stream);
    if (info?.media !== 'video') return false;
    return this.#ask(info.ssrc, OWN_PLAYER, null);
  }

  /** RTCP of a player here. Whatever SSRC it knows the stream by, it means the one that it plays. */
  takePlayer(owner: PeerId, stream: StreamName, datagram: Uint8Array): void {
    const ssrc = this.#remote(owner, stream)?.ssrc;
    for (const { number } of readKeyFrameRequests(datagram, MOST_IN_DATAGRAM)) {
      if (ssrc === undefined) this.#counters.stray++;
      else this.#ask(ssrc, OWN_PLAYER, number);
    }
  }

  /** A packet of a member's stream has come. Cheap enough to be called for every packet. */
  arrived(ssrc: number, packet: Uint8Array): void {
    const isAnswer = this.#requests.isWaitedFor(ssrc) && showsKeyFrame(this.#codecs.get(ssrc) ?? '', packet);
    if (isAnswer) this.#requests.answered(ssrc);
    if (this.#starts.arrived(ssrc, packet, this.#options.clock.now())) this.#ask(ssrc, OWN_PLAYER, null);
  }

  /** A packet of an own stream is sent. Cheap enough to be called for every packet. */
  sent(stream: StreamName, ssrc: number, packet: Uint8Array): void {
    if (this.#answers.sent(stream, packet)) this.#requests.answered(ssrc);
  }

  /** Another program feeds the stream, or the same one anew: what it can is not known. */
  restarted(stream: StreamName): void {
    this.#answers.restarted(stream);
  }

  stop(): void {
    this.#cancel();
  }

  #remote(owner: PeerId, stream: StreamName): StreamInfo | undefined {
    return this.#table.members.find(({ peer }) => peer === owner)?.streams.find(({ name }) => name === stream);
  }

  #sends(ssrc: number, member: PeerId): boolean {
    const { own, relayed } = this.#table;
    if (own.some((stream) => stream.ssrc === ssrc && stream.media === 'video')) return true;
    const route = relayed.find((stream) => stream.ssrc === ssrc && stream.media === 'video');
    return route?.legs.some(({ receiver }) => receiver === member) ?? false;
  }

  /** @returns whether there is anybody to ask */
  #ask(ssrc: number, asker: Asker, number: number | null): boolean {
    if (this.#targetOf(ssrc) === null) {
      // Nothing has come by a relay yet, and no way leads to the owner: what asks again when it does must not count as repeated.
      this.#counters.stray++;
      return false;
    }
    const answer = this.#requests.ask(ssrc, asker, number, this.#options.clock.now());
    if (answer === 'pass') this.#pass(ssrc);
    else if (answer === 'later') this.#counters.coalesced++;
    else this.#counters.refused++;
    this.#wait();
    return true;
  }

  #pass(ssrc: number): void {
    const target = this.#targetOf(ssrc);
    if (target === null) return;
    this.#counters.passed++;
    if ('stream' in target) {
      const answer = this.#options.askSource(target.stream);
      if (answer !== 'needless') this.#answers.asked(target.stream, answer, this.#options.clock.now());
    } else {
      const identity = this.#options.identity();
      this.#options.path.sendTo(compoundOf(identity, writePictureLoss(identity.ssrc, ssrc)), target);
    }
  }

  /** Whom to ask: what feeds an own stream, or whoever is at this address; null: there is nobody. */
  #targetOf(ssrc: number): { readonly stream: StreamName } | Endpoint | null {
    const own = this.#table.own.find((stream) => stream.ssrc === ssrc);
    if (own !== undefined) return own;
    // A relay asks nobody but the owner, as it forwards nothing but what comes from there: requests run in no circle.
    const relayed = this.#table.relayed.find((stream) => stream.ssrc === ssrc);
    return relayed?.upstream ?? this.#upstreamOf(ssrc);
  }

  /** Whoever has sent us most lately of the stream; its owner where nobody has. */
  #upstreamOf(ssrc: number): Endpoint | null {
    const { members } = this.#table;
    const arrivals = [...(this.#options.path.ssrcCounters(ssrc)?.byUpstream ?? [])];
    const newest = arrivals.reduce((last, [, { lastArrivalMs }]) => Math.max(last, lastArrivalMs), 0);
    const from = arrivals.find(([, { lastArrivalMs }]) => lastArrivalMs === newest)?.[0];
    const sender = members.find((member) => member.from.some((at) => endpointText(at) === from))?.rtcpTo;
    const owner = members.find(({ streams }) => streams.some((stream) => stream.ssrc === ssrc))?.rtcpTo ?? null;
    return newest > 0 && this.#options.clock.now() - newest < GAP_MS ? (sender ?? owner) : owner;
  }

  /** Does what is due, and wakes up when more is. */
  readonly #wake = (): void => {
    const nowMs = this.#options.clock.now();
    for (const ssrc of this.#requests.due(nowMs)) this.#pass(ssrc);
    for (const { stream, how } of this.#answers.overdue(nowMs)) {
      this.#options.onMissing(stream, how === 'asked' ? 'unanswered' : 'unreachable');
    }
    this.#wait();
  };

  #wait(): void {
    this.#cancel();
    const nextMs = Math.min(this.#requests.nextMs, this.#answers.nextMs);
    if (nextMs === Number.POSITIVE_INFINITY) return;
    this.#cancel = this.#options.clock.after(Math.max(0, Math.ceil(nextMs - this.#options.clock.now())), this.#wake);
  }
}

function nameOf({ codec }: StreamInfo): string {
  return parseCodec(codec)?.name ?? '';
}
