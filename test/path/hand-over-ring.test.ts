import test from 'ava';
import { allocateRing, RingReader, RingWriter } from '../../infra/path/batched/hand-over-ring.ts';
import { ADDRESS_WORDS, writeAddress } from '../../infra/path/batched/socket-address.ts';
import { ACTION } from '../../infra/path/decision/decision.ts';

const FROM = { host: '192.0.2.7', port: 4242 };
const LOCAL = { host: '198.51.100.1', port: 0 };

function openRing() {
  const memory = allocateRing();
  let wakes = 0;
  const writer = new RingWriter(memory, () => {
    wakes++;
  });
  const address = new Int32Array(ADDRESS_WORDS);
  writeAddress(address.buffer, 0, FROM, false);
  const write = (sequence: number, local: Int32Array | null = null) => {
    const head = {
      ssrc: 0xffff_fff0,
      extendedSequence: sequence,
      action: local === null ? ACTION.DELIVER : ACTION.STUN,
    };
    return writer.write(Uint8Array.of(sequence & 0xff, 1, 2), 2, address, 0, head, local);
  };
  return { writer, reader: new RingReader(memory), write, wakes: () => wakes };
}

test('what goes in comes out, in order, with its sender, and where it came to if that matters', (t) => {
  const { writer, reader, write } = openRing();
  const out: unknown[] = [];
  const drain = () =>
    reader.drain((packet, { action, ssrc, extendedSequence }, from, local) => {
      out.push([[...packet], ssrc, extendedSequence, action, from, local]);
    });
  const local = new Int32Array(ADDRESS_WORDS);
  writeAddress(local.buffer, 0, LOCAL, false);
  write(-1);
  write(7, local);
  write(70_000);
  drain();
  t.deepEqual(out, [], 'not before it is announced');
  writer.announce();
  drain();
  t.deepEqual(out, [
    [[255, 1], 0xffff_fff0, -1, ACTION.DELIVER, FROM, null],
    [[7, 1], 0xffff_fff0, 7, ACTION.STUN, FROM, LOCAL.host],
    [[112, 1], 0xffff_fff0, 70_000, ACTION.DELIVER, FROM, null],
  ]);
});

test('the reader is woken once until it looks', (t) => {
  const { writer, reader, write, wakes } = openRing();
  for (let sequence = 0; sequence < 5; sequence++) {
    write(sequence);
    writer.announce();
  }
  t.is(wakes(), 1);
  reader.drain(() => undefined);
  writer.announce();
  t.is(wakes(), 1, 'nothing new');
  write(5);
  writer.announce();
  t.is(wakes(), 2);
});

test('a full ring refuses, and takes again what there is room for, many times around', (t) => {
  const { writer, reader, write } = openRing();
  let sequence = 0;
  let expected = 0;
  for (let round = 0; round < 5; round++) {
    while (write(sequence)) sequence++;
    writer.announce();
    reader.drain((_packet, { extendedSequence }) => t.is(extendedSequence, expected++));
    t.is(expected, sequence);
  }
  t.true(sequence >= 5 * 1000);
});

test('a consumer that throws loses that one packet', (t) => {
  const { writer, reader, write } = openRing();
  for (const sequence of [0, 1, 2]) write(sequence);
  writer.announce();
  t.throws(() =>
    reader.drain(() => {
      throw new Error('the sink broke');
    }),
  );
  const rest: number[] = [];
  reader.drain((_packet, { extendedSequence }) => rest.push(extendedSequence));
  t.deepEqual(rest, [1, 2]);
});
