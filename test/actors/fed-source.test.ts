/** What a page or a phone sends, published as one endless stream. */
import test from 'ava';
import type { ProgramTime } from '../../actors/media/reports/own-reports.ts';
import { FedSource } from '../../actors/source/fed-source.ts';
import { readSenderReports, writeReport } from '../../infra/rtcp/reception-report.ts';
import { readPayloadType, readSequence, readSsrc, readTimestamp } from '../../infra/rtp/header.ts';
import { rtpPacket } from '../rtp/packets.ts';

function start() {
  const sent: Uint8Array[] = [];
  const times: (ProgramTime | null)[] = [];
  const rates: number[] = [];
  const asked: number[] = [];
  const time = { nowMs: 5000 };
  const source = new FedSource({
    ...{ ssrc: 42, firstSequence: 65_535, firstTimestamp: 1000, now: () => time.nowMs },
    format: { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' },
    send: (packet) => sent.push(Uint8Array.from(packet)),
    onTime: (told) => times.push(told),
    onRate: (bps) => rates.push(bps),
  });
  const feeder = () => ({ requestKeyFrame: (ssrc: number) => asked.push(ssrc) });
  source.fedBy(feeder());
  const take = (ssrc: number, sequence: number, timestamp: number, payloadType = 120) =>
    source.take(rtpPacket({ ssrc, sequence, timestamp, payloadType }));
  return { source, sent, times, rates, asked, time, feeder, take };
}

test('has its own SSRC, payload type and numbers', (t) => {
  const { sent, take } = start();
  take(7, 300, 90_000);
  take(7, 301, 93_000);
  t.deepEqual(sent.map(readSsrc), [42, 42]);
  t.deepEqual(sent.map(readPayloadType), [96, 96]);
  t.deepEqual(sent.map(readSequence), [65_535, 0]);
  t.deepEqual(sent.map(readTimestamp), [1000, 4000]);
});

test('goes on where a tab that is loaded anew begins, without waiting for the one before to be silent', (t) => {
  const { source, sent, time, feeder, take } = start();
  take(7, 300, 90_000);
  time.nowMs += 100;
  source.fedBy(feeder());
  take(8, 12, 500);
  t.deepEqual(sent.map(readSequence), [65_535, 0]);
  t.deepEqual(sent.map(readTimestamp), [1000, 10_000]);
});

test('a key frame is asked for under the SSRC of the page', (t) => {
  const { source, asked, take } = start();
  t.is(source.requestKeyFrame(), 'needless');
  take(7, 300, 0);
  t.is(source.requestKeyFrame(), 'asked');
  source.fedBy(null);
  t.is(source.requestKeyFrame(), 'needless');
  t.deepEqual(asked, [7]);
});

test('muted, it sends nothing', (t) => {
  const { source, sent, take } = start();
  source.muted = true;
  take(7, 300, 0);
  t.is(source.requestKeyFrame(), 'needless');
  source.muted = false;
  take(7, 301, 0);
  t.is(sent.length, 1);
});

test('its time is the page’s, shifted as its packets are, also where it is told before the first of them', (t) => {
  const { source, times, take } = start();
  const told = writeReport(7, { unixMs: 1_000_000, rtpTimestamp: 180_000, packets: 0, bytes: 0 }, []);
  const [report] = readSenderReports(told, 1);
  if (report === undefined) return t.fail();
  source.takeReport(report, 'page');
  t.deepEqual(times, []);
  take(7, 300, 90_000);
  t.is(times[0], null);
  t.like(times[1], { cname: 'page', rtpTimestamp: 91_000, toldMs: 5000 });
});

test('the rate of the plan goes to the encoder, and closing ends it all', async (t) => {
  const { source, sent, rates, take } = start();
  t.is(source.plannedBps, null);
  source.setRate(800_000);
  t.deepEqual(rates, [800_000]);
  await source.close();
  take(7, 300, 0);
  t.deepEqual(sent, []);
});
