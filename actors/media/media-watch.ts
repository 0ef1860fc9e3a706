/**
 * What shows by silence: members and relays that are not heard, slices and streams that do not come, own packets that wait too long. Here
 * are the clock and the timers; what silence means, the machines say.
 */
import type { PacketPath } from '../../infra/path/contract.ts';
import type { ForwardReport } from '../../infra/rtcp/forward-report.ts';
import type { ReceptionOfStream } from '../../infra/rtcp/stopped-report.ts';
import { readSequence } from '../../infra/rtp/header.ts';
import { extendSequence } from '../../infra/rtp/sequence.ts';
import { Liveness } from '../../machines/forwarding/liveness.ts';
import { BacklogWatch } from '../../machines/forwarding/pushback.ts';
import { SentLately } from '../../machines/forwarding/sent-lately.ts';
import { SliceWatch } from '../../machines/forwarding/slice-watch.ts';
import { StoppedStreams } from '../../machines/forwarding/stopped-streams.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { TransportEvent } from '../../machines/ports.ts';
import { DELAYS } from '../../machines/timers.ts';
import { Interval } from '../interval.ts';
import { type AddressedTable, EMPTY_TABLE } from './addressed-table.ts';
import type { MemberStream } from './streams-by-ssrc.ts';
import type { TransportOptions } from './transport-options.ts';

/** How often silence is looked for: a fraction of the silence itself. */
const CHECK_RELAYS_MS = DELAYS.reportInterval / 4;
const CHECK_MEMBERS_MS = DELAYS.mediaSilence / 5;

export interface MediaWatchOptions extends Pick<TransportOptions, 'expects'> {
  readonly path: Pick<PacketPath, 'sentSequence' | 'waitedMs'>;
  readonly tell: (event: TransportEvent) => void;
  /** Nothing comes of a member's streams that it should send: how far they have come. */
  readonly tellStopped: (owner: PeerId, streams: readonly ReceptionOfStream[]) => void;
  /** Relays are about to be looked at. */
  readonly onRelaysChecked: () => void;
}

export class MediaWatch {
  readonly #options: MediaWatchOptions;
  readonly #liveness = new Liveness();
  readonly #slices = new SliceWatch();
  readonly #stopped = new StoppedStreams();
  readonly #sentLately = new SentLately();
  readonly #backlog = new BacklogWatch();
  readonly #intervals = {
    checkRelays: new Interval(CHECK_RELAYS_MS, () => this.#checkRelays()),
    checkStreams: new Interval(DELAYS.reportInterval / 2, () => this.#tellStopped()),
    watchBacklog: new Interval(DELAYS.backlogLook, () =>
      this.#tellAll(this.#backlog.look(this.#options.path.waitedMs)),
    ),
    checkMembers: new Interval(CHECK_MEMBERS_MS, () => this.#tellAll(this.#liveness.checkMembers(performance.now()))),
  };
  #table: Pick<AddressedTable, 'own' | 'relays'> = EMPTY_TABLE;
  #streams: ReadonlyMap<number, MemberStream> = new Map();

  constructor(options: MediaWatchOptions) {
    this.#options = options;
  }

  /** @param streams of members, by SSRC */
  follow(table: AddressedTable, streams: ReadonlyMap<number, MemberStream>): void {
    this.#table = table;
    this.#streams = streams;
    this.watchExpected();
    const members = table.members.map(({ peer }) => peer);
    const own = table.own.map(({ ssrc }) => ssrc);
    this.#sentLately.watch(own, members);
    this.#liveness.watch(table.relays, members, (ssrc) => this.#options.path.sentSequence(ssrc), performance.now());
    this.#intervals.checkRelays.run(table.relays.length > 0);
    this.#intervals.checkStreams.run(streams.size > 0);
    this.#intervals.watchBacklog.run(own.length > 0);
    this.#intervals.checkMembers.run(members.length > 0);
  }

  /** Who sends us what changes without a word to the transport: it is looked at with each report. */
  watchExpected(): void {
    const streams = [...this.#streams].map(([ssrc, { owner, stream }]) => ({ ssrc, owner, stream }));
    const expected = streams.filter(({ owner, stream }) => this.#options.expects(owner, stream));
    this.#slices.watch(expected);
    this.#stopped.watch(expected);
  }

  /** A packet of an own stream has left. */
  left(packet: Uint8Array, ssrc: number): void {
    this.#sentLately.sent(ssrc, readSequence(packet), performance.now());
  }

  /** Something of a member has come. */
  heard(peer: PeerId): void {
    this.#tellAll(this.#liveness.heard(peer, performance.now()));
  }

  /** RTCP of a member has come. */
  heardRtcp(peer: PeerId): void {
    this.#stopped.heard(performance.now());
    this.heard(peer);
  }

  /** A packet of a member's stream has come. */
  arrived(ssrc: number, extendedSequence: number): void {
    this.#slices.arrived(ssrc, extendedSequence);
    this.#stopped.arrived(ssrc, extendedSequence, performance.now());
  }

  /** The owner of a stream says how many packets it has sent of it. */
  ownerReported(ssrc: number, packets: number): void {
    this.#tellAll(this.#slices.reported(ssrc, packets));
  }

  /** A relay says how far it has come with a stream. */
  forwardReported({ streamSsrc, newest }: ForwardReport, relay: PeerId): void {
    if (!this.#table.own.some(({ ssrc }) => ssrc === streamSsrc)) return;
    const sent = this.#options.path.sentSequence(streamSsrc);
    const acknowledged = newest === undefined || sent === undefined ? undefined : extendSequence(sent, newest);
    this.#tellAll(this.#liveness.reported(relay, streamSsrc, acknowledged, performance.now()));
  }

  /** By a receiver's word nothing comes of a stream of ours; by what we have sent that is so. */
  stoppedReported(receiver: PeerId, streams: readonly ReceptionOfStream[]): void {
    const nowMs = performance.now();
    const ssrc = this.#sentLately.missedOf(receiver, streams, nowMs);
    if (ssrc === undefined) return;
    const relays = this.#table.relays.map(({ relay }) => relay);
    const acknowledged = streams.flatMap(({ ssrc: of, newest }) => {
      const sent = this.#options.path.sentSequence(of);
      return sent === undefined ? [] : [{ ssrc: of, sequence: extendSequence(sent, newest) }];
    });
    const event = { receiver, ssrc, relays: this.#liveness.heardOf(relays, nowMs), acknowledged };
    this.#options.tell({ type: 'legs.withheld', ...event });
  }

  stop(): void {
    for (const interval of Object.values(this.#intervals)) interval.stop();
  }

  #checkRelays(): void {
    this.#options.onRelaysChecked();
    this.#tellAll(this.#liveness.checkRelays(performance.now()));
  }

  #tellStopped(): void {
    for (const { owner, streams } of this.#stopped.check(performance.now())) this.#options.tellStopped(owner, streams);
  }

  #tellAll(events: readonly TransportEvent[]): void {
    for (const event of events) this.#options.tell(event);
  }
}
