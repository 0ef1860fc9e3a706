/** Our side of offers and answers (RFC 3264): one section of sound and one of pictures, each in one format. */
import { type Codec, formatCodec } from '../../codec/codec.ts';
import { parameterOf } from '../../sdp/format-parameters.ts';
import { type Direction, type Format, type PictureFeedback, readDescription, type Section } from './read.ts';

export type Kind = 'audio' | 'video';

/** What we can send and receive of one kind. */
export interface OwnMedia {
  readonly kind: Kind;
  readonly port: number;
  readonly rtcpPort: number;
  /** The best first; payload types for offers of ours. */
  readonly formats: readonly Format[];
}

export interface Agreed {
  readonly kind: Kind;
  /** Both ways. */
  readonly format: Format;
  /** Payload types that it may send that under: its own number, and the one of our offer (RFC 3264 section 5.1). */
  readonly heardAs: readonly number[];
  /** Where it wants to receive; null: it has not said, or holds. */
  readonly to: { readonly host: string; readonly port: number; readonly rtcpPort: number } | null;
  /** Whether it wants to receive, and whether it may send. */
  readonly isSentTo: boolean;
  readonly sends: boolean;
  /** How it is asked for a key frame; null: it takes no feedback for that. */
  readonly keyFrameBy: PictureFeedback | null;
}

const PROTOCOLS = new Set(['RTP/AVP', 'RTP/AVPF']);
const MAX_PORT = 65_535;

export class MediaSession {
  readonly #id: number;
  readonly #host: string;
  readonly #media: readonly OwnMedia[];
  /** Of our description: counts its changes (RFC 3264 section 8). */
  #version = 0;
  #text = '';
  /** Sections of the last description, theirs or ours, in their order: later ones keep it. */
  #order: readonly string[] = [];
  #agreed: readonly Agreed[] = [];

  /** @param host our address, a literal */
  constructor(id: number, host: string, media: readonly OwnMedia[]) {
    this.#id = id;
    this.#host = host;
    this.#media = media;
  }

  get agreed(): readonly Agreed[] {
    return this.#agreed;
  }

  /** The answer to an offer; null: there is nothing in it for us, and all stays as it was. */
  answer(offer: string): string | null {
    const sections = readDescription(offer)?.sections;
    if (sections === undefined) return null;
    const taken = new Set<Kind>();
    const answered = sections.map((section) => {
      const agreed = this.#agree(section, taken);
      if (agreed !== undefined) taken.add(agreed.kind);
      return { section, agreed };
    });
    const agreed = answered.flatMap((one) => one.agreed ?? []);
    if (agreed.length === 0) return null;
    this.#agreed = agreed;
    this.#order = sections.map(({ kind }) => kind);
    return this.#describe(
      answered.flatMap(({ section, agreed }) =>
        agreed === undefined
          ? [`m=${section.kind} 0 ${section.protocol} ${section.written}`]
          : this.#section(agreed.kind, section.protocol, [agreed.format], answerTo(section.direction)),
      ),
    );
  }

  /** What we offer: all that we can, or what holds already. */
  offer(): string {
    const known = this.#order.length > 0 ? this.#order : this.#media.map(({ kind }) => kind);
    const described = new Set<string>();
    const sections = known.flatMap((kind) => {
      const own = this.#media.find((media) => media.kind === kind);
      const agreed = this.#agreed.find((one) => one.kind === kind);
      if (own === undefined || described.has(kind) || (this.#agreed.length > 0 && agreed === undefined)) {
        return [`m=${kind} 0 RTP/AVP 0`];
      }
      described.add(kind);
      return this.#section(own.kind, 'RTP/AVP', agreed === undefined ? own.formats : [agreed.format], 'sendrecv');
    });
    this.#order = known;
    return this.#describe(sections);
  }

  /** The answer to our offer. @returns false: there is nothing in it for us */
  take(answer: string): boolean {
    const sections = readDescription(answer)?.sections;
    if (sections === undefined) return false;
    const taken = new Set<Kind>();
    const agreed = sections.flatMap((section) => {
      const one = this.#agree(section, taken);
      if (one !== undefined) taken.add(one.kind);
      return one ?? [];
    });
    if (agreed.length === 0) return false;
    this.#agreed = agreed;
    return true;
  }

  #agree(section: Section, taken: ReadonlySet<Kind>): Agreed | undefined {
    const own = this.#media.find(({ kind }) => kind === section.kind);
    if (own === undefined || taken.has(own.kind) || section.port === 0 || !PROTOCOLS.has(section.protocol))
      return undefined;
    const before = this.#agreed.find(({ kind }) => kind === own.kind);
    // What is sent already goes on in its format.
    const preferred = before === undefined ? own.formats : [before.format, ...own.formats];
    for (const ours of preferred) {
      const format = section.formats.find((theirs) => isSameFormat(ours, theirs));
      if (format === undefined) continue;
      const { host, port, rtcpPort, direction } = section;
      const to = host === null ? null : { host, port, rtcpPort: rtcpPort ?? Math.min(port + 1, MAX_PORT) };
      const isSentTo = host !== null && (direction === 'sendrecv' || direction === 'recvonly');
      const sends = direction === 'sendrecv' || direction === 'sendonly';
      const { feedback } = section;
      const keyFrameBy = feedback.has('pli') ? 'pli' : feedback.has('fir') ? 'fir' : null;
      const heardAs = [format.payloadType, ours.payloadType];
      return { kind: own.kind, format, heardAs, to, isSentTo, sends, keyFrameBy };
    }
    return undefined;
  }

  #section(kind: Kind, protocol: string, formats: readonly Format[], direction: Direction): string[] {
    const own = this.#media.find((media) => media.kind === kind);
    if (own === undefined) return [];
    return [
      `m=${kind} ${own.port} ${protocol} ${formats.map(({ payloadType }) => payloadType).join(' ')}`,
      ...formats.flatMap(({ payloadType, codec, fmtp }) => [
        `a=rtpmap:${payloadType} ${formatCodec(codec)}`,
        ...(fmtp === '' ? [] : [`a=fmtp:${payloadType} ${fmtp}`]),
      ]),
      // Of all formats at once: an offer of ours is to fit a datagram.
      ...(kind === 'audio' ? ['a=ptime:20'] : ['a=rtcp-fb:* nack pli', 'a=rtcp-fb:* ccm fir']),
      `a=rtcp:${own.rtcpPort}`,
      `a=${direction}`,
    ];
  }

  #describe(sections: readonly string[]): string {
    const text = sections.join('\n');
    if (text !== this.#text) this.#version++;
    this.#text = text;
    const address = `IN ${this.#host.includes(':') ? 'IP6' : 'IP4'} ${this.#host}`;
    const head = ['v=0', `o=rpr ${this.#id} ${this.#version} ${address}`, 's=-', `c=${address}`, 't=0 0'];
    return [...head, ...sections].map((line) => `${line}\r\n`).join('');
  }
}

/** Whether a stream of one format is one of the other, too. */
export function isSameFormat(one: Omit<Format, 'payloadType'>, other: Omit<Format, 'payloadType'>): boolean {
  return nameOf(one.codec) === nameOf(other.codec) && modeOf(one) === modeOf(other);
}

/**
 * Whether who decodes one format decodes what is sent in the other: of H.264 also what is cut into no pieces, where pieces would be
 * taken (RFC 6184 section 6.3). Not the other way: who takes no pieces has no use for half a picture, and whole ones fit no packet.
 */
export function decodes(decoder: Omit<Format, 'payloadType'>, sent: Omit<Format, 'payloadType'>): boolean {
  return nameOf(decoder.codec) === nameOf(sent.codec) && (modeOf(sent) === modeOf(decoder) || modeOf(sent) === '0');
}

/** Encoding names are the same in any case; one channel need not be said. */
function nameOf(codec: Codec): string {
  return formatCodec(codec)
    .toLowerCase()
    .replace(/^([^/]+\/\d+)\/1$/, '$1');
}

/** Of H.264: whether pictures may be cut into pieces (RFC 6184 section 6). */
function modeOf({ codec, fmtp }: Omit<Format, 'payloadType'>): string {
  return codec.name.toLowerCase() === 'h264' ? (parameterOf(fmtp, 'packetization-mode') ?? '0') : '';
}

/** RFC 3264 section 6.1. */
function answerTo(direction: Direction): Direction {
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}
