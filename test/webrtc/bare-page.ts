/** A page without a browser: it offers, checks, shakes hands and sends as one does, and wrongly where a test wants it. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { DtlsClient } from 'werift';
import { SRTP_PROFILES, type SrtpProfile } from '../../infra/srtp/profile.ts';
import { SrtpReceiver, SrtpSender } from '../../infra/srtp/srtp.ts';
import { type Certificate, loadWerift, makeCertificate } from '../../infra/webrtc/certificate.ts';
import type { LinkState } from '../../infra/webrtc/contract.ts';
import { kindOf } from '../../infra/webrtc/first-byte.ts';
import { WebRtcLink } from '../../infra/webrtc/link.ts';
import { type Check, writeCheck } from './checks.ts';
import { CODECS, callLines, type OfferedLine, offerOf } from './offers.ts';

const UFRAG = 'page';

export interface BarePageOptions {
  readonly lines?: readonly OfferedLine[];
  /** The name in the first line of its offers; default: Chromium's. */
  readonly origin?: string;
  readonly profiles?: readonly SrtpProfile[];
  /** Shown in the handshake; default: the one of the offer. */
  readonly shown?: Certificate;
  /** With which the handshake is signed; default: the one that is shown. */
  readonly signing?: Certificate;
  /** The link's clock. */
  readonly now?: () => number;
  /** What becomes of each datagram of the handshake that the page sends. */
  readonly sendDtls?: (datagram: Buffer, send: (datagram: Buffer) => void) => void;
}

export interface Media {
  readonly packet: Buffer;
  readonly mid: string;
  readonly rid: string | null;
}

interface Keys {
  readonly sender: SrtpSender;
  readonly receiver: SrtpReceiver;
}

export class BarePage implements AsyncDisposable {
  readonly link: WebRtcLink;
  readonly socket: Socket;
  /** What the link has made of this page's packets. */
  readonly media: Media[] = [];
  readonly reports: Buffer[] = [];
  readonly states: LinkState[] = [];
  /** What has come from the link. */
  readonly received: Uint8Array[] = [];
  readonly #options: BarePageOptions;
  readonly #certificate: Certificate;
  readonly #transport;
  #remote = { host: '', port: 0, ufrag: '', password: '' };
  #keys: Keys | null = null;
  #answered: (() => void)[] = [];
  #arrived: (() => void)[] = [];
  #changed: (() => void)[] = [];

  private constructor(link: WebRtcLink, socket: Socket, certificate: Certificate, options: BarePageOptions) {
    this.link = link;
    this.socket = socket;
    this.#certificate = certificate;
    this.#options = options;
    const { sendDtls = (datagram, send) => send(datagram) } = options;
    this.#transport = {
      type: 'udp',
      address: { address: '127.0.0.1', family: 'IPv4', port: 0 },
      closed: false,
      onData: (_data: Buffer): void => undefined,
      send: async (data: Buffer) => sendDtls(data, (datagram) => this.send(datagram)),
      close: async () => undefined,
    };
    socket.on('message', (datagram) => this.#take(datagram));
  }

  static async open(options: BarePageOptions = {}): Promise<BarePage> {
    const opened: { page?: BarePage } = {};
    const link = await WebRtcLink.open({
      ...{ now: options.now ?? (() => performance.now()), codecs: CODECS, cname: 'gateway' },
      onRtp: (packet, mid, rid) => opened.page?.media.push({ packet: Buffer.from(packet), mid, rid }),
      onRtcp: (packet) => opened.page?.reports.push(Buffer.from(packet)),
      onState: (state) => opened.page?.takeState(state),
    });
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    opened.page = new BarePage(link, socket, await makeCertificate(await loadWerift()), options);
    await opened.page.offer(options.lines ?? callLines(1));
    return opened.page;
  }

  /** One that is connected. */
  static async connected(options: BarePageOptions = {}): Promise<BarePage> {
    const page = await BarePage.open(options);
    await page.check({ nominates: true });
    await page.shakeHands();
    return page;
  }

  get certificate(): Certificate {
    return this.#certificate;
  }

  /** Where the link is. */
  get host(): string {
    return this.#remote.host;
  }

  get port(): number {
    return this.#remote.port;
  }

  async offer(lines: readonly OfferedLine[]): Promise<string> {
    const value = [...this.#certificate.fingerprint.value].map((byte) => byte.toString(16).padStart(2, '0')).join(':');
    const { origin } = this.#options;
    const transport = { ufrag: UFRAG, fingerprint: `sha-256 ${value}`, ...(origin === undefined ? {} : { origin }) };
    const answer = await this.link.answer(offerOf(lines, transport));
    const told = (name: string) => new RegExp(`^a=${name}:(.*)$`, 'm').exec(answer)?.[1]?.trim() ?? '';
    const [, , , , host = '', port] = told('candidate').split(' ');
    this.#remote = {
      ...{ host, port: Number(port) },
      ufrag: told('ice-ufrag'),
      password: told('ice-pwd'),
    };
    return answer;
  }

  send(datagram: Uint8Array): void {
    this.socket.send(datagram, this.#remote.port, this.#remote.host);
  }

  /** Resolves with the answer: all that was sent before has then been seen. */
  check(check: Partial<Check> = {}): Promise<void> {
    const { ufrag, password } = this.#remote;
    this.send(writeCheck({ username: `${ufrag}:${UFRAG}`, password, ...check }));
    return new Promise((resolve) => this.#answered.push(resolve));
  }

  async shakeHands(): Promise<void> {
    const { profiles = SRTP_PROFILES, shown = this.#certificate, signing = shown } = this.#options;
    const client = new DtlsClient({
      ...{ cert: shown.certificate, key: signing.key, signatureHash: shown.signatureHash, transport: this.#transport },
      ...{ srtpProfiles: profiles.map(({ number }) => number), extendedMasterSecret: true },
    });
    const connected = new Promise<void>((resolve) => client.onConnect.once(() => resolve()));
    void client.connect();
    await connected;
    const profile = profiles.find(({ number }) => number === client.srtp.srtpProfile);
    if (profile === undefined) return;
    const keys = client.extractSessionKeys(profile.keyBytes, profile.saltBytes);
    this.#keys = {
      sender: new SrtpSender({ profile, key: keys.localKey, salt: keys.localSalt }),
      receiver: new SrtpReceiver({ profile, key: keys.remoteKey, salt: keys.remoteSalt }),
    };
  }

  sendRtp(packet: Uint8Array): void {
    if (this.#keys !== null) this.send(this.#keys.sender.protectRtp(packet));
  }

  sendRtcp(packet: Uint8Array): void {
    if (this.#keys !== null) this.send(this.#keys.sender.protectRtcp(packet));
  }

  /** The next that comes from the link, decrypted. */
  async next(): Promise<Uint8Array> {
    if (this.received.length === 0) await new Promise<void>((resolve) => this.#arrived.push(resolve));
    return this.received.shift() ?? new Uint8Array();
  }

  takeState(state: LinkState): void {
    this.states.push(state);
    for (const look of this.#changed.splice(0)) look();
  }

  /** Until the link is in this state. */
  async become(state: LinkState): Promise<void> {
    while (this.link.state !== state) await new Promise<void>((resolve) => this.#changed.push(resolve));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.close();
    await new Promise<void>((resolve) => this.socket.close(() => resolve()));
  }

  #take(datagram: Buffer): void {
    const kind = kindOf(datagram);
    if (kind === 'stun') for (const resolve of this.#answered.splice(0, 1)) resolve();
    if (kind === 'dtls') this.#transport.onData(datagram);
    const packet =
      kind === 'rtp' ? this.#keys?.receiver.unprotectRtp(datagram) : this.#keys?.receiver.unprotectRtcp(datagram);
    if ((kind !== 'rtp' && kind !== 'rtcp') || packet === undefined || typeof packet === 'string') return;
    this.received.push(Uint8Array.from(packet));
    for (const resolve of this.#arrived.splice(0)) resolve();
  }
}
