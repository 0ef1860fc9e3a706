/** The media of one phone in one room: what it shows and plays of the others, and what it sends as our own streams. */
import { randomInt } from 'node:crypto';
import { formatCodec } from '../../infra/codec/codec.ts';
import { freshCname } from '../../infra/rtcp/source-description.ts';
import { readSsrc } from '../../infra/rtp/header.ts';
import { parameterOf } from '../../infra/sdp/format-parameters.ts';
import type { Format } from '../../infra/sip/sdp/read.ts';
import { type Agreed, isSameFormat, type Kind, type OwnMedia } from '../../infra/sip/sdp/session.ts';
import type { PeerId, Want } from '../../machines/messages.ts';
import { sameData } from '../../machines/same-data.ts';
import type { Call } from '../call/call.ts';
import type { OwnProfile } from '../call/own-profile.ts';
import { Interval } from '../interval.ts';
import type { StreamFormat } from '../options/contract.ts';
import type { RemoteStream } from '../sink/contract.ts';
import { bindAnyPair } from '../sink/outlet.ts';
import { FedSource } from '../source/fed-source.ts';
import type { PhoneNews } from './news.ts';
import { type Caller, PhoneLine } from './phone-line.ts';
import { byUse, chosenPicture } from './picture/choice.ts';
import { PictureSwitch } from './picture/picture-switch.ts';
import { PhoneSound } from './sound/phone-sound.ts';
import { phoneWants } from './wants.ts';

const FORMATS: Readonly<Record<Kind, readonly Format[]>> = {
  audio: [
    { payloadType: 0, codec: { name: 'PCMU', clockRate: 8000 }, fmtp: '' },
    { payloadType: 8, codec: { name: 'PCMA', clockRate: 8000 }, fmtp: '' },
    { payloadType: 101, codec: { name: 'opus', clockRate: 48_000, channels: 2 }, fmtp: '' },
  ],
  video: [
    { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' },
    { payloadType: 97, codec: { name: 'H264', clockRate: 90_000 }, fmtp: 'packetization-mode=1' },
    { payloadType: 98, codec: { name: 'H264', clockRate: 90_000 }, fmtp: 'packetization-mode=0' },
  ],
};
const NAMES = { audio: 'voice', video: 'camera' } as const;
/** What phones send, as the room is told, bit/s. */
const RATES = { audio: 80_000, video: 1_000_000 } as const;
/** A payload type for the room, which follows the stream's. */
const ROOM_PAYLOAD_TYPES = { audio: 97, video: 96 } as const;
const FRAME_MS = 20;
/** How often it is looked whom to show, and how often reports go to the phone: more often than each 5 s. In ms. */
const CHOICE_MS = 200;
const REPORT_MS = 2000;
/** A layer that was silent for so long is not the one that comes, in ms. */
const LAYER_SILENCE_MS = 500;

/** What is needed of the room's call. */
type PhoneRoom = Pick<Call, 'addSink' | 'addStream' | 'removeStream'> & {
  readonly participant: Pick<Call['participant'], 'requestKeyFrame'> & { readonly own: Pick<OwnProfile, 'setWants'> };
};

export interface PhoneMediaOptions {
  readonly pinned: PeerId | null;
  readonly note: (news: PhoneNews) => void;
  /** Asks the phone for a key frame by its call. */
  readonly askByCall: () => void;
  /** Milliseconds on a monotonic clock. */
  readonly now: () => number;
}

type Lines = Readonly<Record<Kind, PhoneLine>>;

export class PhoneMedia {
  readonly own: readonly OwnMedia[];
  readonly #options: PhoneMediaOptions;
  readonly #lines: Lines;
  readonly #sources = new Map<Kind, FedSource>();
  /** In which format the room gets what the phone sends. */
  readonly #shown = new Map<Kind, Format>();
  readonly #intervals: readonly Interval[];
  readonly #heardMs = new Map<number, number>();
  #room: PhoneRoom | null = null;
  #streams: readonly RemoteStream[] = [];
  #agreed: readonly Agreed[] = [];
  #picture: PictureSwitch | null = null;
  #sound: PhoneSound | null = null;
  #frameMs = 0;
  #frames: NodeJS.Timeout | undefined;
  #wants: readonly Want[] = [];
  /** The room has pictures, and the phone decodes none of them. */
  #isBlind = false;
  #leaveSink: () => void = () => undefined;

  private constructor(options: PhoneMediaOptions, own: readonly OwnMedia[], lines: (media: PhoneMedia) => Lines) {
    this.#options = options;
    this.own = own;
    this.#lines = lines(this);
    this.#intervals = [
      new Interval(CHOICE_MS, () => {
        this.#choose();
        this.#want();
      }),
      new Interval(REPORT_MS, () => {
        for (const line of Object.values(this.#lines)) line.report();
      }),
    ];
  }

  /** @param host where to take media, a literal. @throws {NodeJS.ErrnoException} as the system says */
  static async open(host: string, options: PhoneMediaOptions): Promise<PhoneMedia> {
    const [audio, video] = [await bindAnyPair(host), await bindAnyPair(host)];
    const cname = freshCname();
    const own = (['audio', 'video'] as const).map((kind) => {
      const [rtp, rtcp] = kind === 'audio' ? audio : video;
      return { kind, port: rtp.address().port, rtcpPort: rtcp.address().port, formats: FORMATS[kind] };
    });
    return new PhoneMedia(options, own, (media) => {
      const line = (kind: Kind, [rtp, rtcp]: typeof audio) =>
        new PhoneLine({
          ...{ rtp, rtcp, cname, now: options.now },
          onRtp: (packet) => media.#sources.get(kind)?.take(packet),
          onKeyFrameWanted: () => media.pictureLost(),
          onLost: (packets) => options.note({ type: 'phone.lost', media: kind, packets }),
          onReport: (report, name) => media.#sources.get(kind)?.takeReport({ ...report }, name),
        });
      return { audio: line('audio', audio), video: line('video', video) };
    });
  }

  /** The same, in the order in which the room's streams want it. */
  preferred(): OwnMedia[] {
    return this.own.map((media) => ({ ...media, formats: byUse(media.formats, this.#streams, this.#options.pinned) }));
  }

  /** When the phone was last heard, in ms; sooner where it holds the call. */
  get heardMs(): number {
    return Math.max(this.#lines.audio.heardMs, this.#lines.video.heardMs);
  }

  /** Shows and plays the others of this room from now on. */
  join(room: PhoneRoom): void {
    this.#room = room;
    this.#leaveSink = room.addSink({
      setStreams: (streams) => {
        this.#streams = streams;
        this.#sound?.setStreams(streams);
        this.#choose();
        this.#want();
      },
      deliver: (packet) => this.#deliver(packet),
      report: () => undefined,
    });
    for (const { kind, format } of this.#agreed) this.#show(kind, format);
  }

  /** The phone and we have agreed on this. */
  follow(agreed: readonly Agreed[], caller: Caller): void {
    const before = new Map(this.#agreed.map((one) => [one.kind, one.format]));
    this.#agreed = agreed;
    for (const kind of ['audio', 'video'] as const) {
      const one = agreed.find((media) => media.kind === kind) ?? null;
      this.#lines[kind].follow(one, caller);
      if (one === null) {
        this.#stop(kind);
        continue;
      }
      this.#play(kind, before.get(kind) ?? null, one.format);
      this.#show(kind, one.format);
    }
    for (const interval of this.#intervals) interval.run(true);
    for (const line of Object.values(this.#lines)) line.report();
    this.#choose();
    this.#want();
  }

  get formats(): string[] {
    return this.#agreed.map(({ format }) => formatText(format));
  }

  pictureLost(): void {
    this.#picture?.pictureLost(this.#options.now());
  }

  close(): void {
    this.#leaveSink();
    clearTimeout(this.#frames);
    for (const interval of this.#intervals) interval.stop();
    for (const line of Object.values(this.#lines)) line.close();
  }

  #deliver(packet: Uint8Array): void {
    const nowMs = this.#options.now();
    this.#heardMs.set(readSsrc(packet), nowMs);
    this.#picture?.deliver(packet, nowMs);
    this.#sound?.deliver(packet, nowMs);
  }

  #choose(): void {
    const nowMs = this.#options.now();
    const format = this.#agreed.find(({ kind }) => kind === 'video')?.format;
    const known = new Set(this.#streams.map(({ ssrc }) => ssrc));
    for (const ssrc of this.#heardMs.keys()) if (!known.has(ssrc)) this.#heardMs.delete(ssrc);
    if (format === undefined) return;
    const wish = { pinned: this.#options.pinned, speaker: this.#sound?.speaker ?? null, format };
    const comes = (ssrc: number) => nowMs - (this.#heardMs.get(ssrc) ?? Number.NEGATIVE_INFINITY) < LAYER_SILENCE_MS;
    const chosen = chosenPicture(this.#streams, wish, comes);
    this.#picture?.aim(chosen, nowMs);
    const isBlind = chosen === null && this.#streams.some(({ media }) => media === 'video');
    if (isBlind && !this.#isBlind) this.#options.note({ type: 'phone.blind', format: formatText(format) });
    this.#isBlind = isBlind;
  }

  /** Nothing else is sent here from now on. */
  #want(): void {
    const wants = phoneWants(this.#streams, this.#picture?.wanted ?? []);
    if (sameData(wants, this.#wants)) return;
    this.#wants = wants;
    this.#room?.participant.own.setWants({ wants });
  }

  /** What the phone gets in this format from now on. It may have another number than before; another format is another stream. */
  #play(kind: Kind, before: Format | null, format: Format): void {
    const playing = kind === 'video' ? this.#picture : this.#sound;
    if (playing !== null && before !== null && isSameFormat(before, format)) {
      playing.payloadType = format.payloadType;
      return;
    }
    this.#lines[kind].beginAnew();
    if (kind === 'video') this.#picture = this.#openPicture(format);
    else this.#openSound(format);
  }

  /** The phone takes nothing of this kind any more: nothing of it is wanted of the room. */
  #stop(kind: Kind): void {
    if (kind === 'video') this.#picture = null;
    else this.#sound = null;
  }

  #openPicture({ payloadType }: Format): PictureSwitch {
    const line = this.#lines.video;
    return new PictureSwitch(line.ssrc, payloadType, {
      send: (packet) => line.send(packet),
      requestKeyFrame: ({ peer, stream }) => this.#room?.participant.requestKeyFrame(peer, stream) ?? false,
      onShown: ({ peer, stream }) => this.#options.note({ type: 'phone.shows', peer, stream }),
    });
  }

  #openSound(format: Format): void {
    const line = this.#lines.audio;
    const sound = new PhoneSound(line.ssrc, format, (packet) => line.send(packet));
    sound.setStreams(this.#streams);
    this.#sound = sound;
    clearTimeout(this.#frames);
    this.#frameMs = this.#options.now();
    this.#nextFrame();
  }

  /** Each frame at its time, and no other sooner where one was late. */
  #nextFrame(): void {
    const nowMs = this.#options.now();
    // After a stall the phone needs what comes now, not all that should have come.
    if (nowMs - this.#frameMs > 10 * FRAME_MS) this.#frameMs = nowMs;
    for (; this.#frameMs <= nowMs; this.#frameMs += FRAME_MS) this.#sound?.tick(nowMs);
    this.#frames = setTimeout(() => this.#nextFrame(), Math.max(1, this.#frameMs - nowMs)).unref();
  }

  /** The phone's own stream of this kind, from now on until the call ends, or it sends another format. */
  #show(kind: Kind, wanted: Format): void {
    const shown = this.#shown.get(kind);
    if (this.#room === null || (shown !== undefined && isSameFormat(shown, wanted))) return;
    this.#shown.set(kind, wanted);
    if (shown !== undefined) {
      this.#sources.delete(kind);
      this.#room.removeStream(NAMES[kind]).catch(() => {
        // The call is over: it is gone anyway.
      });
    }
    const { codec, fmtp, payloadType } = wanted;
    const number = kind === 'audio' && payloadType < 96 ? payloadType : ROOM_PAYLOAD_TYPES[kind];
    const format: StreamFormat = { codec, media: kind, payloadType: number, fmtp };
    const rate = RATES[kind];
    const line = this.#lines[kind];
    this.#room
      .addStream(
        { name: NAMES[kind], format, bitrate: { minBps: rate, maxBps: rate }, group: null, layer: 0 },
        (options) => {
          const source = new FedSource({
            ...{ ssrc: options.ssrc, send: options.send, onTime: options.onTime, format, now: this.#options.now },
            ...{ firstSequence: randomInt(2 ** 16), firstTimestamp: randomInt(2 ** 32), onRate: () => undefined },
          });
          source.fedBy({
            requestKeyFrame: (ssrc) => {
              if (!line.requestKeyFrame(ssrc)) this.#options.askByCall();
            },
          });
          this.#sources.set(kind, source);
          return source;
        },
      )
      .catch(() => {
        // The call is over: nobody would receive it.
      });
  }
}

/** For a person. */
function formatText({ codec, fmtp }: Format): string {
  const mode = codec.name.toLowerCase() === 'h264' ? ` mode ${parameterOf(fmtp, 'packetization-mode') ?? '0'}` : '';
  return `${formatCodec(codec)}${mode}`;
}
