/** One endless numbering of many: what is left out leaves no hole, what is put in has a number, what is late keeps its own. */
import test from 'ava';
import { readSequence, readTimestamp } from '../../infra/rtp/header.ts';
import { Renumbering } from '../../infra/rtp/renumbering.ts';
import { rtpPacket } from './packets.ts';
import { playRuns } from './waiting-runs.ts';

const HZ = 48_000;

function open() {
  const numbering = new Renumbering({ clockRate: HZ, firstSequence: 65_534, firstTimestamp: 1000 });
  const number = (sequence: number, timestamp = 0, nowMs = 0) => {
    const packet = rtpPacket({ sequence, timestamp });
    numbering.number(packet, nowMs);
    return { sequence: readSequence(packet), timestamp: readTimestamp(packet) };
  };
  const begin = (sequence: number, timestamp = 0, nowMs = 0) => {
    numbering.begin(rtpPacket({ sequence, timestamp }), nowMs);
    return number(sequence, timestamp, nowMs);
  };
  return { numbering, number, begin };
}

test('each run goes on with the next number, and with the time that has passed', (t) => {
  const { number, begin } = open();
  t.deepEqual(begin(10, 500), { sequence: 65_534, timestamp: 1000 });
  t.deepEqual(number(11, 1460, 20), { sequence: 65_535, timestamp: 1960 });
  t.deepEqual(begin(7, 4_000_000_000, 1020), { sequence: 0, timestamp: 49_960 });
  t.deepEqual(number(8, 4_000_000_960, 1040), { sequence: 1, timestamp: 50_920 });
});

test('a run that begins in the same millisecond has another timestamp all the same', (t) => {
  const { begin } = open();
  begin(10);
  t.is(begin(99).timestamp, 1001);
});

test('what is left out leaves no hole, and what overtook it keeps its number', (t) => {
  const { numbering, number, begin } = open();
  begin(10);
  numbering.skip(rtpPacket({ sequence: 12 }));
  numbering.skip(rtpPacket({ sequence: 13 }));
  t.is(number(14).sequence, 0);
  t.is(number(11).sequence, 65_535);
  t.is(number(15).sequence, 1);
});

test('what is left out and late has its number already', (t) => {
  const { numbering, number, begin } = open();
  begin(10);
  number(12);
  numbering.skip(rtpPacket({ sequence: 11 }));
  t.is(number(13).sequence, 1);
});

test('what is put in has a number of its own, and what comes late is before it', (t) => {
  const { numbering, number, begin } = open();
  begin(10);
  t.is(numbering.insertBefore(rtpPacket({ sequence: 12 })), 0);
  t.is(numbering.insertBefore(rtpPacket({ sequence: 12 })), 1);
  t.is(number(12).sequence, 2);
  t.is(number(11).sequence, 65_535);
  t.is(number(13).sequence, 3);
});

test('a stream that loses every other packet to the rule goes on without a hole for as long as it likes', (t) => {
  const { numbering, number, begin } = open();
  begin(0);
  for (let pair = 1; pair < 40_000; pair++) {
    numbering.skip(rtpPacket({ sequence: (2 * pair - 1) & 0xffff }));
    const { sequence } = number((2 * pair) & 0xffff);
    if (sequence !== ((65_534 + pair) & 0xffff)) t.fail(`packet ${pair} has number ${sequence}`);
  }
  t.pass();
});

for (const restart of ['begin', 'setClock'] as const) {
  test(`what packets waited before and after many restarts adds up to nothing: ${restart}`, (t) => {
    const { numbering, number } = open();
    const { runs, leastStepMs } = playRuns({
      // What a run is ahead by the next one loses, but no more than there is between the two.
      ...(restart === 'begin' ? { pauseMs: 1000, waitedMs: 60 } : { pauseMs: 0, waitedMs: 15 }),
      send: ({ run, sequence, timestamp, atMs, begins }) => {
        if (begins) numbering[run === 0 ? 'begin' : restart](rtpPacket({ sequence, timestamp }), atMs);
        return number(sequence, timestamp, atMs).timestamp;
      },
    });
    for (const [run, { aheadMs, firstWaitedMs }] of runs.entries())
      t.true(
        Math.abs(aheadMs - firstWaitedMs) < 5,
        `run ${run} is ahead by ${aheadMs} ms, its first packet waited ${firstWaitedMs} ms`,
      );
    t.true(leastStepMs > 0);
  });
}
