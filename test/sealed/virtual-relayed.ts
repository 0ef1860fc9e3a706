/**
 * A source whose only way to a receiver is a relay that watches, so that it has the key, and passes no digests on; and the bus. In virtual
 * time: what ships tells, asks and judges.
 */
import { EMPTY_TABLE } from '../../actors/media/addressed-table.ts';
import { Digests } from '../../actors/media/digests/digests.ts';
import type { ForgedPackets } from '../../actors/media/digests/taken-digests.ts';
import { freshIdentity } from '../../infra/crypto/identity-key.ts';
import { STREAM_KEY_BYTES, StreamOpener, StreamSealer } from '../../infra/srtp/stream-seal.ts';
import type { FaultyHop } from '../../machines/digests/hop-faults.ts';
import type { PeerId } from '../../machines/messages.ts';
import type { DigestsMessage, TransportEvent } from '../../machines/ports.ts';
import { addressedAt } from '../actors/transport-members.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';
import { LOOPBACK, rtpPacket } from '../path/rig.ts';
import { CAMERA, camera, cameraTo } from './media-party.ts';

/** A voice's. */
const PACKET_MS = 20;
/** From the source through the relay to the receiver. */
const WAY_MS = 40;
const BUS_MS = 60;
const PAYLOAD = 100;
const RELAY = { host: LOOPBACK, port: 7 };
const KEY = Buffer.alloc(STREAM_KEY_BYTES, 5);

/** What the relay sends in the place of a packet: of this index. */
type Instead = (index: number) => number | undefined;

export class VirtualRelayed {
  readonly clock = new VirtualClock(1000);
  readonly named: FaultyHop[] = [];
  /** What was played, by index: whether the source has sent it. */
  readonly played: { readonly index: number; readonly isForged: boolean; readonly atMs: number }[] = [];
  /** What the source sent and nobody played, since the receiver took it for old or for a copy. */
  lost = 0;
  /** The relay makes up packets in the place of others; undefined: it passes on what comes. */
  instead: Instead = () => undefined;
  readonly #a: Digests;
  readonly #b: Digests;
  readonly #sealer = new StreamSealer(KEY, 0);
  readonly #opener = new StreamOpener(KEY, 0);
  readonly #clear = Buffer.alloc(1500);
  #next = 0;
  #seq = 0;

  constructor() {
    const identity = freshIdentity();
    const options = (id: PeerId, tell: (event: TransportEvent) => void) => ({
      ...{ room: 'test', self: { id, epoch: 1 }, clock: this.clock, tell, ssrc: () => 1 },
      ...{
        identity: id === 'A' ? identity : null,
        keyOf: (peer: PeerId) => (peer === 'A' ? identity.publicKey : null),
      },
      // All RTCP is for the relay, or by it.
      ...{ path: { sendTo: () => undefined }, memberAt: () => 'R', onRefused: () => undefined },
      onForged: ({ indices, highest }: ForgedPackets) => this.#opener.disown(indices, highest),
    });
    this.#a = new Digests(options('A', (event) => this.#tell('A', event)));
    this.#b = new Digests(options('B', (event) => this.#tell('B', event)));
    const sealed = { isSealed: true };
    const apart = { ...sealed, address: null, from: [], rtcpTo: null };
    const r = { ...addressedAt('R', RELAY), ...sealed };
    const own = { ...cameraTo(['R'], ['R', 'B']), hops: [{ peer: 'R', slices: 0xffff, to: RELAY }] };
    this.#a.follow({ ...EMPTY_TABLE, own: [own], members: [r, { ...addressedAt('B', RELAY), ...apart }] });
    this.#b.follow({ ...EMPTY_TABLE, members: [r, { ...addressedAt('A', RELAY, [camera]), ...apart }] });
  }

  /** The source sends for so long. */
  run(ms: number): void {
    for (let passed = 0; passed < ms; passed += PACKET_MS) {
      this.#send(this.#next);
      this.#next += 1;
      this.clock.advance(PACKET_MS);
    }
  }

  #send(index: number): void {
    const sealed = this.#seal(index, 0);
    this.#a.sent(CAMERA, index, sealed);
    const forged = this.instead(index);
    this.clock.after(WAY_MS, () => {
      if (forged !== undefined) this.#take(this.#seal(forged, 1), true);
      if (forged !== index) this.#take(sealed, false);
    });
  }

  #seal(index: number, content: number): Uint8Array {
    const packet = rtpPacket({ ssrc: CAMERA, sequence: index & 0xffff, payload: PAYLOAD }).fill(content, 12);
    const into = Buffer.alloc(1500);
    return into.subarray(0, this.#sealer.seal(packet, index, into));
  }

  #take(packet: Uint8Array, isForged: boolean): void {
    const nowMs = this.clock.now();
    const length = this.#opener.open(packet, this.#clear);
    if (typeof length === 'string') {
      if (!isForged) this.lost += 1;
      return;
    }
    const { index } = this.#opener;
    if (!this.#b.isForged(packet, CAMERA, index, RELAY, nowMs)) this.played.push({ index, isForged, atMs: nowMs });
  }

  #tell(from: PeerId, event: TransportEvent): void {
    if (event.type === 'media.forged') {
      const { type: _, ...fault } = event;
      this.named.push(fault);
      return;
    }
    if (event.type !== 'digests.tell' && event.type !== 'digests.ask') return;
    this.#seq += 1;
    const head = { from, epoch: 1, seq: this.#seq };
    const message: DigestsMessage =
      event.type === 'digests.tell'
        ? { ...head, kind: 'media.digests', body: event.body }
        : { ...head, kind: 'media.digests.ask', body: event.body };
    this.clock.after(BUS_MS, () => (event.to === 'A' ? this.#a : this.#b).takeMessage(message));
  }
}
