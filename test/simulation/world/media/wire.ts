/**
 * What a media path has besides where packets are as large as on the wire: it takes note of them, tells of arrivals (RFC 8888), and may
 * measure its uplink. All of it is what ships, on the time of the simulator.
 */

import { type MeasureDownlinkOptions, measureDownlink } from '../../../../actors/downlink/measure.ts';
import type { MeasuredDownlink } from '../../../../actors/downlink/measured-downlink.ts';
import type { AddressedTable } from '../../../../actors/media/addressed-table.ts';
import { Feedback } from '../../../../actors/media/feedback/feedback.ts';
import { type MeasureOptions, measureUplink } from '../../../../actors/uplink/measure.ts';
import type { MeasuredUplink } from '../../../../actors/uplink/measured-uplink.ts';
import type { Endpoint, NotedPacket, NotesWanted } from '../../../../infra/path/contract.ts';
import { Pace } from '../../../../infra/path/pace/pace.ts';
import { Pacer } from '../../../../infra/path/pace/pacer.ts';
import type { CompiledTable, StreamEntry } from '../../../../infra/path/table/table.ts';
import { ntpWords, shortNtp } from '../../../../infra/rtcp/ntp.ts';
import { readSequence, readSsrc } from '../../../../infra/rtp/header.ts';
import type { PeerId } from '../../../../machines/messages.ts';
import type { Misreporter } from '../../hostile/misreport.ts';
import type { ProcessClock } from '../peer/process-clock.ts';
import type { MediaPacket } from './source.ts';

/** Of IPv4 and UDP. */
const HEADER_BYTES = 28;
/** The path keeps no more notes than this. */
const MOST_NOTES = 8192;

/** Whoever measures its line. */
export type Measures = Pick<MeasureOptions, 'ssrc' | 'choice' | 'view' | 'onUpload' | 'onNarrow'> &
  Pick<MeasureDownlinkOptions, 'onLimit'>;

export interface WireOptions {
  /** Under which SSRC it reports. */
  readonly ssrc: number;
  /** Its time of day at a moment of the clock, in ms. */
  readonly unixMs: (nowMs: number) => number;
  /** Null: its upload is told. */
  readonly measures: Measures | null;
}

export interface WireHost extends WireOptions {
  readonly clock: ProcessClock;
  readonly table: MeasureOptions['table'];
  readonly compiled: () => CompiledTable;
  /** UDP payload bytes that have left, of all kinds. */
  readonly sentBytes: () => number;
  readonly sentTo: (to: Endpoint) => number;
  readonly report: (to: Endpoint, bytes: Uint8Array) => void;
  readonly pad: (to: Endpoint, ssrc: number, sequence: number, bytes: number) => void;
  /** A packet's turn has come. */
  readonly leave: (packet: MediaPacket, hops: number, stream: StreamEntry) => void;
}

export class Wire {
  readonly uplink: MeasuredUplink | null;
  readonly downlink: MeasuredDownlink | null;
  /** Says something else in the place of its reports; null: it is honest. */
  misreporter: Misreporter | null = null;
  readonly #host: WireHost;
  readonly #feedback: Feedback;
  readonly #pace = new Pace();
  readonly #pacer: Pacer;
  /** What has been given to the pacer, by its bytes. */
  readonly #offered = new WeakMap<Uint8Array, { readonly packet: MediaPacket; readonly hops: number }>();
  #wanted: NotesWanted = 'nothing';
  #notes: NotedPacket[] = [];

  constructor(host: WireHost) {
    this.#host = host;
    const { clock, compiled, measures } = host;
    this.#pacer = new Pacer({
      ...{ pace: this.#pace, now: () => clock.now(), compiled, dropped: () => undefined },
      send: (bytes, stream) => {
        const offered = this.#offered.get(bytes);
        if (offered !== undefined) host.leave(offered.packet, offered.hops, stream);
        return true;
      },
      wake: (go, ms) => clock.after(ms, go),
    });
    this.uplink =
      measures === null
        ? null
        : measureUplink({
            ...measures,
            ...{ clock, table: host.table, isOwn: () => false, path: this.#measuredPath() },
            readSent: () => this.#feedback.catchUp(),
          });
    this.downlink =
      measures === null
        ? null
        : measureDownlink({
            ...{ clock, isOwn: () => false, view: measures.view, onLimit: measures.onLimit },
            members: () => host.table().members,
            readCame: () => this.#feedback.catchUp(),
          });
    this.#feedback = new Feedback({
      path: {
        note: (wanted) => {
          this.#wanted = wanted;
        },
        takeNoted: (take) => this.#takeNoted(take),
        sendTo: (datagram, to) => {
          for (const said of this.misreporter?.say(datagram) ?? [datagram]) host.report(to, said);
        },
      },
      ...{ clock, ssrc: () => host.ssrc, unixMs: host.unixMs },
      ...(this.uplink === null ? {} : { uplink: this.uplink }),
      ...(this.downlink === null ? {} : { downlink: this.downlink }),
    });
  }

  follow(table: AddressedTable): void {
    this.#feedback.follow(table);
    if (this.uplink === null) this.#pace.rateBps = table.paceBps;
  }

  /** For how long video has waited whose turn it is, in ms. */
  get waitedMs(): number {
    return this.#pacer.waitedMs;
  }

  /** Sends a packet now, or when its turn comes. */
  offer(packet: MediaPacket, hops: number, stream: StreamEntry): void {
    this.#offered.set(packet.bytes, { packet, hops });
    this.#pacer.offer(packet.bytes, stream, true);
  }

  /** RTCP has come of a member. */
  takeReport(peer: PeerId, bytes: Uint8Array): void {
    this.#feedback.take(peer, bytes);
  }

  /** When a sender report is written, as it says. */
  shortNtp(): number {
    const { seconds, fraction } = ntpWords(this.#host.unixMs(this.#host.clock.now()));
    return shortNtp(seconds, fraction);
  }

  takeSenderReport(peer: PeerId, writtenAt: number): void {
    this.#feedback.takeSenderReport(peer, writtenAt);
  }

  noteMedia(what: NotedPacket['what'], { bytes }: MediaPacket, place: Endpoint): void {
    this.note(what, readSsrc(bytes), readSequence(bytes), bytes.length, place);
  }

  /** @param bytes of UDP payload */
  note(what: NotedPacket['what'], ssrc: number, sequence: number, bytes: number, place: Endpoint): void {
    const isWanted = this.#wanted === 'all' || (this.#wanted === 'arrivals' && what === 'arrived');
    if (!isWanted || this.#notes.length >= MOST_NOTES) return;
    this.#notes.push({ what, place, ssrc, sequence, bytes: bytes + HEADER_BYTES, atMs: this.#host.clock.now() });
  }

  #takeNoted(take: (packet: NotedPacket) => void): void {
    const notes = this.#notes;
    this.#notes = [];
    for (const packet of notes) take(packet);
  }

  #measuredPath(): MeasureOptions['path'] {
    const { sentBytes, sentTo, pad } = this.#host;
    const setPace = (bps: number) => {
      this.#pace.rateBps = bps;
    };
    return {
      get sentBytes() {
        return sentBytes();
      },
      sentTo,
      setPace,
      sendPadding: (ssrc, sequence, bytes, to) => {
        pad(to, ssrc, sequence, bytes);
        this.note('sent', ssrc, sequence, bytes, to);
        return true;
      },
    };
  }
}
