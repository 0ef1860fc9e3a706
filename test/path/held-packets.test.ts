import test from 'ava';
import { HeldPackets, MOST_HELD } from '../../infra/path/batched/held-packets.ts';
import { rtpPacket } from './rig.ts';

test('held packets come back in turns, each as it was, and slots are used again', (t) => {
  const held = new HeldPackets();
  for (let round = 0; round < 3; round += 1) {
    for (const [ssrc, sequence] of [
      [1, 1],
      [1, 2],
      [2, 1],
    ] as const) {
      const packet = rtpPacket({ ssrc, sequence, payload: 1200 });
      t.is(held.hold(ssrc, packet, packet.length, round), 0);
    }
    const order: string[] = [];
    for (let slot = held.first(); slot !== undefined; slot = held.first()) {
      held.take();
      const packet = Buffer.from(held.packet(slot));
      t.is(packet.length, 1212);
      order.push(`${packet.readUInt32BE(8)}:${packet.readUInt16BE(2)}@${held.sinceMs(slot)}`);
      held.free(slot);
    }
    t.deepEqual(order, [`1:1@${round}`, `2:1@${round}`, `1:2@${round}`]);
  }
});

test('a store that is full takes from who has most in it', (t) => {
  const held = new HeldPackets();
  const small = rtpPacket({ ssrc: 1, sequence: 1 });
  for (let count = 0; count < MOST_HELD; count += 1) held.hold(1, small, small.length, 0);
  t.is(held.hold(2, small, small.length, 0), 1);
  t.is(held.hold(1, small, small.length, 0), 1);
  t.is(held.size, MOST_HELD);
});
