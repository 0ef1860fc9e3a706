/** What sealing costs a source, a receiver and a relay: processor time a packet, beside the same packets in the clear, in turns. */
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SentDigests } from '../../../actors/media/digests/sent-digests.ts';
import { TakenDigests } from '../../../actors/media/digests/taken-digests.ts';
import { freshIdentity, signed, verifierOf } from '../../../infra/crypto/identity-key.ts';
import type { PathTable } from '../../../infra/path/contract.ts';
import { readStreamDigests, type SignedDigest, writeStreamDigest } from '../../../infra/rtcp/stream-digest.ts';
import { packetDigest } from '../../../infra/srtp/packet-digest.ts';
import { SEAL_BYTES, STREAM_KEY_BYTES, StreamOpener, StreamSealer } from '../../../infra/srtp/stream-seal.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { LOOPBACK, PathUnderTest, PlainPeer, routeOf, rtpPacket, until } from '../../path/rig.ts';
import { median } from '../median.ts';
import type { Figures } from './contract.ts';
import type { Sending } from './packet-source.ts';

const SSRC = 0x1234_5678;
/** Of video, as encoders cut it. */
const PAYLOAD_BYTES = 1188;
const PACKETS = 10_000;
const ROUNDS = 5;
const BURST = 20;
const SENDER = fileURLToPath(new URL('packet-source.ts', import.meta.url));

/** Of so many packets a source tells at once: as many as come in a quarter of a second at 5 Mbit/s. */
const TOLD_AT_ONCE = 125;
const IDENTITY = freshIdentity();

/** What a source tells of its packets, made before they come, and held against them as they do; as if a relay had passed it on. */
class ToldBeforehand {
  readonly #key: Uint8Array;
  readonly #taken: TakenDigests;
  #digests: SignedDigest[] = [];
  #packets = 0;
  #number = 0;

  constructor(key: Uint8Array) {
    this.#key = key;
    const verifier = verifierOf(IDENTITY.publicKey);
    if (verifier === undefined) throw new Error('an identity of our own is no key');
    this.#taken = new TakenDigests({
      streamOf: () => ({ owner: 'A', stream: 'camera' }),
      signerOf: () => ({ verifier, context: new Uint8Array(0) }),
      onFaulty: ({ fault }) => {
        throw new Error(`a packet is ${fault}`);
      },
      onForged: () => undefined,
    });
  }

  prepare(first: number): void {
    const sealer = new StreamSealer(this.#key, 0);
    const into = Buffer.alloc(1500);
    this.#digests = [];
    for (let from = 0; from < PACKETS; from += TOLD_AT_ONCE) {
      const packets = Array.from({ length: TOLD_AT_ONCE }, (_, each) => {
        const index = first + from + each;
        const packet = rtpPacket({ ssrc: SSRC, sequence: index & 0xffff, payload: PAYLOAD_BYTES });
        const digest = packetDigest(into.subarray(0, sealer.seal(packet, index, into)));
        return { sequence: index & 0xffff, digest };
      });
      this.#number += 1;
      const highest = first + from + TOLD_AT_ONCE - 1;
      const told = { streamSsrc: SSRC, number: this.#number, writtenMs: TOLD_AT_ONCE * this.#number, highest, packets };
      this.#digests.push(...readStreamDigests(writeStreamDigest(told, SSRC, (bytes) => signed(IDENTITY, bytes))));
    }
  }

  check(index: number, packet: Uint8Array): void {
    // A thousand a second, as of 10 Mbit/s, however fast they come here.
    this.#packets += 1;
    const nowMs = this.#packets;
    if (this.#taken.isForged(SSRC, index, packet, 'R', nowMs)) throw new Error('a packet is forged');
    if (this.#packets % TOLD_AT_ONCE !== 0) return;
    const digest = this.#digests.shift();
    if (digest !== undefined) this.#taken.take(digest, 'R', nowMs);
    this.#taken.check(nowMs);
  }
}

type CostOf = (isSealed: boolean, first: number) => Promise<number>;

/** @param costOf microseconds for so many packets, of which the first has this number */
async function ratioOf(costOf: CostOf, signal: AbortSignal): Promise<Figures> {
  const ratios: number[] = [];
  // Code is slow before it has been compiled.
  await costOf(true, 0);
  await costOf(false, PACKETS);
  for (let round = 1; round <= ROUNDS; round++) {
    signal.throwIfAborted();
    const sealed = await costOf(true, 2 * round * PACKETS);
    const clear = await costOf(false, (2 * round + 1) * PACKETS);
    ratios.push(sealed / clear);
  }
  return { cpuRatio: median(ratios), lost: null, ms: null };
}

async function cpuOf(work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export async function source(signal: AbortSignal): Promise<Figures> {
  await using receiver = await PlainPeer.open();
  await using own = await PathUnderTest.open(undefined);
  const legs = [{ to: receiver.address, slices: ALL_SLICES }];
  own.path.setTable({
    routes: [
      routeOf(
        SSRC,
        null,
        legs.map(({ to }) => to),
      ),
    ],
    sinks: [],
  });
  const sealer = new StreamSealer(randomBytes(STREAM_KEY_BYTES), 0);
  const sealed = Buffer.alloc(1500);
  const digests = new SentDigests((bytes) => signed(IDENTITY, bytes));
  digests.follow(new Set([SSRC]));
  return await ratioOf(async (isSealed, first) => {
    const packets = Array.from({ length: PACKETS }, (_, each) =>
      rtpPacket({ ssrc: SSRC, sequence: (first + each) & 0xffff, payload: PAYLOAD_BYTES }),
    );
    const cost = await cpuOf(async () => {
      for (const [each, packet] of packets.entries()) {
        if (isSealed) {
          const leaving = sealed.subarray(0, sealer.seal(packet, first + each, sealed));
          own.path.send(leaving);
          digests.sent(SSRC, first + each, leaving);
          if (each % TOLD_AT_ONCE === TOLD_AT_ONCE - 1) digests.write(SSRC, performance.now());
        } else own.path.send(packet);
        if (each % BURST === BURST - 1) await delay(1);
      }
    });
    receiver.received.length = 0;
    return cost;
  }, signal);
}

/** @param tableTo what the path does with what comes from there */
async function incoming(
  tableTo: (from: number) => PathTable,
  open: ((packet: Uint8Array) => unknown) | null,
  prepare: (first: number) => void,
  key: Uint8Array,
  signal: AbortSignal,
): Promise<Figures> {
  const sender = fork(SENDER, { execArgv: ['--import=tsx'] });
  try {
    const [from] = await once(sender, 'message');
    let clear = true;
    await using path = await PathUnderTest.open(undefined, LOOPBACK, {
      deliver: (packet) => {
        if (!clear) open?.(packet);
      },
    });
    path.path.setTable(tableTo(Number(from)));
    return await ratioOf(async (isSealed, first) => {
      clear = !isSealed;
      if (isSealed) prepare(first);
      const { receivedPackets } = path.path.counters();
      // What nobody opens may be sealed or not: it is as long.
      const payload = isSealed && open === null ? PAYLOAD_BYTES + SEAL_BYTES : PAYLOAD_BYTES;
      const sending: Sending = {
        ...{ port: path.path.bound.port, ssrc: SSRC, first, count: PACKETS, payload },
        key: isSealed && open !== null ? Buffer.from(key).toString('base64') : null,
      };
      return cpuOf(async () => {
        sender.send(sending);
        await once(sender, 'message');
        await until(() => path.path.counters().receivedPackets >= receivedPackets + PACKETS);
      });
    }, signal);
  } finally {
    sender.disconnect();
  }
}

export async function receiver(signal: AbortSignal): Promise<Figures> {
  const key = randomBytes(STREAM_KEY_BYTES);
  const opener = new StreamOpener(key, 0);
  const into = Buffer.alloc(1500);
  const told = new ToldBeforehand(key);
  const open = (packet: Uint8Array) => {
    const length = opener.open(packet, into);
    if (typeof length === 'string') throw new Error(`a packet was not opened: ${length}`);
    told.check(opener.index, packet);
  };
  const sinks = (port: number) => ({ routes: [], sinks: [{ ssrc: SSRC, from: [{ host: LOOPBACK, port }] }] });
  return await incoming(sinks, open, (first) => told.prepare(first), key, signal);
}

export async function relay(signal: AbortSignal): Promise<Figures> {
  await using next = await PlainPeer.open();
  const routes = (port: number) => ({
    routes: [routeOf(SSRC, { host: LOOPBACK, port }, [next.address])],
    sinks: [],
  });
  return await incoming(routes, null, () => undefined, Buffer.alloc(0), signal);
}
