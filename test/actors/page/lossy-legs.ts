/**
 * A camera in one page and its viewer in another, in virtual time: page, gateway, the way through the room, gateway, page. Each of the
 * three legs loses packets both ways, by a seeded die. The gateways are the real ones.
 */
import { Receiving } from '../../../actors/media/repair/receiving.ts';
import { PageFeeds } from '../../../actors/page/page-feeds.ts';
import { PageSink } from '../../../actors/page/slots/page-sink.ts';
import { FedSource } from '../../../actors/source/fed-source.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../../infra/rtcp/feedback.ts';
import { readNacks, writeNack } from '../../../infra/rtcp/nack.ts';
import { readSequence, readTimestamp } from '../../../infra/rtp/header.ts';
import { extendSequence, wireSequence } from '../../../infra/rtp/sequence.ts';
import { rtpPacket } from '../../rtp/packets.ts';
import { Random } from '../../simulation/world/random.ts';
import { VirtualClock } from '../virtual-clock.ts';

const FRAME_MS = 33;
/** 1.2 Mbit/s in packets of 1,000 bytes; a key frame has four times as many. */
const PACKETS = 5;
const KEY_PACKETS = 20;
/** How long what was sent can be sent again. */
const STORED_MS = 1000;
/** One way. */
const LOOPBACK_MS = 0.2;
const ROOM_MS = 25;
/** A browser waits for so long for a packet that is missing before it asks for a key frame. */
const PATIENCE_MS = 400;
/** And asks again for what it misses after so long. */
const RETRY_MS = 30;

const CAMERA = 5;
const SLOT = 77;
const STREAM = 42;
const KEY = 0;
const DELTA = 1;

export interface LegLoss {
  readonly fromPage: number;
  readonly room: number;
  readonly toPage: number;
}

interface Kept {
  readonly packet: Uint8Array;
  readonly atMs: number;
}

/** What was sent, and can be sent again for a second. */
class Store {
  readonly #kept = new Map<number, Kept>();

  put(packet: Uint8Array, atMs: number): void {
    this.#kept.set(readSequence(packet), { packet: Uint8Array.from(packet), atMs });
  }

  get(sequence: number, nowMs: number): Uint8Array | undefined {
    const kept = this.#kept.get(sequence);
    return kept !== undefined && nowMs - kept.atMs < STORED_MS ? Uint8Array.from(kept.packet) : undefined;
  }
}

/** Sends frames as an encoder does: each needs the one before, and a key frame comes only when it is asked for. */
class Camera {
  readonly store = new Store();
  frames = 0;
  #sequence = 65_000;
  #wantsKey = true;

  requestKeyFrame(): void {
    this.#wantsKey = true;
  }

  frame(nowMs: number): Uint8Array[] {
    const count = this.#wantsKey ? KEY_PACKETS : PACKETS;
    const packets = Array.from({ length: count }, (_, index) => {
      // The payload descriptor's S bit, and the frame header's key bit (RFC 7741 sections 4.2 and 4.3); whether it is the last.
      const payload = Buffer.alloc(1000);
      payload.set(index === 0 ? [0x10, this.#wantsKey ? KEY : DELTA] : [0, 0]);
      payload[2] = count;
      const timestamp = this.frames * FRAME_MS * 90;
      this.#sequence = (this.#sequence + 1) & 0xffff;
      return rtpPacket({ ssrc: CAMERA, sequence: this.#sequence, timestamp, payload, marker: index === count - 1 });
    });
    for (const packet of packets) this.store.put(packet, nowMs);
    this.#wantsKey = false;
    this.frames++;
    return packets;
  }
}

/** Decodes what comes in a slot as a browser does: in order, from a key frame on; what is missing it asks for. */
class Viewer {
  decoded = 0;
  readonly #ask: (rtcp: Uint8Array) => void;
  readonly #packets = new Map<number, Uint8Array>();
  /** Since when they are missing, and when they were asked for last. */
  readonly #missing = new Map<number, { readonly sinceMs: number; askedMs: number }>();
  #highest: number | null = null;
  /** The number with which the next frame begins; null: any key frame. */
  #next: number | null = null;
  #lostMs = Number.NEGATIVE_INFINITY;

  constructor(ask: (rtcp: Uint8Array) => void) {
    this.#ask = ask;
  }

  take(packet: Uint8Array, nowMs: number): void {
    const sequence = extendSequence(this.#highest ?? readSequence(packet), readSequence(packet));
    for (let lost = (this.#highest ?? sequence) + 1; lost < sequence; lost++) {
      this.#missing.set(lost, { sinceMs: nowMs, askedMs: Number.NEGATIVE_INFINITY });
    }
    this.#highest = Math.max(this.#highest ?? sequence, sequence);
    this.#missing.delete(sequence);
    this.#packets.set(sequence, Uint8Array.from(packet));
    this.#decode();
  }

  /** To be called every few milliseconds. */
  look(nowMs: number): void {
    const due = [...this.#missing].filter(([, { askedMs }]) => nowMs - askedMs >= RETRY_MS);
    for (const [, missing] of due) missing.askedMs = nowMs;
    const sequences = due.map(([sequence]) => wireSequence(sequence));
    if (sequences.length > 0) this.#ask(writeNack({ senderSsrc: 1, mediaSsrc: SLOT, sequences }));
    if ([...this.#missing.values()].some(({ sinceMs }) => nowMs - sinceMs >= PATIENCE_MS)) {
      this.#missing.clear();
      this.#next = null;
    }
    if (this.#next !== null || nowMs - this.#lostMs < PATIENCE_MS) return;
    this.#lostMs = nowMs;
    this.#ask(writePictureLoss(1, SLOT));
  }

  #decode(): void {
    if (this.#next === null) {
      const keys = [...this.#packets].filter(([, packet]) => packet[12] === 0x10 && packet[13] === KEY);
      this.#next = keys.map(([sequence]) => sequence).find((sequence) => this.#frameAt(sequence) > 0) ?? null;
      for (const old of this.#missing.keys()) if (this.#next !== null && old < this.#next) this.#missing.delete(old);
    }
    for (let next = this.#next; next !== null; next = this.#next) {
      const count = this.#frameAt(next);
      if (count === 0) return;
      for (let sequence = next; sequence < next + count; sequence++) this.#packets.delete(sequence);
      this.#next = next + count;
      this.decoded++;
    }
  }

  /** How many packets the frame has that begins there; 0: it is not whole. */
  #frameAt(first: number): number {
    const packet = this.#packets.get(first);
    const count = packet?.[14] ?? 0;
    if (packet === undefined || packet[12] !== 0x10) return 0;
    for (let sequence = first; sequence < first + count; sequence++) {
      const other = this.#packets.get(sequence);
      if (other === undefined || readTimestamp(other) !== readTimestamp(packet)) return 0;
    }
    return count;
  }
}

/** @returns what share of the frames was decoded, and how often the encoder had to begin anew */
export function watch(loss: LegLoss, seconds: number, seed = 1) {
  const random = new Random(seed);
  const clock = new VirtualClock(1000);
  const carry = (share: number, delayMs: number, run: () => void) => {
    if (!random.chance(share)) clock.after(delayMs, run);
  };
  const camera = new Camera();
  let keyFrames = 0;
  const sent = new Store();

  const toCamera = (rtcp: Uint8Array) => {
    for (const { sequences } of readNacks(rtcp)) {
      for (const sequence of sequences) {
        const again = camera.store.get(sequence, clock.now());
        if (again !== undefined) toGateway(again);
      }
    }
    if (readKeyFrameRequests(rtcp, 1).length > 0) {
      keyFrames++;
      camera.requestKeyFrame();
    }
  };
  const feeds = new PageFeeds({
    ...{ cname: 'gateway', clock },
    sendRtcp: (rtcp) => carry(loss.fromPage, LOOPBACK_MS, () => toCamera(rtcp)),
  });
  const toGateway = (packet: Uint8Array) =>
    carry(loss.fromPage, LOOPBACK_MS, () => feeds.takeRtp(Uint8Array.from(packet), '0', null));

  const source = new FedSource({
    ...{ ssrc: STREAM, firstSequence: 65_500, firstTimestamp: 7, now: clock.now },
    format: { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' },
    ...{ onTime: () => undefined, onRate: () => undefined },
    send: (packet) => {
      sent.put(packet, clock.now());
      throughRoom(Uint8Array.from(packet));
    },
  });
  feeds.follow([{ place: { mid: '0', rid: null }, source }]);

  let highest: number | undefined;
  const throughRoom = (packet: Uint8Array) =>
    carry(loss.room, ROOM_MS, () => {
      const sequence = extendSequence(highest ?? readSequence(packet), readSequence(packet));
      highest = Math.max(highest ?? sequence, sequence);
      receiving.arrived(packet, STREAM, sequence, { host: 'A', port: 1 }, 'A');
    });
  const receiving: Receiving = new Receiving({
    ...{ latency: 'auto', clock, play: (packet) => sink.deliver(packet) },
    ask: (_, __, sequences) =>
      carry(loss.room, ROOM_MS, () => {
        for (const sequence of sequences) {
          const again = sent.get(sequence, clock.now());
          if (again !== undefined) throughRoom(again);
        }
      }),
  });

  const sink = new PageSink({
    now: clock.now,
    requestKeyFrame: () => {
      carry(loss.room, ROOM_MS, () => source.requestKeyFrame());
      return true;
    },
  });
  const viewer = new Viewer((rtcp) => carry(loss.toPage, LOOPBACK_MS, () => sink.takeRtcp(rtcp)));
  const link = {
    ...{ cname: 'gateway', sendRtcp: () => undefined },
    sendRtp: (packet: Uint8Array) => carry(loss.toPage, LOOPBACK_MS, () => viewer.take(packet, clock.now())),
  };
  const formats = [{ payloadType: 120, codec: 'VP8/90000', fmtp: '' }];
  sink.follow(link, [{ direction: 'receive', mid: '4', kind: 'video', ssrc: SLOT, formats }]);
  const codec = { name: 'VP8', clockRate: 90_000 };
  const stream = { peer: 'A', stream: 'camera', ssrc: STREAM, codec, payloadType: 96, fmtp: '', group: null };
  sink.setStreams([{ ...stream, media: 'video' }]);
  sink.show([{ mid: '4', peer: 'A', stream: 'camera' }]);
  sink.begin();

  const tick = () => {
    for (const packet of camera.frame(clock.now())) toGateway(packet);
    clock.after(FRAME_MS, tick);
  };
  const look = () => {
    viewer.look(clock.now());
    clock.after(5, look);
  };
  tick();
  look();
  clock.advance(1000 * seconds);
  return { share: viewer.decoded / camera.frames, keyFrames };
}
