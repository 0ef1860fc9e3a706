/** A whole call, looked at: who is reached, and what is told of it. */
import test from 'ava';
import { CallWatch } from '../../../actors/delivery/call-watch.ts';
import { NOTHING_REJECTED } from '../../../actors/source/contract.ts';
import { DROP_REASONS, type DropReason } from '../../../infra/path/contract.ts';
import { writeReport } from '../../../infra/rtcp/reception-report.ts';
import type { PeerId } from '../../../machines/messages.ts';
import type { Member } from '../../../machines/view.ts';
import { memberOf, RecordedMeter, viewOf } from '../observed-call.ts';

const NO_DROPS = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
const AT = { host: '10.0.0.9', port: 5000 };
const TO_US = [{ stream: 'camera', relay: null, slices: 0xffff, receivers: ['A'] }];

/** A, which is watched and sends its camera to all; `others` send theirs to it. */
function watch(...others: readonly Member[]) {
  const recorded = new RecordedMeter();
  const silent = new Set<PeerId>();
  const source = { packets: 0 };
  const ways = new Map(others.map(({ id }) => [id, new Map([[null, 0xffff]])]));
  const call = new CallWatch({
    participant: {
      view: viewOf(memberOf('A', ['camera']), ...others),
      negotiation: { silent, inForce: new Map([['camera', ways]]) },
      transport: {
        table: {
          own: [{ stream: 'camera', ssrc: 77, media: 'video', codec: 'VP8/90000', rateBps: 0, holders: [], hops: [] }],
          ...{ relayed: [], relays: [], members: [], plain: 'local' as const, resendLimitBps: 0, paceBps: 0 },
        },
        sealing: { refused: { malformed: 0, notAuthentic: 0, replayed: 0, noKey: 0, rtcp: 0, repeated: 0 } },
        path: {
          counters: () => ({
            ...{ receivedPackets: 0, receivedBytes: 0, sentPackets: 0, sentBytes: 0, forwardedPackets: 0 },
            ...{ deliveredPackets: 0, duplicatePackets: 0, kernelDrops: 2, dropped: NO_DROPS },
          }),
        },
      },
    },
    meter: recorded.meter,
    sources: new Map([
      [
        'camera',
        {
          rateBps: null,
          counters: () => ({
            ...{ packets: source.packets, bytes: 0, reports: 0 },
            ...{ rejected: { ...NOTHING_REJECTED, tooLong: 1 }, otherPayloads: new Map() },
          }),
        },
      ],
    ]),
  });
  return { call, recorded, silent, source };
}

const UNTOLD = { jitter: 0, lastReport: 0, delaySinceLastReport: 0 };
const b = memberOf('B', ['camera'], { routes: TO_US, media: AT });
const block = (highestSequence: number) => ({ ssrc: 77, fractionLost: 0, packetsLost: 0, highestSequence, ...UNTOLD });

test('a member is connecting until its packets come, live while they do, and unheard where they do not', (t) => {
  const { call, recorded, source } = watch(b);
  const told: string[] = [];
  const look = (nowMs: number) => {
    source.packets++;
    told.push(...call.observe(nowMs).map((news) => `${nowMs} ${news.type}`));
    return call.reachOf(b, nowMs);
  };
  t.is(look(0), 'connecting');
  t.is(look(3000), 'unheard');
  t.deepEqual(told, ['0 packets.dropped', '3000 media.missing', '3000 media.undelivered']);
  t.false(call.reaches('B', 'camera'));
  recorded.record('B', 'camera', 'B', 1, 2, 3);
  call.heard.take('B', writeReport(1, null, [block(5)]), 3400);
  t.is(look(3500), 'live');
  t.deepEqual(told.slice(3), ['3500 media.arrives', '3500 media.delivered']);
  t.true(call.reaches('B', 'camera'));
});

test('a member that reports and gets nothing is not reached; one that sends and is not heard here is missing', (t) => {
  const { call, source } = watch(b);
  for (let nowMs = 0; nowMs <= 4000; nowMs += 500) {
    source.packets++;
    const sent = { unixMs: 0, rtpTimestamp: 0, packets: nowMs, bytes: 0 };
    call.heard.take('B', writeReport(1, sent, []), nowMs);
    call.observe(nowMs);
  }
  t.is(call.reachOf(b, 4000), 'unreached');
  for (let nowMs = 4500; nowMs <= 9000; nowMs += 500) {
    const sent = { unixMs: 0, rtpTimestamp: 0, packets: nowMs, bytes: 0 };
    call.heard.take('B', writeReport(1, sent, [block(nowMs)]), nowMs);
    call.observe(nowMs);
  }
  t.is(call.reachOf(b, 9000), 'missing');
});

test('of who has fallen silent on the bus or leaves, nothing more is told; a program that stops is', (t) => {
  const leaving = memberOf('C', ['camera'], { routes: TO_US, leaving: true, media: AT });
  const { call, silent, source } = watch(b, leaving);
  silent.add('B');
  source.packets = 5;
  const told = [0, 1000, 2000, 3000, 4000].flatMap((nowMs) => call.observe(nowMs).map(({ type }) => type));
  t.deepEqual(told, ['packets.dropped', 'program.stopped']);
  t.true(call.hasStopped('camera'));
  t.deepEqual(call.drops, { kernel: 2, programTooLong: 1 });
});

test('a plain endpoint that reports nothing is no worse for it', (t) => {
  const plain = memberOf('P', [], { compatible: false, media: AT });
  const { call, source } = watch(plain);
  for (let nowMs = 0; nowMs <= 9000; nowMs += 500) {
    source.packets++;
    call.observe(nowMs);
  }
  t.is(call.reachOf(plain, 9000), 'live');
});
