/** One page's connection: a socket, a clock, and what each datagram is. */
import { randomInt } from 'node:crypto';
import type { Endpoint } from '../path/contract.ts';
import { hasWholeHeader, RTCP_MIN_BYTES, RTP_HEADER_BYTES, readSsrcKey, ssrcKey } from '../rtp/header.ts';
import { SrtpReceiver, type SrtpRefusal, SrtpSender } from '../srtp/srtp.ts';
import { writeAnswer } from './answer.ts';
import { type Certificate, loadWerift, makeCertificate, type Werift } from './certificate.ts';
import {
  LINK_COUNTERS,
  type LinkCounter,
  type LinkCounters,
  type LinkMedia,
  type LinkState,
  type WebRtcLinkOptions,
} from './contract.ts';
import { Dtls } from './dtls.ts';
import { WebRtcError } from './errors.ts';
import { kindOf } from './first-byte.ts';
import { withoutExtension } from './header-extension.ts';
import { IceLite } from './ice-lite.ts';
import { Negotiation } from './negotiation.ts';
import { readOffer } from './offer.ts';
import { PageSocket } from './page-socket.ts';
import { StreamBinding } from './stream-binding.ts';

const SSRC_COUNT = 2 ** 32;
/** Numbers that name a description (RFC 8866 section 5.2). */
const SESSION_IDS = 2 ** 47;
/** Why SRTP refused a packet, as it is counted. */
const REFUSED: Readonly<Record<SrtpRefusal, LinkCounter>> = {
  malformed: 'notOurs',
  'not-authentic': 'notAuthentic',
  replayed: 'replayed',
};

interface Keys {
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
}

export class WebRtcLink {
  readonly #options: WebRtcLinkOptions;
  readonly #certificate: Certificate;
  readonly #dtls: Dtls;
  readonly #ice: IceLite;
  readonly #negotiation: Negotiation;
  readonly #binding = new StreamBinding();
  readonly #counters: Record<LinkCounter, number>;
  readonly #sessionId = `${randomInt(SESSION_IDS)}`;
  /** Opened with the first offer, which tells what the browser can reach. */
  #opening: Promise<PageSocket> | null = null;
  #socket: PageSocket | null = null;
  #answers = 0;
  /** Keys of the SSRCs that the page expects. */
  #slots: ReadonlySet<number> = new Set();
  #keys: Keys | null = null;
  #state: LinkState = 'connecting';
  #timer: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;

  private constructor(options: WebRtcLinkOptions, werift: Werift, certificate: Certificate) {
    this.#options = options;
    this.#certificate = certificate;
    this.#counters = Object.fromEntries(LINK_COUNTERS.map((name) => [name, 0])) as Record<LinkCounter, number>;
    this.#ice = new IceLite(options.now());
    this.#negotiation = new Negotiation({ codecs: options.codecs, randomSsrc: () => randomInt(1, SSRC_COUNT) });
    this.#dtls = new Dtls({
      ...{ werift, certificate },
      send: (datagram) => this.#send(datagram),
      onConnected: ({ local, remote }) => {
        this.#keys = { sender: new SrtpSender(local), receiver: new SrtpReceiver(remote) };
        this.#setState('connected');
      },
      onEnded: () => void this.close(),
    });
  }

  /**
   * Does ahead of the first offer what takes time.
   *
   * @throws {WebRtcError} `link.failed`
   */
  static async open(options: WebRtcLinkOptions): Promise<WebRtcLink> {
    try {
      const werift = await loadWerift();
      const certificate = await makeCertificate(werift);
      return new WebRtcLink(options, werift, certificate);
    } catch (error) {
      throw linkFailed(error);
    }
  }

  get state(): LinkState {
    return this.#state;
  }

  get media(): readonly LinkMedia[] {
    return this.#negotiation.media;
  }

  get counters(): LinkCounters {
    return this.#counters;
  }

  /**
   * The answer to the first offer, or to one that changes what there is. One at a time.
   *
   * @throws {WebRtcError} `offer.invalid`, `offer.unsupported`, `link.failed`: nothing has changed; `link.closed`
   */
  async answer(text: string): Promise<string> {
    const offer = readOffer(text);
    const socket = await this.#open(offer.takesLoopback);
    if (this.#state === 'closed') throw new WebRtcError('link.closed', 'The connection to the page is closed.');
    const { restartsIce } = this.#negotiation.take(offer);
    const { lines, media } = this.#negotiation;
    if (restartsIce || this.#ice.local === null) this.#ice.begin(offer.ice, this.#options.now());
    this.#dtls.expect(offer.fingerprint);
    this.#binding.setLines(lines);
    this.#slots = new Set(media.flatMap((each) => (each.direction === 'receive' ? [ssrcKey(each.ssrc)] : [])));
    this.#wakeWhenExpired();
    return writeAnswer(lines, {
      ...{ sessionId: this.#sessionId, version: ++this.#answers, ice: this.#ice.local ?? offer.ice },
      ...{ fingerprint: this.#certificate.fingerprint, cname: this.#options.cname },
      address: socket.endpoint,
    });
  }

  /** SSRC and payload type are what the page expects of a slot. The bytes are copied; what cannot be sent is counted. */
  sendRtp(packet: Uint8Array): void {
    const isWhole = packet.length >= RTP_HEADER_BYTES && hasWholeHeader(packet, packet.length);
    if (this.#keys === null || !isWhole || !this.#slots.has(readSsrcKey(packet))) this.#count('notSent');
    else this.#count(this.#send(this.#keys.sender.protectRtp(packet)) ? 'rtpOut' : 'notSent');
  }

  /** @param packet a compound packet (RFC 3550 section 6.1). The bytes are copied */
  sendRtcp(packet: Uint8Array): void {
    if (this.#keys === null || packet.length < RTCP_MIN_BYTES) this.#count('notSent');
    else this.#count(this.#send(this.#keys.sender.protectRtcp(packet)) ? 'rtcpOut' : 'notSent');
  }

  /** Tells the page, frees the port. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#dtls.close();
    this.#keys = null;
    this.#setState('closed');
    const socket = await this.#opening?.catch(() => null);
    await socket?.close();
  }

  async #open(takesLoopback: boolean): Promise<PageSocket> {
    this.#opening ??= PageSocket.open({
      takesLoopback,
      onDatagram: (datagram, from) => this.#count(this.#take(datagram, from)),
      onStranger: () => this.#count('fromElsewhere'),
      // The page's port is closed: its silence ends the link, not one message about it.
      onError: () => this.#count('notSent'),
    });
    try {
      this.#socket = await this.#opening;
      return this.#socket;
    } catch (error) {
      throw linkFailed(error);
    }
  }

  /** What has become of a datagram. */
  #take(datagram: Buffer, from: Endpoint): LinkCounter {
    const kind = kindOf(datagram);
    if (kind === 'stun') return this.#check(datagram, from);
    if (kind === 'other') return 'notOurs';
    if (!this.#ice.isValid(from.host, from.port)) return 'fromElsewhere';
    if (kind === 'dtls') return this.#dtls.take(datagram) ? 'dtlsIn' : 'dtlsRefused';
    // Media may overtake the end of the handshake: it is sent again or shown later.
    if (this.#keys === null) return 'notAuthentic';
    return kind === 'rtp' ? this.#takeRtp(datagram, this.#keys) : this.#takeRtcp(datagram, this.#keys);
  }

  #check(datagram: Buffer, from: Endpoint): LinkCounter {
    const checked = this.#ice.check(datagram, from, this.#options.now());
    if (checked.kind === 'refused') return 'stunRefused';
    this.#socket?.send(checked.bytes, from);
    return 'stunIn';
  }

  #takeRtp(datagram: Buffer, { receiver }: Keys): LinkCounter {
    const packet = receiver.unprotectRtp(datagram);
    if (typeof packet === 'string') return REFUSED[packet];
    const stream = this.#binding.streamOf(packet);
    if (stream === undefined) return 'unknownSsrc';
    this.#options.onRtp(withoutExtension(packet), stream.mid, stream.rid);
    return 'rtpIn';
  }

  #takeRtcp(datagram: Buffer, { receiver }: Keys): LinkCounter {
    const packet = receiver.unprotectRtcp(datagram);
    if (typeof packet === 'string') return REFUSED[packet];
    this.#options.onRtcp(packet);
    return 'rtcpIn';
  }

  /** Whether there is anybody to send it to. */
  #send(datagram: Uint8Array): boolean {
    const { remote } = this.#ice;
    if (remote === null || this.#closing !== undefined) return false;
    this.#socket?.send(datagram, remote);
    return true;
  }

  #wakeWhenExpired(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake(), this.#ice.expiresAtMs - this.#options.now());
    this.#timer.unref();
  }

  #wake(): void {
    if (this.#options.now() >= this.#ice.expiresAtMs) void this.close();
    else this.#wakeWhenExpired();
  }

  #setState(state: LinkState): void {
    if (this.#state === 'closed' || this.#state === state) return;
    this.#state = state;
    this.#options.onState(state);
  }

  #count(counter: LinkCounter): void {
    this.#counters[counter] += 1;
  }
}

function linkFailed(cause: unknown): WebRtcError {
  return new WebRtcError('link.failed', 'The connection to the page could not be prepared.', { cause });
}
