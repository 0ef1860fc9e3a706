/**
 * Plays the streams of others in the slots of a page: each packet goes to the slots that show its stream. The page chooses what a
 * slot shows; what it says stays in force while its tab is loaded anew.
 */
import { readKeyFrameRequests } from '../../../infra/rtcp/feedback.ts';
import { readNacks } from '../../../infra/rtcp/nack.ts';
import { readSenderReports, withoutBlocks, writeReportMoment } from '../../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../../infra/rtcp/source-description.ts';
import { readSsrc } from '../../../infra/rtp/header.ts';
import type { LinkMedia } from '../../../infra/webrtc/contract.ts';
import { Allowance, type Limit } from '../../../machines/hearing/allowance.ts';
import { unixMsAt } from '../../clock.ts';
import { ProgramClocks } from '../../media/reports/program-clocks.ts';
import type { RemoteStream, Sink } from '../../sink/contract.ts';
import { MAX_SLOTS, type ShownSlot } from '../messages.ts';
import { HeldPictures } from './held-pictures.ts';
import { Slot, type SlotContent } from './slot.ts';

/** Datagrams of RTCP that a page may send: of 50 slots each a report and a few requests a second. */
const RTCP_LIMIT: Limit = { burst: 400, perSecond: 400 };
/** Requests for key frames read of one. */
const MOST_REQUESTS = MAX_SLOTS;

/** Members whose clocks are remembered: more than have pictures at once. */
const MOST_CLOCKS = 4 * MAX_SLOTS;

/** The way to a tab. */
export interface SlotLink {
  readonly sendRtp: (packet: Uint8Array) => void;
  readonly sendRtcp: (packet: Uint8Array) => void;
  /** Of all that is sent on it. */
  readonly cname: string;
}

export interface PageSinkOptions {
  /** @returns false: no such stream comes */
  readonly requestKeyFrame: (stream: RemoteStream) => boolean;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

export class PageSink implements Pick<Sink, 'setStreams' | 'deliver' | 'report'> {
  readonly #options: PageSinkOptions;
  readonly #allowance = new Allowance(RTCP_LIMIT);
  #streams: readonly RemoteStream[] = [];
  #shown: readonly ShownSlot[] = [];
  #link: SlotLink | null = null;
  /** Packets get to the page. */
  #isOpen = false;
  /** Whether a page is on its way that will show what is shown now. */
  #isExpected = false;
  readonly #held = new HeldPictures();
  /** By m-line. */
  #slots: ReadonlyMap<string, Slot> = new Map();
  /** By SSRC of the streams that are shown. */
  #routes: ReadonlyMap<number, readonly Slot[]> = new Map();
  /** The newest sender report of each stream, without blocks, by SSRC. */
  readonly #reports = new Map<number, Uint8Array>();
  /** By member: a slot shows one after the other, and browsers take all that it was ever told for one clock. */
  readonly #clocks = new ProgramClocks(MOST_CLOCKS);

  constructor(options: PageSinkOptions) {
    this.#options = options;
  }

  /** What the slots show, as the page has said last. */
  get shown(): readonly ShownSlot[] {
    return this.#shown;
  }

  setStreams(streams: readonly RemoteStream[]): void {
    this.#streams = streams;
    const known = new Set(streams.map(({ ssrc }) => ssrc));
    for (const ssrc of this.#reports.keys()) if (!known.has(ssrc)) this.#reports.delete(ssrc);
    this.#fill();
  }

  /** The slots show this from now on; those that are not named show nothing. */
  show(shown: readonly ShownSlot[]): void {
    this.#shown = shown;
    this.#fill();
  }

  /** A page is on its way, and most likely shows what the one before did: its key frames are asked for now. */
  expect(): void {
    this.#isExpected = true;
    this.#hold();
  }

  /** The page's m-lines are these, over this link. */
  follow(link: SlotLink, media: readonly LinkMedia[]): void {
    const before = link === this.#link ? this.#slots : new Map<string, Slot>();
    if (link !== this.#link) {
      this.#isOpen = false;
      this.#isExpected = true;
    }
    this.#link = link;
    const received = media.filter((line) => line.direction === 'receive');
    this.#slots = new Map(
      received.map((line) => {
        const known = before.get(line.mid);
        return [line.mid, known?.media.ssrc === line.ssrc ? known : this.#slot(line)];
      }),
    );
    this.#fill();
  }

  /** This link has gone; what is shown stays chosen, as the page may come back. */
  letGo(link: SlotLink): void {
    if (link !== this.#link) return;
    this.#link = null;
    this.#isOpen = false;
    this.#slots = new Map();
    this.#fill();
  }

  /** No page is on its way any more, or it does not come. */
  expectNone(): void {
    this.#isExpected = false;
    this.#held.follow([]);
  }

  /** The page can take packets from now on: whatever it shows, it has to begin, with what is held for it if that is something. */
  begin(): void {
    const nowMs = this.#options.now();
    this.#isOpen = true;
    this.#isExpected = false;
    for (const packet of this.#held.release(nowMs)) this.deliver(packet);
    for (const slot of this.#slots.values()) if (!slot.hasBegun) slot.begin(nowMs);
  }

  deliver(packet: Uint8Array): void {
    if (this.#isExpected) {
      this.#held.take(packet, this.#options.now());
      return;
    }
    const slots = this.#routes.get(readSsrc(packet));
    // A key frame that the page did not get would be missing.
    if (slots === undefined || !this.#isOpen) return;
    const nowMs = this.#options.now();
    for (const slot of slots) slot.deliver(packet, nowMs);
  }

  report(rtcp: Uint8Array): void {
    const [report] = readSenderReports(rtcp, 1);
    const stream = this.#streams.find(({ ssrc }) => ssrc === report?.ssrc);
    if (report === undefined || stream === undefined) return;
    const told = withoutBlocks(report.report);
    writeReportMoment(told, unixMsAt(this.#clocks.momentOf(stream.peer, report.unixMs, this.#options.now())));
    this.#reports.set(report.ssrc, told);
    for (const slot of this.#routes.get(report.ssrc) ?? []) this.#tell(slot, report.ssrc);
  }

  /** RTCP of the page: what it misses. Its reports are of no interest: they tell of the way within this machine. */
  takeRtcp(datagram: Uint8Array): void {
    const nowMs = this.#options.now();
    if (!this.#allowance.take(1, nowMs)) return;
    for (const { mediaSsrc, sequences } of readNacks(datagram)) this.#slotOf(mediaSsrc)?.sendAgain(sequences, nowMs);
    for (const { ssrc } of readKeyFrameRequests(datagram, MOST_REQUESTS)) this.#slotOf(ssrc)?.pictureLost(nowMs);
  }

  #slot(media: Extract<LinkMedia, { direction: 'receive' }>): Slot {
    const slot: Slot = new Slot(media, {
      sendRtp: (packet) => this.#link?.sendRtp(packet),
      requestKeyFrame: this.#options.requestKeyFrame,
      onSource: (ssrc) => this.#tell(slot, ssrc),
    });
    return slot;
  }

  #slotOf(ssrc: number): Slot | undefined {
    for (const slot of this.#slots.values()) if (slot.media.ssrc === ssrc) return slot;
    return undefined;
  }

  #fill(): void {
    const nowMs = this.#options.now();
    const shown = new Map(this.#shown.map((slot) => [slot.mid, slot]));
    const routes = new Map<number, Slot[]>();
    for (const [mid, slot] of this.#slots) {
      const begins = slot.show(this.#contentOf(shown.get(mid), slot), nowMs);
      if (begins && this.#isOpen) slot.begin(nowMs);
      for (const ssrc of slot.ssrcs) routes.set(ssrc, [...(routes.get(ssrc) ?? []), slot]);
    }
    this.#routes = routes;
    if (this.#isExpected) this.#hold();
  }

  /** Holds what is shown for the page that is expected. */
  #hold(): void {
    const pictures = this.#streams.filter(({ media }) => media === 'video');
    const shown = pictures.filter((stream) => this.#shown.some((slot) => isOf(stream, slot)));
    for (const stream of this.#held.follow(shown)) this.#options.requestKeyFrame(stream);
  }

  #contentOf(shown: ShownSlot | undefined, { media }: Slot): SlotContent | null {
    if (shown === undefined) return null;
    const { peer, stream: name } = shown;
    const streams = this.#streams.filter((one) => one.media === media.kind && isOf(one, shown));
    return { key: `${peer}/${name}`, streams };
  }

  /** Hands on the newest sender report of a source that the slot shows. */
  #tell(slot: Slot, ssrc: number): void {
    const report = this.#reports.get(ssrc);
    const told = report && slot.report(report);
    if (told === undefined || this.#link === null) return;
    this.#link.sendRtcp(Buffer.concat([told, writeDescription([slot.media.ssrc], this.#link.cname)]));
  }
}

/** Whether it is the stream, or one of the layers, that a slot shows. */
function isOf({ peer, stream, group }: RemoteStream, shown: ShownSlot): boolean {
  return peer === shown.peer && (stream === shown.stream || group === shown.stream);
}
