/** What is noted by a process that is held up while it sends. */
import { Socket } from 'node:dgram';
import test from 'ava';
import type { NotedPacket } from '../../infra/path/contract.ts';
import { PathUnderTest, routeOf, rtpPacket } from './rig.ts';

const OWN = 0x0a0b0c0d;
const HELD_UP_MS = 95;

test('what is sent is noted from before it was, however long it takes until the process goes on', async (t) => {
  let nowMs = 1_000;
  await using peer = await PathUnderTest.open('dgram', undefined, { now: () => nowMs });
  await using member = await PathUnderTest.open('dgram');
  peer.path.setTable({ routes: [routeOf(OWN, null, [member.path.bound])], sinks: [], reporters: [member.path.bound] });
  peer.path.note('all');
  const { send } = Socket.prototype;
  t.teardown(() => {
    Socket.prototype.send = send;
  });
  Socket.prototype.send = function heldUp(this: Socket, ...given: unknown[]): void {
    nowMs += HELD_UP_MS;
    Reflect.apply(send, this, given);
  };
  peer.path.send(rtpPacket({ ssrc: OWN, sequence: 1 }));
  peer.path.resend(OWN, 1, member.path.bound);
  const noted: NotedPacket[] = [];
  peer.path.takeNoted((packet) => void noted.push({ ...packet }));
  t.deepEqual(
    noted.map(({ what, atMs }) => [what, atMs]),
    [
      ['sent', 1_000],
      ['resent', 1_000 + HELD_UP_MS],
    ],
  );
});
