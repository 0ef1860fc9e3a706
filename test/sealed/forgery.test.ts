/** A member that has a stream's key makes packets of it up for another: that is seen, and nothing more is taken from there. */
import test from 'ava';
import { readKeyList, type StreamKey } from '../../actors/media/sealing/key-list.ts';
import { openBox } from '../../infra/crypto/box.ts';
import { GCM_KEY_BYTES, keyFor } from '../../infra/crypto/gcm.ts';
import { readSequence } from '../../infra/rtp/header.ts';
import { SEAL_BYTES, StreamSealer } from '../../infra/srtp/stream-seal.ts';
import type { FaultyHop } from '../../machines/digests/hop-faults.ts';
import type { DigestsMessage, KeysMessage } from '../../machines/ports.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { rtpPacket, until } from '../path/rig.ts';
import { CAMERA, cameraTo, type MediaPeer, mediaParty, type PartyHooks } from './media-party.ts';

const PAYLOAD = 200;
/** In all bytes of the payload, as no packet of A's has it here. */
const MADE_UP = 0xee;
const packet = (sequence: number) => rtpPacket({ ssrc: CAMERA, sequence: sequence & 0xffff, payload: PAYLOAD });
const relayed = {
  ...{ client: 'A', stream: 'camera', ssrc: CAMERA, media: 'audio' as const, promisedBps: 1e6, limitBps: 1e6 },
  legs: [{ receiver: 'B', slices: ALL_SLICES }],
};
const BY_R = { owner: 'A', stream: 'camera', via: 'R', fault: 'forged' } as const;

/** A shows a camera; R has its key, since it watches, and forwards it to B. */
async function room(t: Parameters<typeof mediaParty>[0], hooks: PartyHooks = {}, first = 0) {
  const boxes: KeysMessage[] = [];
  const party = await mediaParty(t, ['A', 'R', 'B', 'C'], { ...hooks, onKeys: (message) => boxes.push(message) > 0 });
  const [a, r, b] = [party.of('A'), party.of('R'), party.of('B')];
  r.apply({ relayed: [relayed] });
  a.apply({ own: [cameraTo(['R'], ['R', 'B', 'C'])] });
  let sent = first;
  /** The next ones of A, of which `played` get to B. */
  const send = async (count: number, played = count) => {
    const before = b.played.length;
    for (let each = 0; each < count; each++) a.transport.send('camera', packet(sent++));
    await until(() => b.played.length >= before + played);
  };
  /** Made up by R, with A's key, and sent by whoever to B. */
  const forged = (index: number) => {
    const { key, epoch } = keyOf(boxes, r);
    const into = Buffer.alloc(12 + PAYLOAD + SEAL_BYTES);
    new StreamSealer(key, epoch).seal(
      rtpPacket({ ssrc: CAMERA, sequence: index & 0xffff, payload: PAYLOAD }).fill(MADE_UP, 12),
      index,
      into,
    );
    return into;
  };
  const forge = async (index: number, by: MediaPeer = r) => {
    const before = b.played.length;
    by.transport.path.sendTo(forged(index), b.bound);
    await until(() => b.played.length > before);
  };
  return { a, r, b, send, forged, forge };
}

/** The key of the camera, out of the box that R was sent. */
function keyOf(messages: readonly KeysMessage[], r: MediaPeer): StreamKey {
  const shared = r.transport.reach.keyOf('A');
  const boxKey = shared && keyFor(shared, 'rpr media keys A R', GCM_KEY_BYTES);
  for (const message of messages) {
    if (message.kind !== 'media.keys' || boxKey === undefined) continue;
    for (const { to, box } of message.body.keys) {
      const opened = to === 'R' ? openBox(boxKey, Buffer.from(box, 'base64url')) : undefined;
      const [key] = (opened && readKeyList(opened.content)) ?? [];
      if (key !== undefined) return key;
    }
  }
  throw new Error('R was told no key');
}

const faults = ({ told }: MediaPeer): FaultyHop[] =>
  told.flatMap((event) => {
    if (event.type !== 'media.forged') return [];
    const { type: _, ...fault } = event;
    return [fault];
  });
const isMadeUp = (got: Uint8Array) => got.subarray(12).every((byte) => byte === MADE_UP);

test('a relay that puts its own packets in the place of others is named, and nothing is taken from it any more', async (t) => {
  const { a, r, b, send, forged, forge } = await room(t);
  await send(20);
  await forge(20);
  // What A has sent under that number looks like a copy now.
  await send(10, 9);
  await until(() => faults(b).length > 0);
  t.deepEqual(faults(b), [BY_R]);
  t.deepEqual(b.transport.digests.forgeries, [{ owner: 'A', via: 'R', packets: 1 }]);
  t.is(b.played.filter(isMadeUp).length, 1);
  const heard = b.played.length;
  r.transport.path.sendTo(forged(40), b.bound);
  await send(5, 0);
  a.apply({ own: [cameraTo(['R', 'B'], ['R', 'B'])] });
  await send(5);
  t.deepEqual(b.played.slice(heard).map(readSequence), [35, 36, 37, 38, 39]);
  t.deepEqual(faults(b), [BY_R]);
});

test('packets that the source never sent are seen, though it sends nothing', async (t) => {
  const { b, send, forge } = await room(t);
  await send(20);
  await until(() => b.transport.digests.counts.genuine === 20);
  await forge(25);
  await until(() => faults(b).length > 0);
  t.deepEqual(faults(b), [BY_R]);
});

test('what was made up ahead takes no place of what the source sends later', async (t) => {
  const { a, b, send, forge } = await room(t);
  await send(20);
  for (const index of [25, 29, 26]) await forge(index);
  await until(() => b.transport.digests.counts.forged === 3);
  const heard = b.played.length;
  a.apply({ own: [cameraTo(['R', 'B'], ['R', 'B'])] });
  await send(12);
  t.deepEqual(b.played.slice(heard).map(readSequence), [20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);
  t.false(b.played.slice(heard).some(isMadeUp));
});

test('a relay that passes no digests on hides nothing: the source is asked', async (t) => {
  const { a, r, b, forge } = await room(t);
  r.apply({ relayed: [] });
  for (const sequence of [0, 1, 2]) a.transport.send('camera', packet(sequence));
  await until(() => r.played.length === 3);
  await forge(1);
  await until(() => faults(b).length > 0);
  t.deepEqual(faults(b), [BY_R]);
});

test('so is one that is the only way from the source: what that has sent is asked for by the bus, and told', async (t) => {
  const asked: DigestsMessage['kind'][] = [];
  const { a, r, b, send, forge } = await room(t, {
    apart: ['A', 'B'],
    onDigests: ({ kind }) => asked.push(kind) > 0,
  });
  await send(20);
  await until(() => b.transport.digests.counts.genuine === 20);
  t.deepEqual(asked, []);
  r.apply({ relayed: [] });
  for (let sequence = 20; sequence < 25; sequence++) a.transport.send('camera', packet(sequence));
  await forge(22);
  await until(() => faults(b).length > 0);
  t.deepEqual(faults(b), [BY_R]);
  t.deepEqual(asked.slice(0, 2), ['media.digests.ask', 'media.digests']);
});

test('one that leaps far ahead does not shut out what the source sends', async (t) => {
  const { a, b, send, forge } = await room(t);
  await send(20);
  await until(() => b.transport.digests.counts.genuine === 20);
  await forge(20_000);
  await until(() => faults(b).length > 0);
  a.apply({ own: [cameraTo(['B'], ['R', 'B'])] });
  // The first of them look like copies to the path, until it is clear that they begin anew.
  await send(20, 13);
  t.is(b.played.filter(isMadeUp).length, 1);
  t.deepEqual(b.transport.digests.forgeries, [{ owner: 'A', via: 'R', packets: 1 }]);
});

test('what comes as from the source itself is named, too, and the source is still heard', async (t) => {
  const { a, b, send, forge } = await room(t);
  a.apply({ own: [cameraTo(['B'], ['R', 'B'])] });
  await send(20);
  await forge(20, a);
  await until(() => faults(b).length > 0);
  t.deepEqual(faults(b), [{ ...BY_R, via: 'A' }]);
  await send(10, 9);
});

test('nobody is named where nothing was forged: over losses, a change of keys and numbers that turn over', async (t) => {
  const { a, r, b, send } = await room(t, {}, 65_500);
  await send(30);
  r.apply({ relayed: [{ ...relayed, legs: [{ receiver: 'B', slices: 0x00ff }] }] });
  // C, which had the key, is gone: the keys change.
  a.apply({
    own: [cameraTo(['R'], ['R', 'B'])],
    members: a.transport.table.members.filter(({ peer }) => peer !== 'C'),
  });
  const epochs = new Set<number | undefined>();
  for (let round = 1; round <= 8; round++) {
    await send(32, 16);
    epochs.add(a.transport.path.stored(CAMERA, (65_500 + 29 + 32 * round) & 0xffff)?.at(-1));
    await until(() => b.transport.digests.counts.genuine === 30 + 16 * round);
  }
  t.is(epochs.size, 2);
  t.deepEqual(b.transport.digests.counts, { genuine: 158, forged: 0, unchecked: 0, unsigned: 0 });
  t.deepEqual(faults(b), []);
});

test('of a source that signs nothing nothing is checked, and nobody is named', async (t) => {
  const { b, send, forge } = await room(t, { unsigned: ['A'] });
  await send(20);
  await forge(20);
  await send(40, 39);
  t.deepEqual(b.transport.digests.counts, { genuine: 0, forged: 0, unchecked: 0, unsigned: 0 });
  t.deepEqual(faults(b), []);
});

test('a relay that brings much that no key opens is named, too', async (t) => {
  const { r, b, send, forged } = await room(t);
  await send(20);
  for (let index = 20; index < 60; index++) {
    const broken = forged(index);
    broken.writeUInt8(broken.readUInt8(30) ^ 1, 30);
    r.transport.path.sendTo(broken, b.bound);
  }
  await until(() => faults(b).length > 0);
  t.deepEqual(faults(b), [{ ...BY_R, fault: 'broken' }]);
  t.deepEqual(b.transport.digests.forgeries, []);
});

test('what no key opens does not take the place of what the source sends under that number', async (t) => {
  const { a, r, b, forged } = await room(t);
  const rubbish = (index: number, change: (packet: Buffer) => Buffer) =>
    r.transport.path.sendTo(change(forged(index)), b.bound);
  for (const sequence of [0, 1]) a.transport.send('camera', packet(sequence));
  await until(() => b.played.length === 2);
  rubbish(2, (made) => made.fill(0, 20, 30));
  rubbish(3, (made) => made.subarray(0, 14).fill(made.at(-1) ?? 0, 13));
  rubbish(4, (made) => made.fill(99, made.length - 1));
  await until(() => b.transport.sealing.refused.notAuthentic + b.transport.sealing.refused.malformed >= 2);
  for (const sequence of [2, 3, 4, 5]) a.transport.send('camera', packet(sequence));
  await until(() => b.played.length === 6);
  t.deepEqual(b.played.map(readSequence), [0, 1, 2, 3, 4, 5]);
});
