/**
 * The one RTCPeerConnection to the peer's gateway. M-lines are never removed: own tracks come and go by `replaceTrack`,
 * others' by what the peer sends on a slot, and neither needs an offer, which costs the browser as much as a first one. Slots are made
 * some at a time, before they are needed: with 25 at once joining takes 70 ms longer.
 */
import type { OwnName, SentTrack } from '../link/messages.ts';
import type { SlotMids } from '../state/slots.ts';
import { preferCodecs, receivedCodecs, sentCodecs, trimExtensions } from './codecs.ts';
import { type Encodings, SENDS, type Send } from './sends.ts';

export interface ConnectionEvents {
  readonly onOffer: (sdp: string, tracks: SentTrack[]) => void;
  /** What comes and goes on m-lines that were offered. */
  readonly onTracks: (tracks: SentTrack[]) => void;
  /** Nothing gets through any more: a new connection is needed. */
  readonly onLost: () => void;
}

export interface ConnectionOptions {
  /** What the peer can carry, `video/VP8`. */
  readonly codecs: readonly string[];
  /** bit/s that the room's plan gave last, for encodings to begin at. */
  readonly planned: ReadonlyMap<string, number>;
}

/** One slot's ends. */
export interface Slot {
  readonly video: RTCRtpReceiver;
  readonly audio: RTCRtpReceiver;
}

/** What one encoder is to send. */
interface Rate {
  readonly sender: RTCRtpSender;
  readonly rid: string | null;
  /** bit/s. */
  readonly maxBps: number;
}

export class Connection {
  readonly #pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  readonly #events: ConnectionEvents;
  readonly #codecs: readonly string[];
  readonly #planned: ReadonlyMap<string, number>;
  readonly #sends = new Map<OwnName, RTCRtpTransceiver>();
  readonly #receives: { readonly video: RTCRtpTransceiver; readonly audio: RTCRtpTransceiver }[] = [];
  /** Streams that the peer is told of. */
  readonly #present = new Set<OwnName>();
  /** What encoders are still to be set to, by m-line and layer: of several figures for one the newest. */
  readonly #rates = new Map<string, Rate>();
  #settingRates = false;
  /** An offer is on its way; `again`: what it says is old already. */
  #offering: 'no' | 'yes' | 'again' = 'no';

  constructor({ codecs, planned }: ConnectionOptions, events: ConnectionEvents) {
    this.#events = events;
    this.#codecs = codecs;
    this.#planned = planned;
    this.#pc.onconnectionstatechange = () => {
      if (this.#pc.connectionState === 'failed') events.onLost();
    };
    // The camera comes first: its m-line carries the whole bundle and has to stay.
    for (const send of SENDS) if (send.atOnce) this.#open(send);
  }

  #open({ name, kind, encodings }: Send): void {
    const sendEncodings = encodings(this.#planned);
    const transceiver = this.#pc.addTransceiver(kind, { direction: 'sendonly', sendEncodings });
    preferCodecs(transceiver, sentCodecs(kind, this.#codecs));
    this.#sends.set(name, transceiver);
  }

  /** Makes slots where there are fewer. They are of use after the next offer. @returns whether there are more now */
  reserve(slots: number): boolean {
    const before = this.#receives.length;
    while (this.#receives.length < slots)
      this.#receives.push({ video: this.#receive('video'), audio: this.#receive('audio') });
    return this.#receives.length > before;
  }

  #receive(kind: 'audio' | 'video'): RTCRtpTransceiver {
    const transceiver = this.#pc.addTransceiver(kind, { direction: 'recvonly' });
    preferCodecs(transceiver, receivedCodecs(kind, this.#codecs));
    trimExtensions(transceiver);
    return transceiver;
  }

  get slots(): readonly Slot[] {
    return this.#receives.map(({ video, audio }) => ({ video: video.receiver, audio: audio.receiver }));
  }

  /** Of the slots; none before the first offer. */
  get mids(): readonly SlotMids[] {
    return this.#receives.flatMap(({ video, audio }) =>
      video.mid === null || audio.mid === null ? [] : [{ video: video.mid, audio: audio.mid }],
    );
  }

  /** The first offer says that it is sent: its track comes soon. */
  expect(name: OwnName): void {
    this.#present.add(name);
  }

  /**
   * Fills or empties a stream of one's own.
   *
   * @param present whether the room is told of the stream: one that is muted, or a camera that is off, is there and sends nothing
   */
  async setTrack(name: OwnName, track: MediaStreamTrack | null, present: boolean): Promise<void> {
    // A screen and its sound begin together, with one offer.
    if (track !== null && !this.#sends.has(name)) for (const send of SENDS) if (!send.atOnce) this.#open(send);
    await this.#sends.get(name)?.sender.replaceTrack(track);
    if (this.#present.has(name) === present) return;
    if (present) this.#present.add(name);
    else this.#present.delete(name);
    // Before the first offer, it says so itself.
    if (this.#pc.localDescription === null) return;
    if (this.#hasMids) this.#events.onTracks(this.#tracks());
    else await this.offer();
  }

  /** Whether all m-lines were offered. */
  get #hasMids(): boolean {
    return [...this.#sends.values()].every(({ mid }) => mid !== null);
  }

  /** Says what there is to send and to receive on. One offer at a time. */
  async offer(): Promise<void> {
    if (this.#offering !== 'no') {
      this.#offering = 'again';
      return;
    }
    this.#offering = 'yes';
    await this.#pc.setLocalDescription();
    this.#events.onOffer(this.#pc.localDescription?.sdp ?? '', this.#tracks());
  }

  /** @throws {DOMException} where the browser cannot take the answer */
  async answer(sdp: string): Promise<void> {
    if (this.#pc.signalingState !== 'have-local-offer') return;
    await this.#pc.setRemoteDescription({ type: 'answer', sdp });
    const again = this.#offering === 'again';
    this.#offering = 'no';
    if (again) await this.offer();
  }

  /**
   * Sets an encoder to what the room's plan gives it.
   *
   * @param rid of the layer; null: there is one only
   * @param maxBps bit/s; 0: nobody receives it, and nothing is encoded
   */
  setRate(mid: string, rid: string | null, maxBps: number): void {
    const sender = [...this.#sends.values()].find((each) => each.mid === mid)?.sender;
    if (sender === undefined) return;
    this.#rates.set(`${mid} ${rid}`, { sender, rid, maxBps });
    if (!this.#settingRates) void this.#setRates();
  }

  /** One after the other: `setParameters` takes only what `getParameters` just gave. */
  async #setRates(): Promise<void> {
    this.#settingRates = true;
    for (const [key, rate] of this.#rates) {
      this.#rates.delete(key);
      // A connection that was closed meanwhile has no encoders.
      await setEncoder(rate).catch(() => undefined);
    }
    this.#settingRates = false;
  }

  /** Loudness by slot, 0 to 1 (Identifiers for WebRTC's Statistics, audioLevel). */
  async levels(): Promise<number[]> {
    const stats = await this.#pc.getStats();
    const byMid = new Map<unknown, number>();
    stats.forEach((each: { type: string; kind?: string; mid?: string; audioLevel?: number }) => {
      if (each.type === 'inbound-rtp' && each.kind === 'audio') byMid.set(each.mid, each.audioLevel ?? 0);
    });
    return this.#receives.map(({ audio }) => byMid.get(audio.mid) ?? 0);
  }

  get isClosed(): boolean {
    return this.#pc.connectionState === 'closed';
  }

  close(): void {
    this.#pc.onconnectionstatechange = null;
    this.#pc.close();
  }

  #tracks(): SentTrack[] {
    return SENDS.flatMap(({ name, layers }) => {
      const mid = this.#sends.get(name)?.mid ?? null;
      return mid === null || !this.#present.has(name) ? [] : [{ mid, stream: name, layers }];
    });
  }
}

async function setEncoder({ sender, rid, maxBps }: Rate): Promise<void> {
  const parameters = sender.getParameters();
  const encodings: Encodings = parameters.encodings;
  const encoding = rid === null ? encodings[0] : encodings.find((each) => each.rid === rid);
  if (encoding === undefined) return;
  encoding.active = maxBps > 0;
  if (maxBps > 0) encoding.maxBitrate = Math.round(maxBps);
  await sender.setParameters(parameters);
}
