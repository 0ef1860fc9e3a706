/** Generic NACKs (RFC 4585 section 6.2.1): what is written is read, and nothing hostile is believed or grows. */
import test from 'ava';
import { MOST_ASKED, readNacks, writeNack } from '../../infra/rtcp/nack.ts';

const nackOf = (...sequences: number[]) => ({ senderSsrc: 0x9000_0001, mediaSsrc: 7, sequences });

test('the bytes are those of the RFC: one item for a number and the sixteen after it', (t) => {
  const packet = writeNack(nackOf(100, 101, 116));
  t.deepEqual([...packet], [0x81, 205, 0, 3, 0x90, 0, 0, 1, 0, 0, 0, 7, 0, 100, 0x80, 0x01]);
});

test('what is written is read, over the wrap of the numbers and in any number of items', (t) => {
  const nack = nackOf(65_500, 65_530, 65_535, 0, 3, 500, 501, 600);
  t.deepEqual(readNacks(writeNack(nack)), [nack]);
  t.is(writeNack(nack).length, 12 + 4 * 4);
});

test('NACKs are found among other RTCP, and padded, cut or foreign packets are none', (t) => {
  const report = Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 9);
  const both = Buffer.concat([report, writeNack(nackOf(1)), writeNack(nackOf(2, 3))]);
  t.deepEqual(readNacks(both), [nackOf(1), nackOf(2, 3)]);
  t.deepEqual(readNacks(both.subarray(0, -1)), [nackOf(1)]);
  t.deepEqual(readNacks(both.subarray(0, 23)), []);
  for (const [at, byte] of [
    [0, 0xa1],
    [0, 0x82],
    [0, 0x41],
    [1, 206],
    [3, 2],
    [3, 9],
  ] as const) {
    const packet = writeNack(nackOf(1));
    packet[at] = byte;
    t.deepEqual(readNacks(packet), [], `byte ${at} is ${byte}`);
  }
});

test('a datagram asks for a bounded number of packets, whatever it names', (t) => {
  const items = Buffer.alloc(4 * 360, 0xff);
  const head = Buffer.from([0x81, 205, 0, 2 + 360, 0, 0, 0, 1, 0, 0, 0, 2]);
  head.writeUInt16BE(2 + 360, 2);
  const once = Buffer.concat([head, items]);
  const asked = readNacks(Buffer.concat([once, once])).flatMap(({ sequences }) => sequences);
  t.is(asked.length, MOST_ASKED);
  t.deepEqual(asked.slice(0, 3), [65_535, 0, 1]);
});
