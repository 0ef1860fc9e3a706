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

test('keys change under load and nothing is lost; who has gone opens nothing of what comes after', async (t) => {
  const party = await mediaParty(t, ['A', 'B', 'C']);
  const [a, b, c] = [party.of('A'), party.of('B'), party.of('C')];
  a.apply({ own: [cameraTo(['B', 'C'], ['B', 'C'])] });
  const epochs = new Set<number>();
  let sent = 0;
  const send = async (count: number) => {
    for (let each = 0; each < count; each++) {
      a.transport.send('camera', packet(sent));
      epochs.add(a.transport.path.stored(CAMERA, sent & 0xffff)?.at(-1) ?? -1);
      sent++;
      if (sent % 8 === 0) await until(() => b.played.length >= sent - 8);
    }
  };
  await send(200);
  await until(() => c.played.length === sent);
  const heard = c.played.length;
  // For C nothing has changed: it still gets what is sent to it.
  a.apply({
    own: [cameraTo(['B', 'C'], ['B'])],
    members: a.transport.table.members.filter(({ peer }) => peer !== 'C'),
  });
  const before = sent;
  while (epochs.size < 2) await send(8);
  const after = sent;
  await send(400);
  await until(() => b.played.length === sent);
  t.deepEqual(numbers(b.played), range(0, sent));
  t.true(before < after);
  t.true(c.played.length - heard <= after - before);
  const { notAuthentic, replayed, malformed, noKey } = b.transport.sealing.refusedOf(CAMERA);
  t.deepEqual([notAuthentic, replayed, malformed, noKey], [0, 0, 0, 0]);
});

test('a key that was lost on its way is asked for, and what came meanwhile is played in its order', async (t) => {
  let lost = 1;
  const party = await mediaParty(t, ['A', 'B'], { onKeys: ({ kind }) => kind !== 'media.keys' || lost-- <= 0 });
  const [a, b] = [party.of('A'), party.of('B')];
  a.apply({ own: [cameraTo(['B'], ['B'])] });
  let sent = 0;
  await until(() => {
    if (sent < 60) a.transport.send('camera', packet(sent++));
    return sent === 60 && b.played.length === 60;
  });
  t.deepEqual(numbers(b.played), range(0, 60));
});

test('one that comes late, when the number has turned over, hears at once', async (t) => {
  const party = await mediaParty(t, ['A', 'B', 'C']);
  const [a, b, c] = [party.of('A'), party.of('B'), party.of('C')];
  a.apply({ own: [cameraTo(['B'], ['B'])] });
  const count = 0x1_0000 + 100;
  for (let sent = 0; sent < count; sent += 1000) a.transport.send('camera', packet(sent));
  await until(() => b.played.length === 66);
  a.apply({ own: [cameraTo(['B', 'C'], ['B', 'C'])] });
  for (let sent = count; sent < count + 20; sent++) a.transport.send('camera', packet(sent));
  await until(() => c.played.length === 20 && b.played.length === 86);
  t.deepEqual(numbers(c.played), range(100, 20));
});

test('a stream whose numbers leap back goes on under another key, and is never sealed twice under one number', async (t) => {
  const party = await mediaParty(t, ['A', 'B']);
  const [a, b] = [party.of('A'), party.of('B')];
  a.apply({ own: [cameraTo(['B'], ['B'])] });
  for (const sequence of [...range(5000, 10), 5009]) a.transport.send('camera', packet(sequence));
  await until(() => b.played.length === 10);
  t.is(a.transport.sealing.refused.repeated, 1);
  const first = a.transport.path.stored(CAMERA, 5000)?.at(-1);
  for (const sequence of range(100, 40)) a.transport.send('camera', packet(sequence));
  // The first of them look like copies to the path, until it is clear that they begin anew.
  await until(() => numbers(b.played).includes(139));
  t.deepEqual(numbers(b.played).slice(-20), range(120, 20));
  t.not(a.transport.path.stored(CAMERA, 100)?.at(-1), first);
});

test('what is cut, changed, repeated, of another key or in the clear is not played, and is counted', async (t) => {
  const party = await mediaParty(t, ['A', 'R', 'B'], { notWatching: ['R'] });
  const [a, r, b] = [party.of('A'), party.of('R'), party.of('B')];
  a.apply({ own: [cameraTo(['B'], ['B'])] });
  a.transport.send('camera', packet(1));
  a.transport.send('camera', packet(2));
  await until(() => b.played.length === 2);
  const good = Buffer.from(a.transport.path.stored(CAMERA, 2) ?? []);
  /** As if the packet after the newest had been made of that one. */
  const forged = (sequence: number, change: (bytes: Buffer) => Buffer) => {
    const bytes = Buffer.from(good);
    bytes.writeUInt16BE(sequence, 2);
    return change(bytes);
  };
  const changed = (at: number) => (bytes: Buffer) => {
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    return bytes;
  };
  const attempts = [
    ...[0, 1, 4, 12, good.length - 18, good.length - 2].map((at, index) => forged(10 + index, changed(at))),
    forged(30, (bytes) => bytes),
    forged(31, (bytes) => bytes.subarray(0, 20)),
    packet(32),
  ];
  for (const attempt of attempts) r.transport.path.sendTo(attempt, b.bound);
  await until(() => {
    const { notAuthentic, malformed } = b.transport.sealing.refusedOf(CAMERA);
    return notAuthentic + malformed >= 7;
  });
  a.transport.send('camera', packet(40));
  await until(() => b.played.length === 3);
  t.deepEqual(numbers(b.played), [1, 2, 40]);
});

test('RTCP between members is sealed: nobody else can write or read it, or say it again', async (t) => {
  const party = await mediaParty(t, ['A', 'R', 'B']);
  const [a, r, b] = [party.of('A'), party.of('R'), party.of('B')];
  a.apply({ own: [cameraTo(['B'], ['B'])] });
  const forged = rtpPacket({ ssrc: CAMERA, sequence: 8, payload: 0 });
  forged.writeUInt16BE(0x81c9, 0);
  r.transport.path.sendTo(forged, b.bound);
  await until(() => b.transport.sealing.refused.rtcp === 1);
  t.is(a.transport.sealing.refused.rtcp, 0);
});
