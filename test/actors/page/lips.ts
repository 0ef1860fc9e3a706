/**
 * A page with camera and voice, its gateway and its reports, in virtual time; and what the page of somebody else makes of them. Each
 * packet holds the moment at which it was taken, so that it can be told by how much a viewer is wrong.
 */
import { OwnReports } from '../../../actors/media/reports/own-reports.ts';
import { PageFeeds } from '../../../actors/page/page-feeds.ts';
import { PageSink, type SlotLink } from '../../../actors/page/slots/page-sink.ts';
import type { RemoteStream } from '../../../actors/sink/contract.ts';
import { FedSource } from '../../../actors/source/fed-source.ts';
import type { Codec, Media } from '../../../infra/codec/codec.ts';
import { readSenderReports, writeReport } from '../../../infra/rtcp/reception-report.ts';
import { writeDescription } from '../../../infra/rtcp/source-description.ts';
import { readSsrc, readTimestamp } from '../../../infra/rtp/header.ts';
import type { LinkMedia } from '../../../infra/webrtc/contract.ts';
import { rtpPacket } from '../../rtp/packets.ts';
import type { VirtualClock } from '../virtual-clock.ts';

type Kind = 'camera' | 'voice';
interface Sent {
  readonly media: Media;
  readonly codec: Codec;
  readonly everyMs: number;
  /** How often a browser tells its clock. */
  readonly reportMs: number;
  /** In which slot it is shown. */
  readonly slot: string;
}
const OPUS: Codec = { name: 'opus', clockRate: 48_000, channels: 2 };
const KINDS: Readonly<Record<Kind, Sent>> = {
  camera: { media: 'video', codec: { name: 'VP8', clockRate: 90_000 }, everyMs: 33, reportMs: 1000, slot: '4' },
  voice: { media: 'audio', codec: OPUS, everyMs: 20, reportMs: 5000, slot: '5' },
};
const ALL = ['camera', 'voice'] as const;
const SLOT_SSRC = { camera: 44, voice: 55 } as const;

/** How late each comes: from being taken to the page's gateway, and through the room. In ms. */
export type Late = Readonly<Record<Kind, { readonly toGateway: number; readonly toViewer: number }>>;

export interface PersonOptions {
  readonly clock: VirtualClock;
  readonly late: Late;
  /** What this person's machine believes the time to be, against the clock of all. In ms. */
  readonly unixOffsetMs: number;
  /** SSRCs in the room. */
  readonly ssrcs: Readonly<Record<Kind, number>>;
  readonly peer: string;
  readonly viewer: Viewer;
}

export class Person {
  readonly #options: PersonOptions;
  readonly #reports = new OwnReports();
  readonly #sources: Readonly<Record<Kind, FedSource>>;
  /** Counts the tabs: the timers of one that is gone do nothing. */
  #tab = 0;
  #hasLeft = false;

  constructor(options: PersonOptions) {
    this.#options = options;
    const { clock, ssrcs, late, viewer } = options;
    this.#reports.follow(new Map(ALL.map((kind) => [kind, KINDS[kind].codec])));
    const sourceOf = (kind: Kind) =>
      new FedSource({
        ...{ ssrc: ssrcs[kind], firstSequence: 1, firstTimestamp: 7_000_000, now: clock.now, onRate: () => undefined },
        format: { codec: KINDS[kind].codec, media: KINDS[kind].media, payloadType: 96, fmtp: '' },
        onTime: (time) => this.#reports.programTime(kind, time),
        send: (packet) => {
          this.#reports.sent(kind, packet, clock.now());
          const copy = Uint8Array.from(packet);
          clock.after(late[kind].toViewer, () => viewer.sink.deliver(copy));
        },
      });
    this.#sources = { camera: sourceOf('camera'), voice: sourceOf('voice') };
    this.#report();
  }

  get streams(): RemoteStream[] {
    const { ssrcs, peer } = this.#options;
    return ALL.map((kind) => ({
      ...{ peer, stream: kind, ssrc: ssrcs[kind], media: KINDS[kind].media, codec: KINDS[kind].codec },
      ...{ payloadType: 96, fmtp: '', group: null },
    }));
  }

  /** A tab is loaded: with another clock, other numbers, another name. */
  load(cname: string, pageUnixOffsetMs: number): void {
    const { clock } = this.#options;
    const tab = ++this.#tab;
    const feeds = new PageFeeds({ cname: 'gateway', clock, sendRtcp: () => undefined });
    const places = { camera: { mid: '0', rid: null }, voice: { mid: '1', rid: null } };
    feeds.follow(ALL.map((kind) => ({ place: places[kind], source: this.#sources[kind] })));
    for (const kind of ALL) this.#send(kind, tab, { feeds, cname, pageUnixOffsetMs, beganMs: clock.now() });
  }

  /** For good. */
  leave(): void {
    this.#tab++;
    this.#hasLeft = true;
  }

  #send(
    kind: Kind,
    tab: number,
    page: { feeds: PageFeeds; cname: string; pageUnixOffsetMs: number; beganMs: number },
  ): void {
    const { clock, late } = this.#options;
    const { everyMs, codec, reportMs, slot } = KINDS[kind];
    const ssrc = 1000 * tab + Number(slot);
    const timestampAt = (ms: number) =>
      (tab * 12_345_678 + Math.round(((ms - page.beganMs) * codec.clockRate) / 1000)) >>> 0;
    const mid = kind === 'camera' ? '0' : '1';
    let sequence = 100 * tab;
    const take = () => {
      if (tab !== this.#tab) return;
      const payload = Buffer.alloc(20);
      // A key frame of VP8, whoever begins when.
      payload.set([0x10, 0]);
      payload.writeDoubleBE(clock.now(), 8);
      const packet = rtpPacket({ ssrc, sequence: sequence++ & 0xffff, timestamp: timestampAt(clock.now()), payload });
      clock.after(late[kind].toGateway, () => page.feeds.takeRtp(packet, mid, null));
      clock.after(everyMs, take);
    };
    const report = () => {
      if (tab !== this.#tab) return;
      const nowMs = clock.now();
      const unixMs = nowMs + page.pageUnixOffsetMs;
      const sent = writeReport(ssrc, { unixMs, rtpTimestamp: timestampAt(nowMs), packets: 1, bytes: 1 }, []);
      page.feeds.takeRtcp(Buffer.concat([sent, writeDescription([ssrc], page.cname)]));
      clock.after(reportMs, report);
    };
    take();
    clock.after(reportMs / 2, report);
  }

  /** Once a second each stream's own, as members get them. */
  #report(): void {
    const { clock, unixOffsetMs, ssrcs, viewer } = this.#options;
    if (this.#hasLeft) return;
    for (const kind of ALL) {
      const sent = this.#reports.reportOf(kind, ssrcs[kind], clock.now());
      if (sent === undefined) continue;
      const report = writeReport(ssrcs[kind], { ...sent, unixMs: clock.now() + unixOffsetMs }, []);
      clock.after(20, () => viewer.sink.report(report));
    }
    clock.after(1000, () => this.#report());
  }
}

/** The page that shows them, by what its gateway tells it. */
export class Viewer {
  readonly sink: PageSink;
  /** By how much the moment that the page believes a packet to be of is off, in ms; null: it has not been told. */
  readonly off: Record<Kind, number | null> = { camera: null, voice: null };
  #link: SlotLink;
  readonly #media: readonly LinkMedia[];
  readonly #told = new Map<number, { readonly unixMs: number; readonly rtpTimestamp: number }>();

  constructor(clock: VirtualClock) {
    this.sink = new PageSink({ now: clock.now, requestKeyFrame: () => true });
    const link = {
      cname: 'gateway',
      sendRtp: (packet: Uint8Array) => this.#take(packet),
      sendRtcp: (rtcp: Uint8Array) => {
        for (const { ssrc, unixMs, rtpTimestamp } of readSenderReports(rtcp, 8))
          this.#told.set(ssrc, { unixMs, rtpTimestamp });
      },
    };
    const media = ALL.map((kind) => ({
      ...{ direction: 'receive' as const, mid: KINDS[kind].slot, kind: KINDS[kind].media, ssrc: SLOT_SSRC[kind] },
      formats: [{ payloadType: 120, codec: kind === 'camera' ? 'VP8/90000' : 'opus/48000/2', fmtp: '' }],
    }));
    this.#link = link;
    this.#media = media;
    this.load();
  }

  /** Its tab is loaded, anew. */
  load(): void {
    this.sink.letGo(this.#link);
    this.#link = { ...this.#link };
    this.sink.follow(this.#link, this.#media);
    this.sink.begin();
  }

  show(peer: string): void {
    this.sink.show(ALL.map((kind) => ({ mid: KINDS[kind].slot, peer, stream: kind })));
  }

  /** By how much the picture is ahead of the sound, in ms; null: not both have been told. */
  get skewMs(): number | null {
    const { camera, voice } = this.off;
    return camera === null || voice === null ? null : camera - voice;
  }

  #take(packet: Uint8Array): void {
    const kind = ALL.find((one) => SLOT_SSRC[one] === readSsrc(packet));
    const told = this.#told.get(readSsrc(packet));
    if (kind === undefined || told === undefined) return;
    const ticks = (readTimestamp(packet) - told.rtpTimestamp) | 0;
    const believedMs = told.unixMs + (1000 * ticks) / KINDS[kind].codec.clockRate;
    this.off[kind] = believedMs - Buffer.from(packet).readDoubleBE(12 + 8);
  }
}
