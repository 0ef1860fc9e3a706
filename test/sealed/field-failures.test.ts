/** What calls elsewhere have failed at, as their public trackers tell: tried on ours. */
import test from 'ava';
import { SEAL_BYTES, STREAM_KEY_BYTES, StreamOpener, StreamSealer } from '../../infra/srtp/stream-seal.ts';
import { rtpPacket } from '../path/rig.ts';
import { camerasJoin } from '../simulation/script/cameras.ts';
import type { Fault, SimulatedStream } from '../simulation/script/script.ts';
import { simulate } from '../simulation/simulation.ts';

const KEY = Buffer.alloc(STREAM_KEY_BYTES, 9);
const SSRC = 1;
const PAYLOAD = 50;
const CYCLE = 0x1_0000;

const sealer = new StreamSealer(KEY, 0);

function sealedAt(index: number): Uint8Array {
  const into = Buffer.alloc(12 + PAYLOAD + SEAL_BYTES);
  sealer.seal(rtpPacket({ ssrc: SSRC, sequence: index % CYCLE, payload: PAYLOAD }), index, into);
  return into;
}

function isOpened(opener: StreamOpener, packet: Uint8Array): boolean {
  return typeof opener.open(packet, Buffer.alloc(packet.length)) === 'number';
}

// cisco/libsrtp#729
test('the first numbers are the last of a cycle, and those before the turn are lost or overtaken', (t) => {
  const first = CYCLE - 3;
  for (const order of [
    [0, 1, 2, 3, 4, 5, 6],
    [5, 3, 2, 6, 4],
    [4, 5, 6],
    [3, 1, 4, 0],
  ]) {
    const opener = new StreamOpener(KEY, 0);
    t.deepEqual(
      order.filter((each) => !isOpened(opener, sealedAt(first + each))),
      [],
    );
  }
});

// sipsorcery-org/sipsorcery#1662
test('packets that are not authentic, of whatever numbers, move nothing', (t) => {
  const opener = new StreamOpener(KEY, 0);
  t.true(isOpened(opener, sealedAt(100)));
  for (const index of [101, 30_000, 50_000, 65_000, 99]) {
    const forged = Uint8Array.from(sealedAt(index));
    forged[40] = (forged[40] ?? 0) ^ 1;
    t.false(isOpened(opener, forged));
  }
  for (const index of [101, 102, 99]) t.true(isOpened(opener, sealedAt(index)));
});

// cisco/libsrtp#307, #608
test('whoever comes when the numbers have turned over many times opens the first packet and those after it', (t) => {
  const told = 5 * CYCLE - 10;
  const opener = new StreamOpener(KEY, told);
  for (const ahead of [1, 2, 15, 14, 300, 299, 20_000, 50_000, 82_000])
    t.true(isOpened(opener, sealedAt(told + ahead)), `${ahead}`);
});

const SCREEN: SimulatedStream = {
  ...{ name: 'screen', media: 'video', minBps: 200_000, maxBps: 200_000, group: null, layer: 0 },
};
const JOINS = camerasJoin({ A: 8, B: 8, C: 8, D: 8 }).map((fault) =>
  fault.do === 'join' ? { ...fault, streams: [...fault.streams, SCREEN] } : fault,
);
const room = (faults: readonly Fault[]) =>
  simulate({
    ...{ seed: 3, preset: 'forgers', seconds: 8, sealed: true, signed: 'open' },
    faults: [...JOINS, ...faults].sort((a, b) => a.at - b.at),
  });

// livekit/client-sdk-js#973
test('screens that stop in quick succession, and come back, cost nobody another picture', (t) => {
  const show = (peer: string, at: number, streams: string[]): Fault => ({ at, do: 'show', peer, streams });
  const { violations, delivered } = room([
    ...['A', 'B', 'C'].map((peer, each) => show(peer, 2000 + 50 * each, ['camera'])),
    ...['A', 'B', 'C'].map((peer, each) => show(peer, 2600 + 50 * each, ['camera', 'screen'])),
    ...['B', 'A'].map((peer, each) => show(peer, 3200 + 30 * each, ['camera'])),
  ]);
  t.deepEqual(violations, []);
  t.true(delivered > 0.95);
});

// jitsi/jitsi-meet#11556, element-hq/element-call#2396
test('one that leaves and comes again and again is seen each time, and so are the others', (t) => {
  const { violations, delivered } = room(
    [1500, 2000, 2500, 3000].map((at): Fault => ({ at, do: 'restart', peer: 'C', forMs: 100 })),
  );
  t.deepEqual(violations, []);
  t.true(delivered > 0.95);
});
