/** Media between members: sealed once at its source, opened by whoever has the key, forwarded by whoever has not. */
import test from 'ava';
import { isRtcp, readSequence } from '../../infra/rtp/header.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { memberAt } from '../actors/transport-members.ts';
import { PlainPeer, rtpPacket, until } from '../path/rig.ts';
import { CAMERA, cameraTo, mediaParty } from './media-party.ts';

const PAYLOAD = 200;
const packet = (sequence: number) => rtpPacket({ ssrc: CAMERA, sequence: sequence & 0xffff, payload: PAYLOAD });
const numbers = (packets: readonly Uint8Array[]) => packets.map(readSequence);
const media = (plain: PlainPeer) => plain.received.flatMap((got) => (isRtcp(got.packet) ? [] : [got.packet]));
const relayed = (receiver: string) => ({
  ...{ client: 'A', stream: 'camera', ssrc: CAMERA, media: 'audio' as const, promisedBps: 1e6, limitBps: 1e6 },
  legs: [{ receiver, slices: ALL_SLICES }],
});
const range = (from: number, count: number) => Array.from({ length: count }, (_, index) => (from + index) & 0xffff);

test('receivers play what was sent, directly and behind a relay that has no key; over the turn of the sequence number, too', async (t) => {
  const party = await mediaParty(t, ['A', 'R', 'B', 'C'], { notWatching: ['R'] });
  const [a, r, b, c] = [party.of('A'), party.of('R'), party.of('B'), party.of('C')];
  r.apply({ relayed: [relayed('C')] });
  a.apply({ own: [cameraTo(['B', 'R'], ['B', 'C'])] });
  const sent = range(65_526, 20);
  for (const sequence of sent) a.transport.send('camera', packet(sequence));
  await until(() => b.played.length === 20 && c.played.length === 20);
  t.deepEqual(numbers(b.played), sent);
  t.deepEqual(
    c.played.map((got) => Buffer.from(got)),
    sent.map((sequence) => packet(sequence)),
  );
  t.deepEqual(numbers(r.played), []);
  t.deepEqual(b.transport.sealing.refusedOf(CAMERA), { malformed: 0, notAuthentic: 0, replayed: 0, noKey: 0 });
});

test('what a plain endpoint gets is in the clear, from the source and from a relay, and what members get is not', async (t) => {
  await using phone = await PlainPeer.open();
  await using behind = await PlainPeer.open();
  const plain = [memberAt('P', phone.address, [], false), memberAt('Q', behind.address, [], false)];
  const party = await mediaParty(t, ['A', 'R', 'B'], { plain, notWatching: ['R'] });
  const [a, r, b] = [party.of('A'), party.of('R'), party.of('B')];
  r.apply({ relayed: [relayed('Q')] });
  a.apply({ own: [cameraTo(['B', 'P', 'R'], ['B', 'R'])] });
  const sent = [packet(1), packet(2), packet(3)];
  for (const one of sent) a.transport.send('camera', one);
  await until(() => [media(phone), media(behind), b.played].every(({ length }) => length === 3));
  t.deepEqual(media(phone), sent);
  t.deepEqual(media(behind), sent);
  t.deepEqual(numbers(b.played), [1, 2, 3]);
  t.deepEqual(numbers(r.played), []);
  const stored = a.transport.path.stored(CAMERA, 2);
  t.is(stored?.length, packet(2).length + 17);
  t.false(Buffer.from(stored ?? []).includes(packet(2).subarray(12, 40)));
});
