/** What receivers of a batch get, read from the messages that the kernel is given. */
import test from 'ava';
import * as fc from 'fast-check';
import { MOST_LAID } from '../../infra/path/batched/datagram-runs.ts';
import { NativeMemory } from '../../infra/path/batched/libc.ts';
import { ReceiverQueues } from '../../infra/path/batched/receiver-queues.ts';
import { SendBatch } from '../../infra/path/batched/send-batch.ts';
import { NativeAddresses } from '../../infra/path/batched/socket-address.ts';
import { CounterBlock } from '../../infra/path/counters.ts';
import { ReadingKernel, type SentMessage } from './reading-kernel.ts';

const onLinux = process.platform === 'linux' ? test : test.skip;

const SLOT_BYTES = 1536;
/** Receivers are at ports from here on, by their ids. */
const FIRST_PORT = 5000;
/** More than a queue has room for, if every packet goes to each. */
const MOST_RECEIVERS = 70;

interface Packet {
  /** An index into the sets of receivers: packets of one stream share the array itself. */
  readonly stream: number;
  readonly length: number;
}

interface Stream {
  readonly receivers: Int32Array<ArrayBuffer>;
  readonly audio: boolean;
}

/** Slots as a receive call fills them, each with bytes that tell it from the others. */
class Slots {
  readonly memory = new NativeMemory(MOST_LAID * SLOT_BYTES);
  readonly #packets: readonly Packet[];

  constructor(packets: readonly Packet[]) {
    this.#packets = packets;
    const bytes = new Uint8Array(this.memory.buffer);
    for (let slot = 0; slot < MOST_LAID; slot++) bytes.fill(slot, slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES);
  }

  offset(slot: number): number {
    return slot * SLOT_BYTES;
  }

  length(slot: number): number {
    return this.#packets[slot]?.length ?? 0;
  }
}

/** The messages of a batch, which must be the same when it is sent for the second time: the first leaves nothing behind. */
function messagesOf(streams: readonly Stream[], packets: readonly Packet[], segmentation: boolean): SentMessage[] {
  const kernel = new ReadingKernel();
  const room = { hasRoomForVideo: () => true, noteFull: () => undefined, waitForRoom: () => false };
  const all = Array.from({ length: MOST_RECEIVERS }, (_, id) => ({ host: '127.0.0.1', port: FIRST_PORT + id }));
  const counters = new CounterBlock();
  const options = { libc: kernel, descriptor: 0, room, counters, forwarding: true, segmentation };
  const queues = new ReceiverQueues(new Slots(packets), new SendBatch(options, new NativeAddresses(all, false)));
  queues.use(MOST_RECEIVERS);
  const sendBatch = () => {
    for (const [slot, { stream }] of packets.entries()) {
      const { receivers, audio } = streams[stream] ?? { receivers: new Int32Array(), audio: false };
      queues.add(slot, receivers, audio);
    }
    queues.sendAll();
  };
  sendBatch();
  const first = kernel.sent.splice(0);
  sendBatch();
  if (first.map(textOf).join() !== kernel.sent.map(textOf).join())
    throw new Error('The second batch was not like the first.');
  return first;
}

/** Which slot's packet this is, and whether all of it. */
function describe(datagram: Uint8Array): string {
  const isWhole = datagram.every((byte) => byte === datagram[0]);
  return `${datagram[0]}/${datagram.length}${isWhole ? '' : ' garbled'}`;
}

function textOf({ port, datagrams }: SentMessage): string {
  return `${port}: ${datagrams.map(describe).join(' ')}`;
}

function expectedOf(id: number, streams: readonly Stream[], packets: readonly Packet[]): string[] {
  const ofKind = (audio: boolean) =>
    packets.flatMap(({ stream, length }, slot) => {
      const known = streams[stream];
      return known?.audio === audio && known.receivers.includes(id) ? [`${slot}/${length}`] : [];
    });
  return [...ofKind(true), ...ofKind(false)];
}

const lengths = fc.constantFrom(60, 200, 1200, 1500);
const streamArbitrary = fc
  .record({ ids: fc.uniqueArray(fc.nat(5), { minLength: 1, maxLength: 6 }), audio: fc.boolean() })
  .map(({ ids, audio }): Stream => ({ receivers: Int32Array.from(ids), audio }));
/** Bursts of one stream, as frames are. */
const packetsArbitrary = fc
  .array(fc.record({ stream: fc.nat(3), length: lengths, count: fc.integer({ min: 1, max: 20 }) }), { maxLength: 20 })
  .map((bursts) =>
    bursts.flatMap(({ count, ...packet }): Packet[] => new Array(count).fill(packet)).slice(0, MOST_LAID),
  );

for (const segmentation of [true, false]) {
  onLinux(
    `each receiver gets its packets whole and in order, audio first, ${segmentation ? 'with' : 'without'} GSO`,
    (t) => {
      const streamsArbitrary = fc.array(streamArbitrary, { minLength: 4, maxLength: 4 });
      fc.assert(
        fc.property(streamsArbitrary, packetsArbitrary, (streams, packets) => {
          const messages = messagesOf(streams, packets, segmentation);
          for (let id = 0; id < 6; id++) {
            const got = messages.filter(({ port }) => port === FIRST_PORT + id).flatMap(({ datagrams }) => datagrams);
            t.deepEqual(got.map(describe), expectedOf(id, streams, packets));
          }
        }),
        { numRuns: 100 },
      );
    },
  );
}

const VIDEO = { receivers: Int32Array.of(0, 1), audio: false };
const packet = (stream: number, length = 1200): Packet => ({ stream, length });
/** How many datagrams each message to a receiver has. */
const sizesTo = (id: number, messages: readonly SentMessage[]) =>
  messages.filter(({ port }) => port === FIRST_PORT + id).map(({ datagrams }) => datagrams.length);

onLinux('a frame is one message to each receiver, its shorter last packet included', (t) => {
  const messages = messagesOf([VIDEO], [packet(0), packet(0), packet(0, 200), packet(0)], true);
  t.deepEqual(sizesTo(0, messages), [3, 1]);
  t.deepEqual(sizesTo(1, messages), [3, 1]);
});

onLinux('what streams send to one receiver is one message, also with packets of others between', (t) => {
  const other = { receivers: Int32Array.of(1, 2), audio: false };
  const messages = messagesOf(
    [VIDEO, other],
    [0, 1, 1, 0, 1, 0].map((stream) => packet(stream)),
    true,
  );
  t.deepEqual(sizesTo(0, messages), [3]);
  t.deepEqual(sizesTo(1, messages), [6]);
  t.deepEqual(sizesTo(2, messages), [3]);
});

onLinux('a voice is no part of a message of video', (t) => {
  const voice = { receivers: Int32Array.of(0), audio: true };
  const messages = messagesOf([VIDEO, voice], [packet(0), packet(1), packet(0), packet(1)], true);
  t.deepEqual(sizesTo(0, messages), [2, 2]);
});

onLinux('a message holds no more than the kernel takes', (t) => {
  const messages = messagesOf([VIDEO], new Array(MOST_LAID).fill(packet(0, 1500)), true);
  t.deepEqual(sizesTo(0, messages), [43, 21]);
});

onLinux('more than the queues hold goes out in several calls, to each receiver in order', (t) => {
  const everybody = Array.from({ length: MOST_RECEIVERS }, (_, id) => id);
  // Two streams in turn: every packet is a run.
  const streams = [everybody, [...everybody].reverse()].map((ids) => ({
    receivers: Int32Array.from(ids),
    audio: false,
  }));
  const packets = Array.from({ length: MOST_LAID }, (_, slot) => packet(slot % 2, slot % 2 === 0 ? 1200 : 100));
  const messages = messagesOf(streams, packets, true);
  for (const id of everybody) {
    const got = messages.filter(({ port }) => port === FIRST_PORT + id).flatMap(({ datagrams }) => datagrams);
    t.deepEqual(got.map(describe), expectedOf(id, streams, packets));
  }
});
