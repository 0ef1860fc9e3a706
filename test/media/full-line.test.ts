/** What a receiver's own full line drops: pictures are not asked for again, which would keep it full; words are. */
import test from 'ava';
import { EMPTY_TABLE } from '../../actors/media/addressed-table.ts';
import { Repair } from '../../actors/media/repair/repair.ts';
import { readNacks } from '../../infra/rtcp/nack.ts';
import { addressedAt } from '../actors/transport-members.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';
import { stream, voice } from '../machines/members.ts';

const AT = { host: '192.0.2.2', port: 5000 };
const CAMERA = { ...stream('B'), ssrc: 1 };
const VOICE = { ...voice('B'), ssrc: 2 };
/** Longer than anybody waits for a packet, in ms. */
const LONG_MS = 10_000;

test('while our line is full only words are asked for again, and it is told how many packets were not', (t) => {
  const clock = new VirtualClock();
  const asked: number[] = [];
  let isFull = true;
  const repair = new Repair({
    path: {
      sendTo: (datagram) => void asked.push(...readNacks(datagram).map(({ mediaSsrc }) => mediaSsrc)),
      stored: () => undefined,
      wasOverLimit: () => false,
    },
    ...{ again: { add: () => undefined }, clock, latency: 'auto', play: () => undefined, isLineFull: () => isFull },
  });
  const members = [{ ...addressedAt('B', AT), streams: [CAMERA, VOICE] }];
  repair.follow({ ...EMPTY_TABLE, members }, new Set([1, 2]));
  const losesOne = (first: number) => {
    asked.length = 0;
    for (const ssrc of [1, 2])
      for (const sequence of [first, first + 2]) repair.takePacket(new Uint8Array(12), ssrc, sequence, AT, 'B');
    clock.advance(LONG_MS);
    return new Set(asked);
  };
  t.deepEqual(losesOne(0), new Set([2]));
  const { spared } = repair.counts();
  t.true(spared > 0);
  isFull = false;
  t.deepEqual(losesOne(3), new Set([1, 2]));
  t.is(repair.counts().spared, spared);
  repair.stop();
});
