/** Who streams are from, and that they end: as other implementations read it, and as garbage. */
import test from 'ava';
import fc from 'fast-check';
import { RtcpPacketConverter, RtcpSourceDescriptionPacket } from 'werift-rtp';
import { packetsOf } from '../../infra/rtcp/compound.ts';
import { freshCname, readCnames, writeDescription, writeGoodbye } from '../../infra/rtcp/source-description.ts';

test('a CNAME has 96 random bits and tells nothing else', (t) => {
  const [first, second] = [freshCname(), freshCname()];
  t.is(Buffer.from(first, 'base64').length, 12);
  t.not(first, second);
});

test('whatever its length, a CNAME reads back for each SSRC, here and in werift-rtp', (t) => {
  for (let length = 1; length <= 20; length++) {
    const cname = 'abcdefghijklmnopqrst'.slice(0, length);
    const packet = writeDescription([1, 0xffff_ffff], cname);
    t.deepEqual(
      [...readCnames(packet)],
      [
        [1, cname],
        [0xffff_ffff, cname],
      ],
    );
    const [read] = RtcpPacketConverter.deSerialize(Buffer.from(packet));
    const chunks = read instanceof RtcpSourceDescriptionPacket ? read.chunks : [];
    t.deepEqual(
      chunks.map(({ source, items }) => [source, items[0]?.type, items[0]?.text]),
      [
        [1, 1, cname],
        [0xffff_ffff, 1, cname],
      ],
    );
  }
});

test('other items are passed over, and characters that move a cursor are left out', (t) => {
  const name = [2, 3, 0x42, 0x6f, 0x62];
  const cname = [1, 4, 0x41, 0x1b, 0xff, 0x7a];
  const chunk = [0, 0, 0, 9, ...name, ...cname, 0];
  t.deepEqual([...readCnames(Uint8Array.from([0x81, 202, 0, 4, ...chunk]))], [[9, 'Az']]);
});

test('an item that is longer than its packet is none', (t) => {
  t.deepEqual([...readCnames(Uint8Array.from([0x81, 202, 0, 2, 0, 0, 0, 9, 1, 200, 0x41, 0]))], []);
});

test('whatever comes, reading it ends', (t) => {
  const packet = fc
    .tuple(fc.integer({ min: 0x80, max: 0x9f }), fc.uint8Array({ maxLength: 300 }))
    .map(([first, rest]) => Uint8Array.from([first, 202, 0, Math.floor(rest.length / 4), ...rest]));
  fc.assert(fc.property(packet, (bytes) => readCnames(bytes).size <= 31));
  t.pass();
});

test('a goodbye names the streams that end', (t) => {
  const packet = writeGoodbye([1, 0x0102_0304]);
  t.deepEqual([...packet], [0x82, 203, 0, 2, 0, 0, 0, 1, 1, 2, 3, 4]);
  t.is([...packetsOf(packet)].length, 1);
});
