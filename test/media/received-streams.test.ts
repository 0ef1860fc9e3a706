/** What is measured of a received stream beside its numbers. */
import test from 'ava';
import { ReceivedStreams } from '../../actors/media/reports/received-streams.ts';
import { writeTimestamp } from '../../infra/rtp/write.ts';

const SSRC = 7;

function follow() {
  const streams = new ReceivedStreams();
  streams.follow(new Map([[SSRC, 8000]]));
  const arrived = (timestamp: number, atMs: number) => {
    const packet = new Uint8Array(12);
    writeTimestamp(packet, timestamp);
    streams.arrived(SSRC, packet, atMs);
  };
  return { streams, arrived };
}

test('a steady stream has no jitter, one that shakes by 10 ms has that in the end', (t) => {
  const { streams, arrived } = follow();
  for (let frame = 0; frame < 10; frame++) arrived(0xffff_fff0 + 160 * frame, 1000 + 20 * frame);
  t.is(streams.measured(SSRC, 2000).jitter, 0);
  for (let frame = 10; frame < 300; frame++) arrived(0xffff_fff0 + 160 * frame, 1000 + 20 * frame + 10 * (frame % 2));
  t.is(streams.measured(SSRC, 9000).jitter, 80);
});

test('timestamps that begin anew are no jitter', (t) => {
  const { streams, arrived } = follow();
  arrived(0, 0);
  arrived(1_000_000, 20);
  arrived(1_000_160, 40);
  t.is(streams.measured(SSRC, 40).jitter, 0);
});

test('the newest sender report is named, with the time since then', (t) => {
  const { streams } = follow();
  t.deepEqual(streams.measured(SSRC, 500), { jitter: 0, lastReport: 0, delaySinceLastReport: 0 });
  streams.reported(SSRC, 0xabcd_0123, 1000);
  t.deepEqual(streams.measured(SSRC, 1500), { jitter: 0, lastReport: 0xabcd_0123, delaySinceLastReport: 32_768 });
});

test('a stream that is no longer there is forgotten', (t) => {
  const { streams, arrived } = follow();
  streams.reported(SSRC, 9, 0);
  streams.follow(new Map());
  streams.reported(SSRC, 9, 0);
  streams.follow(new Map([[SSRC, 8000]]));
  arrived(0, 0);
  t.is(streams.measured(SSRC, 10).lastReport, 0);
});
