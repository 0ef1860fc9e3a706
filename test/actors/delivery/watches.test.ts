import test from 'ava';
import { DropWatch, dropsOf, dropsText } from '../../../actors/delivery/drops.ts';
import { Heard } from '../../../actors/delivery/heard.ts';
import { ProgramWatch } from '../../../actors/delivery/programs.ts';
import { NOTHING_REJECTED } from '../../../actors/source/contract.ts';
import { DROP_REASONS, type DropReason } from '../../../infra/path/contract.ts';
import { writeReport } from '../../../infra/rtcp/reception-report.ts';

test('a program that stops is told after three seconds, of a voice after ten, and when it goes on', (t) => {
  const watch = new ProgramWatch();
  const told: string[] = [];
  for (let nowMs = 0; nowMs <= 16_000; nowMs += 500) {
    const packets = Math.min(nowMs, 1000) + (nowMs >= 15_000 ? nowMs : 0);
    const news = watch.observe(
      [
        { stream: 'camera', media: 'video', packets },
        { stream: 'voice', media: 'audio', packets },
        { stream: 'screen', media: 'video', packets: 0 },
      ],
      nowMs,
    );
    told.push(...news.map((one) => `${nowMs} ${one.type} ${'stream' in one ? one.stream : ''}`));
  }
  t.deepEqual(told, [
    '4000 program.stopped camera',
    '11000 program.stopped voice',
    '15000 program.resumed camera',
    '15000 program.resumed voice',
  ]);
  t.false(watch.hasStopped('camera'));
});

test('a stream that has ended is forgotten: when it comes back nothing is waited for before it begins', (t) => {
  const watch = new ProgramWatch();
  const at = (nowMs: number, packets?: number) =>
    watch.observe(packets === undefined ? [] : [{ stream: 'camera', media: 'video', packets }], nowMs);
  at(0, 5);
  t.is(at(4000, 5).length, 1);
  t.deepEqual(at(5000), []);
  t.false(watch.hasStopped('camera'));
  t.deepEqual(at(6000, 0), []);
  t.deepEqual(at(20_000, 0), []);
});

const NO_DROPS = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
const NO_REFUSALS = { malformed: 0, notAuthentic: 0, replayed: 0, noKey: 0, rtcp: 0, repeated: 0 };

test('drops are told at once, and then what has come to them every ten seconds', (t) => {
  const watch = new DropWatch();
  const at = (nowMs: number, tooLong: number, kernelDrops = 0) =>
    watch.observe(dropsOf({ dropped: { ...NO_DROPS, tooLong }, kernelDrops }, [], NO_REFUSALS), nowMs);
  t.deepEqual(at(0, 0), []);
  t.deepEqual(at(500, 3), [{ type: 'packets.dropped', reasons: { tooLong: 3 } }]);
  t.deepEqual(at(1000, 9), []);
  t.deepEqual(at(10_500, 10, 2), [{ type: 'packets.dropped', reasons: { tooLong: 7, kernel: 2 } }]);
  t.deepEqual(at(30_000, 10, 2), []);
  t.is(dropsText({ tooLong: 7, kernel: 2 }), '7 too long, 2 because they came faster than they were read');
  t.is(dropsText({}), '');
});

test('what sources reject of their programs is told by reason too, all sources together', (t) => {
  const camera = { ...NOTHING_REJECTED, otherPayload: 4, notRtp: 1 };
  const voice = { ...NOTHING_REJECTED, otherPayload: 2 };
  const drops = dropsOf({ dropped: NO_DROPS, kernelDrops: 0 }, [camera, voice], { ...NO_REFUSALS, notAuthentic: 3 });
  t.deepEqual(drops, { sealedNotAuthentic: 3, programNotRtp: 1, programOtherPayload: 6 });
  t.is(
    dropsText(drops),
    '3 forged, or changed on the way, 1 of a program that are not RTP, 6 of a program that have another payload type',
  );
});

const UNTOLD = { jitter: 0, lastReport: 0, delaySinceLastReport: 0 };
const BLOCK = { ssrc: 7, fractionLost: 128, packetsLost: 5, highestSequence: 70_000, ...UNTOLD };
const SENT = { unixMs: 0, rtpTimestamp: 0, packets: 42, bytes: 1 };

test('of a member as much is kept as it can have streams, and nothing once it has left', (t) => {
  const heard = new Heard();
  for (let ssrc = 0; ssrc < 1000; ssrc++) heard.take('B', writeReport(ssrc, SENT, [{ ...BLOCK, ssrc }]), ssrc);
  t.is(heard.lastMs('B'), 999);
  t.is(heard.sentBy('B', 999), 42);
  t.is(heard.sentBy('B', 991), undefined);
  t.like(heard.block('B', 992), { loss: 0.5, atMs: 992 });
  heard.keepOnly(new Set());
  t.is(heard.lastMs('B'), undefined);
});
