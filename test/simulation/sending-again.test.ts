/** What a silent relay may have swallowed is sent again without sending more than the upload holds. */
import test from 'ava';
import { camerasJoin } from './script/cameras.ts';
import type { Fault } from './script/script.ts';
import { PACKETS_PER_SECOND, WINDOW_MS } from './simulation.ts';
import { World } from './world/world.ts';

const MBIT = 1_000_000;
/** C can send one copy and little more. */
const UPLOADS = { A: 12, B: 12, C: 1.2, D: 8 };
/** Simulated packets are large: where a second begins is worth one of them. */
const PACKET_BITS = MBIT / PACKETS_PER_SECOND;
const SECOND_MS = 1000;

function roomAround(trouble: Fault): World {
  const script = { seed: 1, preset: 'calm', seconds: 10, faults: [...camerasJoin(UPLOADS), trouble] } as const;
  return new World({ script, packetsPerSecond: PACKETS_PER_SECOND, windowMs: WINDOW_MS });
}

/** The most that any second holds, in bit. */
function busiestSecond(sent: readonly { readonly atMs: number; readonly bits: number }[]): number {
  let [most, bits, first] = [0, 0, 0];
  for (const one of sent) {
    bits += one.bits;
    for (let oldest = sent[first]; oldest && oldest.atMs <= one.atMs - SECOND_MS; oldest = sent[first]) {
      bits -= oldest.bits;
      first += 1;
    }
    most = Math.max(most, bits);
  }
  return most;
}

for (const relay of ['A', 'B', 'D']) {
  test(`C stays within its upload when ${relay} stands still`, (t) => {
    const world = roomAround({ at: 3000, do: 'stall', peer: relay, forMs: 400 });
    const sent: { atMs: number; bits: number }[] = [];
    world.clock.runUntil(2000);
    const c = world.alive.find(({ id }) => id === 'C');
    t.truthy(c);
    if (c === undefined) return;
    const take = c.uplink.take.bind(c.uplink);
    c.uplink.take = (bits, nowMs, urgent) => {
      sent.push({ atMs: nowMs, bits });
      return take(bits, nowMs, urgent);
    };
    world.clock.runUntil(10_000);
    world.end();
    t.deepEqual(world.violations, []);
    t.true(sent.length > 0);
    t.true(busiestSecond(sent) <= c.profile.uploadBps + PACKET_BITS, `${busiestSecond(sent)} bit in a second`);
  });
}
