/**
 * The one RTCPeerConnection to the peer's gateway. All m-lines are made at once and are never removed: own tracks come and
 * go by `replaceTrack`, others' by what the peer sends on a slot, so that nobody's coming or going is negotiated.
 */
import type { OwnName, SentTrack } from '../link/messages.ts';
import type { SlotMids } from '../state/slots.ts';
import { receivedCodecs, sentCodecs } from './codecs.ts';
import { type Encodings, SENDS } from './sends.ts';

export interface ConnectionEvents {
  readonly onOffer: (sdp: string, tracks: SentTrack[]) => void;
  /** Nothing gets through any more: a new connection is needed. */
  readonly onLost: () => void;
}

export interface ConnectionOptions {
  /** Pairs of m-lines to receive on. */
  readonly slots: number;
  /** What the peer can carry, `VP8/90000`. */
  readonly codecs: readonly string[];
  /** bit/s that the room's plan gave last, for encodings to begin at. */
  readonly planned: ReadonlyMap<string, number>;
}

/** One slot's ends. */
export interface Slot {
  readonly video: RTCRtpReceiver;
  readonly audio: RTCRtpReceiver;
}

export class Connection {
  readonly #pc = new RTCPeerConnection({ bundlePolicy: 'max-bundle' });
  readonly #events: ConnectionEvents;
  readonly #sends = new Map<OwnName, RTCRtpTransceiver>();
  readonly #receives: { readonly video: RTCRtpTransceiver; readonly audio: RTCRtpTransceiver }[] = [];
  /** Streams that the peer is told of. */
  readonly #present = new Set<OwnName>();
  /** Encoders are set one after the other: `setParameters` takes only what `getParameters` just gave. */
  #encoders: Promise<void> = Promise.resolve();
  /** An offer is on its way; `again`: what it says is old already. */
  #offering: 'no' | 'yes' | 'again' = 'no';

  constructor({ slots, codecs, planned }: ConnectionOptions, events: ConnectionEvents) {
    this.#events = events;
    this.#pc.onconnectionstatechange = () => {
      if (this.#pc.connectionState === 'failed') events.onLost();
    };
    // The camera comes first: its m-line carries the whole bundle and has to stay.
    for (const { name, kind, encodings } of SENDS) {
      const transceiver = this.#pc.addTransceiver(kind, { direction: 'sendonly', sendEncodings: encodings(planned) });
      preferCodecs(transceiver, sentCodecs(kind, codecs));
      this.#sends.set(name, transceiver);
    }
    const video = receivedCodecs('video', codecs);
    const audio = receivedCodecs('audio', codecs);
    for (let slot = 0; slot < slots; slot++) {
      const pair = {
        video: this.#pc.addTransceiver('video', { direction: 'recvonly' }),
        audio: this.#pc.addTransceiver('audio', { direction: 'recvonly' }),
      };
      preferCodecs(pair.video, video);
      preferCodecs(pair.audio, audio);
      this.#receives.push(pair);
    }
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

  /**
   * Fills or empties a stream of one's own.
   *
   * @param present whether the room is told of the stream: one that is muted, or a camera that is off, is there and sends nothing
   */
  async setTrack(name: OwnName, track: MediaStreamTrack | null, present: boolean): Promise<void> {
    await this.#sends.get(name)?.sender.replaceTrack(track);
    if (this.#present.has(name) === present) return;
    if (present) this.#present.add(name);
    else this.#present.delete(name);
    if (this.#offering !== 'no' || this.#pc.localDescription !== null) await this.offer();
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
    this.#encoders = this.#encoders.then(() => setEncoder(sender, rid, maxBps)).catch(() => undefined);
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

async function setEncoder(sender: RTCRtpSender, rid: string | null, maxBps: number): Promise<void> {
  const parameters = sender.getParameters();
  const encodings: Encodings = parameters.encodings;
  const encoding = rid === null ? encodings[0] : encodings.find((each) => each.rid === rid);
  if (encoding === undefined) return;
  encoding.active = maxBps > 0;
  if (maxBps > 0) encoding.maxBitrate = Math.round(maxBps);
  await sender.setParameters(parameters);
}

/** Fewer codecs make a smaller offer: of 25 pairs 54 kB instead of 148. */
function preferCodecs(transceiver: RTCRtpTransceiver, codecs: RTCRtpCodec[]): void {
  if (codecs.length > 0) transceiver.setCodecPreferences?.(codecs);
}
