/** A plain endpoint answers no checks: media goes to it where it is no stranger's, that is within a network, or once it has spoken. */
import test from 'ava';
import type { RtcpPlace } from '../../machines/claimed-addresses.ts';
import type { Endpoint } from '../../machines/messages.ts';
import type { TransportMember } from '../../machines/ports.ts';
import { type WiredPeer, WiredRoom } from './wired-room.ts';

const INSIDE = { host: '192.168.1.9', port: 4000 };
const OUTSIDE = { host: '203.0.113.9', port: 4000 };

function phone(claim: Endpoint, rtcp: RtcpPlace = 'muxed'): TransportMember {
  return {
    ...{ peer: 'phone', epoch: 1, key: null, nat: 'unknown', outside: null, claim, isShared: false },
    ...{ streams: [], compatible: false, rtcp, isSealed: false, plain: 'local' },
  };
}

function alone(): { room: WiredRoom; a: WiredPeer } {
  const room = new WiredRoom();
  const a = room.joins('A', { host: '198.51.100.1', router: null });
  room.run(1000);
  return { room, a };
}

test('at a private address it is sent to at once', (t) => {
  const { a } = alone();
  a.reach.follow([phone(INSIDE)]);
  t.deepEqual(a.reach.waysOf('phone'), { send: INSIDE, accept: [INSIDE] });
});

test('on the internet only once something has come from there', (t) => {
  const { room, a } = alone();
  a.reach.follow([phone(OUTSIDE)]);
  t.deepEqual(a.reach.waysOf('phone'), { send: null, accept: [OUTSIDE] });
  room.run(60_000);
  t.is(a.reach.waysOf('phone').send, null);
  a.reach.heard('phone', OUTSIDE);
  t.deepEqual(a.reach.waysOf('phone'), { send: OUTSIDE, accept: [OUTSIDE] });
  t.deepEqual(room.sent, [], 'it is not checked: it could not answer');
});

test('that it has spoken holds for where it was, and not for the address that it names next', (t) => {
  const { a } = alone();
  a.reach.follow([phone(OUTSIDE)]);
  a.reach.heard('phone', OUTSIDE);
  a.reach.follow([phone(OUTSIDE)]);
  t.deepEqual(a.reach.waysOf('phone').send, OUTSIDE);
  a.reach.follow([phone({ ...OUTSIDE, port: 4002 })]);
  t.is(a.reach.waysOf('phone').send, null);
});

test('one whose address is another’s, too, may send, and is sent nothing', (t) => {
  const { a } = alone();
  a.reach.follow([{ ...phone(INSIDE), isShared: true }]);
  t.deepEqual(a.reach.waysOf('phone'), { send: null, accept: [INSIDE] });
  a.reach.follow([phone(INSIDE)]);
  t.deepEqual(a.reach.waysOf('phone'), { send: INSIDE, accept: [INSIDE] }, 'the other has gone');
});

test('one that is gone is sent nothing', (t) => {
  const { a } = alone();
  a.reach.follow([phone(INSIDE)]);
  a.reach.follow([]);
  t.deepEqual(a.reach.waysOf('phone'), { send: null, accept: [] });
});

test('each of its two addresses on the internet is sent to once something has come from that one', (t) => {
  const { a } = alone();
  const rtcp = { ...OUTSIDE, port: 4001 };
  a.reach.follow([phone(OUTSIDE, rtcp)]);
  a.reach.heard('phone', rtcp);
  const accept = { accept: [rtcp] };
  t.deepEqual(a.reach.waysOf('phone'), { send: null, accept: [OUTSIDE], rtcp: { send: rtcp, ...accept } });
  a.reach.follow([phone(OUTSIDE, { ...rtcp, port: 4002 })]);
  t.is(a.reach.waysOf('phone').rtcp?.send, null, 'that it has spoken holds for where it was');
});
