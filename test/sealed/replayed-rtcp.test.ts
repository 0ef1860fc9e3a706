/** RTCP that has come before, from where it came before: whoever is on the way can send it again. */
import test from 'ava';
import { EMPTY_TABLE } from '../../actors/media/addressed-table.ts';
import { Sealing } from '../../actors/media/sealing/sealing.ts';
import type { PeerId } from '../../machines/messages.ts';
import { addressedAt } from '../actors/transport-members.ts';
import { LOOPBACK, rtcpPacket } from '../path/rig.ts';

const SHARED = Buffer.alloc(32, 3);

/** What seals and opens for one of the two. */
function sealing(self: PeerId, other: PeerId): Sealing {
  const made = new Sealing({
    ...{ self, clock: { now: () => 0, after: () => () => undefined }, sharedWith: () => SHARED },
    ...{ tell: () => undefined, opened: () => undefined, onSealed: () => undefined },
    ...{ isForged: () => false, onBroken: () => undefined, onRefused: () => undefined },
  });
  made.follow({
    ...EMPTY_TABLE,
    members: [{ ...addressedAt(other, { host: LOOPBACK, port: 9 }), isSealed: true }],
  });
  return made;
}

const sealed = (by: Sealing, ssrc: number) => Uint8Array.from(by.sealRtcp('B', rtcpPacket(ssrc)) ?? []);

test('the same datagram again is dropped and counted; those that overtook each other count once each', (t) => {
  const [a, b] = [sealing('A', 'B'), sealing('B', 'A')];
  const [first, second, third] = [sealed(a, 1), sealed(a, 2), sealed(a, 3)];
  for (const [datagram, ssrc] of [
    [first, 1],
    [third, 3],
    [second, 2],
  ] as const) {
    t.deepEqual(Buffer.from(b.openRtcp('A', datagram) ?? []), rtcpPacket(ssrc));
  }
  t.is(b.refused.rtcp, 0);
  for (const datagram of [first, second, third]) t.is(b.openRtcp('A', datagram), undefined);
  t.is(b.refused.rtcp, 3);
});

test('what we have sent ourselves is no word of the other, though both have the key', (t) => {
  const [a, b] = [sealing('A', 'B'), sealing('B', 'A')];
  t.is(a.openRtcp('B', sealed(a, 1)), undefined);
  t.truthy(b.openRtcp('A', sealed(a, 2)));
});
