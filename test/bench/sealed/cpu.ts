/**
 * What sealing costs a source, a receiver and a relay: processor time a packet, beside the same packets in the clear, in turns. Whoever is at
 * the other end of each is another process.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { SentDigests } from '../../../actors/media/digests/sent-digests.ts';
import { TakenDigests } from '../../../actors/media/digests/taken-digests.ts';
import { freshIdentity, signed, verifierOf } from '../../../infra/crypto/identity-key.ts';
import { readStreamDigests } from '../../../infra/rtcp/stream-digest.ts';
import { SEAL_BYTES, STREAM_KEY_BYTES, StreamOpener, StreamSealer } from '../../../infra/srtp/stream-seal.ts';
import { LOOPBACK, PathUnderTest, routeOf, rtpPacket, until } from '../../path/rig.ts';
import { cameraTo, mediaParty } from '../../sealed/media-party.ts';
import { median } from '../median.ts';
import { Endings, inTheClear } from './changes.ts';
import { type Figures, TOLD_AT_ONCE } from './contract.ts';
import type { PacketSource, Sending } from './packet-source.ts';

const SSRC = 0x1234_5678;
/** Of video, as encoders cut it. */
const PAYLOAD_BYTES = 1188;
const PACKETS = 10_000;
const ROUNDS = 5;
const BURST = 20;
const SOURCE = fileURLToPath(new URL('packet-source.ts', import.meta.url));

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

/** The process at the other end. */
class Other implements Disposable {
  readonly #process: ChildProcess;
  readonly source: PacketSource;

  private constructor(process: ChildProcess, source: PacketSource) {
    this.#process = process;
    this.source = source;
  }

  static async start(): Promise<Other> {
    const started = fork(SOURCE, { execArgv: ['--import=tsx'] });
    const [source] = await once(started, 'message');
    return new Other(started, source as PacketSource);
  }

  async send(sending: Sending): Promise<void> {
    this.#process.send(sending);
    await once(this.#process, 'message');
  }

  [Symbol.dispose](): void {
    this.#process.disconnect();
  }
}

export async function source(signal: AbortSignal): Promise<Figures> {
  using other = await Other.start();
  await using own = await PathUnderTest.open(undefined);
  const to = { host: LOOPBACK, port: other.source.takesAt };
  own.path.setTable({ routes: [routeOf(SSRC, null, [to])], sinks: [] });
  const sealer = new StreamSealer(randomBytes(STREAM_KEY_BYTES), 0);
  const sealed = Buffer.alloc(1500);
  const identity = freshIdentity();
  const digests = new SentDigests((bytes) => signed(identity, bytes));
  digests.follow(new Set([SSRC]));
  return await ratioOf(async (isSealed, first) => {
    const packets = Array.from({ length: PACKETS }, (_, each) =>
      rtpPacket({ ssrc: SSRC, sequence: (first + each) & 0xffff, payload: PAYLOAD_BYTES }),
    );
    return await cpuOf(async () => {
      for (const [each, packet] of packets.entries()) {
        if (isSealed) {
          const leaving = sealed.subarray(0, sealer.seal(packet, first + each, sealed));
          own.path.send(leaving);
          digests.sent(SSRC, first + each, leaving);
          if (each % TOLD_AT_ONCE === TOLD_AT_ONCE - 1)
            for (const { bytes } of digests.write(SSRC, first + each)) own.path.sendTo(bytes, to);
        } else own.path.send(packet);
        if (each % BURST === BURST - 1) await delay(1);
      }
    });
  }, signal);
}

/**
 * What a path does with what another process sends it.
 *
 * @param key under which that seals; null: nothing is opened here
 */
async function incoming(
  other: Other,
  { path }: PathUnderTest,
  key: Uint8Array | null,
  signal: AbortSignal,
): Promise<Figures> {
  return await ratioOf(async (isSealed, first) => {
    const { receivedPackets } = path.counters();
    const sending: Sending = {
      ...{ port: path.bound.port, ssrc: SSRC, first, count: PACKETS },
      // What nobody opens may be sealed or not: it is as long.
      payload: isSealed && key === null ? PAYLOAD_BYTES + SEAL_BYTES : PAYLOAD_BYTES,
      key: isSealed && key !== null ? Buffer.from(key).toString('base64') : null,
    };
    const digests = sending.key === null ? 0 : PACKETS / TOLD_AT_ONCE;
    return await cpuOf(async () => {
      await other.send(sending);
      await until(() => path.counters().receivedPackets >= receivedPackets + PACKETS + digests);
    });
  }, signal);
}

/** Everything comes as if a relay had passed it on, so that each signature is looked at. */
export async function receiver(signal: AbortSignal): Promise<Figures> {
  using other = await Other.start();
  const { port, publicKey } = other.source;
  const verifier = verifierOf(publicKey);
  if (verifier === undefined) throw new Error('the source has no key');
  const taken = new TakenDigests({
    streamOf: () => ({ owner: 'A', stream: 'camera' }),
    signerOf: () => ({ verifier, context: new Uint8Array(0) }),
    onFaulty: ({ fault }) => {
      throw new Error(`a packet is ${fault}`);
    },
    onForged: () => undefined,
  });
  const key = randomBytes(STREAM_KEY_BYTES);
  const opener = new StreamOpener(key, 0);
  const into = Buffer.alloc(1500);
  // A thousand a second, as of 10 Mbit/s, however fast they come here.
  const nowMs = () => opener.index;
  const open = (packet: Uint8Array) => {
    // One in the clear ends with a byte of its payload, and has no seal.
    if (packet.length < PAYLOAD_BYTES + SEAL_BYTES) return;
    const length = opener.open(packet, into);
    if (typeof length === 'string') throw new Error(`a packet was not opened: ${length}`);
    taken.isForged(SSRC, opener.index, packet, 'R', nowMs());
  };
  const onRtcp = (datagram: Uint8Array) => {
    for (const digest of readStreamDigests(datagram)) taken.take(digest, 'R', nowMs());
    taken.check(nowMs());
  };
  await using own = await PathUnderTest.open(undefined, LOOPBACK, { deliver: open, onRtcp });
  const from = [{ host: LOOPBACK, port }];
  own.path.setTable({ routes: [], sinks: [{ ssrc: SSRC, from }], reporters: from });
  const figures = await incoming(other, own, key, signal);
  // All but what was told before the first digest, and what a lost one told of.
  const { genuine } = taken.counts;
  if (genuine < 0.9 * (ROUNDS + 1) * PACKETS) throw new Error(`only ${genuine} packets were held against digests`);
  return figures;
}

export async function relay(signal: AbortSignal): Promise<Figures> {
  using other = await Other.start();
  const [from, to] = [other.source.port, other.source.takesAt].map((port) => ({ host: LOOPBACK, port }));
  if (from === undefined || to === undefined) throw new Error('there is no other end');
  await using own = await PathUnderTest.open(undefined);
  own.path.setTable({ routes: [routeOf(SSRC, from, [to])], sinks: [] });
  return await incoming(other, own, null, signal);
}

/** Source and receiver with all that a call has of media, and the ways between them, both in this process. */
export async function inCall(signal: AbortSignal): Promise<Figures> {
  await using endings = new Endings();
  const party = await mediaParty(endings, ['A', 'B']);
  const [a, b] = [party.of('A'), party.of('B')];
  return await ratioOf(async (isSealed, first) => {
    for (const peer of [a, b]) peer.apply(isSealed ? {} : { members: inTheClear(peer.transport.table.members) });
    const members = isSealed ? {} : { members: inTheClear(a.transport.table.members) };
    a.apply({ own: [cameraTo(['B'], isSealed ? ['B'] : [])], ...members });
    b.played.length = 0;
    return await cpuOf(async () => {
      for (let each = 0; each < PACKETS; each++) {
        a.transport.send(
          'camera',
          rtpPacket({ ssrc: SSRC, sequence: (first + each) & 0xffff, payload: PAYLOAD_BYTES }),
        );
        if (each % BURST === BURST - 1) await delay(1);
      }
      await until(() => b.played.length >= PACKETS);
    });
  }, signal);
}
