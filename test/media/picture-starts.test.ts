/** When a receiver asks for a key frame by itself. */
import test from 'ava';
import { PictureStarts } from '../../actors/media/key-frames/picture-starts.ts';

const SSRC = 3;
const KEY = Uint8Array.from([0x80, 96, ...new Array<number>(10).fill(0), 0x10, 0x00]);
const OTHER = Uint8Array.from([0x80, 96, ...new Array<number>(10).fill(0), 0x10, 0x01]);

/** When it asks, of packets at these times. */
function asks(codec: string, packets: readonly (readonly [number, Uint8Array])[]): number[] {
  const starts = new PictureStarts();
  starts.follow(new Map([[SSRC, codec]]));
  return packets.filter(([atMs, packet]) => starts.arrived(SSRC, packet, atMs)).map(([atMs]) => atMs);
}

const every = (stepMs: number, untilMs: number, packet: Uint8Array, fromMs = 0) =>
  Array.from({ length: (untilMs - fromMs) / stepMs }, (_, index) => [fromMs + stepMs * index, packet] as const);

test('it asks at the first packet and each second until a key frame has come', (t) => {
  t.deepEqual(asks('VP8', [...every(40, 1200, OTHER), [1200, KEY], ...every(40, 6000, OTHER, 1240)]), [0, 1000]);
});

test('what begins with a key frame needs none', (t) => {
  t.deepEqual(asks('VP8', [[0, KEY], ...every(40, 4000, OTHER, 40)]), []);
});

test('a source that sends none is asked three times', (t) => {
  t.deepEqual(asks('VP8', every(40, 20_000, OTHER)), [0, 1000, 2000]);
});

test('a gap of a second is a beginning, a shorter one is not', (t) => {
  const packets = [
    [0, KEY],
    [999, OTHER],
    [1999, OTHER],
    [2010, KEY],
    [2500, OTHER],
  ] as const;
  t.deepEqual(asks('VP8', packets), [1999]);
});

test('where nobody can tell key frames, it asks once', (t) => {
  t.deepEqual(asks('JPEG', every(40, 4000, OTHER)), [0]);
});

test('what is not watched is never asked for', (t) => {
  t.false(new PictureStarts().arrived(SSRC, OTHER, 0));
});
