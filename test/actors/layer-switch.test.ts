/** Layers of a group, as a player sees them: one stream. */
import test from 'ava';
import { LayerSwitch } from '../../actors/sink/layer-switch.ts';
import { ShownStream } from '../../actors/sink/shown-stream.ts';
import { readPayloadType, readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { writePayloadType, writePlainHeader, writeSequence, writeSsrc, writeTimestamp } from '../../infra/rtp/write.ts';

const LOW = 1;
const HIGH = 2;

function rtp(ssrc: number, sequence: number, timestamp: number): Uint8Array {
  const packet = new Uint8Array(20);
  writePlainHeader(packet);
  writePayloadType(packet, 96, false);
  writeSequence(packet, sequence);
  writeTimestamp(packet, timestamp);
  writeSsrc(packet, ssrc);
  return packet;
}

/** A switch that shows the low layer first, and what becomes of a packet: sequence number and timestamp, or nothing. */
function start() {
  const layers = new LayerSwitch(new ShownStream(90_000));
  const take = (atMs: number, ssrc: number, sequence: number, timestamp: number) => {
    const packet = layers.take(rtp(ssrc, sequence, timestamp), atMs);
    if (packet === undefined) return 'left out';
    if (readSsrc(packet) !== LOW || readPayloadType(packet) !== 96) throw new Error('not of the one stream');
    return [readSequence(packet), readTimestamp(packet)];
  };
  return { take };
}

test('the layer that begins takes over at once, in number and time where the other one was; what still comes of that is left out', (t) => {
  const { take } = start();
  t.deepEqual(take(0, LOW, 500, 1_000_000), [500, 1_000_000]);
  t.deepEqual(take(40, LOW, 501, 1_003_600), [501, 1_003_600]);
  t.deepEqual(take(50, HIGH, 9000, 77), [502, 1_004_500]);
  t.is(take(60, LOW, 502, 1_007_200), 'left out');
  t.deepEqual(take(90, HIGH, 9001, 77 + 3600), [503, 1_008_100]);
});

test('a layer takes over again after a silence of its own, or when the one that runs has stopped', (t) => {
  const { take } = start();
  take(0, LOW, 0, 0);
  take(10, HIGH, 0, 0);
  t.is(take(20, LOW, 1, 0), 'left out');
  t.is(take(220, LOW, 2, 0), 'left out');
  t.deepEqual(take(260, LOW, 3, 0), [2, 23_400]);
  t.deepEqual(take(270, HIGH, 1, 0), [3, 24_300]);
  t.is(take(280, LOW, 4, 0), 'left out');
});
