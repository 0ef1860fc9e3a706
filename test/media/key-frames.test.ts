/** Requests for key frames on their way: from a player to whoever sends it the stream, from a relay to the owner, from there to the source. */
import test from 'ava';
import type { AddressedTable } from '../../actors/media/addressed-table.ts';
import { KeyFrames, type KeyFramesOptions } from '../../actors/media/key-frames/key-frames.ts';
import type { Endpoint, SsrcCounters } from '../../infra/path/contract.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../infra/rtcp/feedback.ts';
import type { StreamInfo } from '../../machines/messages.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { addressedAt } from '../actors/transport-members.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';

const OWN = 1;
const OF_B = 11;
const OF_C = 21;
const at = (port: number): Endpoint => ({ host: '10.0.0.1', port });
const [B, C, D] = [at(5002), at(5003), at(5004)];

const video = (name: string, ssrc: number): StreamInfo => ({
  ...{ name, ssrc, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
});
const member = (peer: string, address: Endpoint, ...streams: readonly StreamInfo[]) =>
  addressedAt(peer, address, streams);

/** A, with a camera of its own; it relays the camera of C to D. */
const TABLE: AddressedTable = {
  own: [
    { stream: 'camera', ssrc: OWN, media: 'video', codec: 'VP8/90000', rateBps: 0, holders: [], hops: [] },
    { stream: 'voice', ssrc: 2, media: 'audio', codec: 'opus/48000/2', rateBps: 0, holders: [], hops: [] },
  ],
  relayed: [
    {
      ...{ client: 'C', stream: 'camera', ssrc: OF_C, media: 'video', upstream: C, promisedBps: 1, limitBps: 1 },
      from: [C],
      legs: [{ receiver: 'D', slices: ALL_SLICES, address: D }],
    },
  ],
  members: [member('B', B, video('camera', OF_B)), member('C', C, video('camera', OF_C)), member('D', D)],
  ...{ relays: [], plain: 'local' as const, resendLimitBps: 0, paceBps: 0 },
};

const packet = (firstOfFrame: number) =>
  Uint8Array.from([0x80, 96, ...new Array<number>(10).fill(0), 0x10, firstOfFrame]);
const KEY = packet(0);
const OTHER = packet(1);

function start(changes: Partial<KeyFramesOptions> = {}) {
  const clock = new VirtualClock(10_000);
  const sent: { readonly to: number; readonly ssrc: number | undefined }[] = [];
  const asked: string[] = [];
  const missing: string[] = [];
  const arrivals = new Map<number, Endpoint>();
  const counters = (ssrc: number): SsrcCounters | undefined => {
    const from = arrivals.get(ssrc);
    const byUpstream = new Map(
      from === undefined ? [] : [[endpointText(from), { packets: 1, lastArrivalMs: clock.now() }]],
    );
    return {
      firstSequence: 0,
      highestSequence: 0,
      deliveredPackets: 1,
      deliveredBytes: 1,
      duplicatePackets: 0,
      byUpstream,
    };
  };
  const keyFrames = new KeyFrames({
    path: {
      sendTo: (datagram, to) => void sent.push({ to: to.port, ssrc: readKeyFrameRequests(datagram, 8)[0]?.ssrc }),
      ssrcCounters: counters,
    },
    clock,
    identity: () => ({ ssrc: OWN, cname: 'A' }),
    askSource: (stream) => {
      asked.push(stream);
      return 'asked';
    },
    onMissing: (stream, reason) => void missing.push(`${stream} ${reason}`),
    ...changes,
  });
  keyFrames.follow(TABLE);
  return { keyFrames, clock, sent, asked, missing, arrivals };
}

test('a member that asks for our picture reaches the source; for our sound there is nothing to ask', (t) => {
  const { keyFrames, asked, sent } = start();
  keyFrames.take('B', writePictureLoss(9, OWN));
  keyFrames.take('B', writePictureLoss(9, 2));
  t.deepEqual(asked, ['camera']);
  t.deepEqual(sent, []);
  t.like(keyFrames.counters(), { passed: 1, stray: 1 });
});

test('a relay passes the request of a receiver of its own on to the owner, and that of nobody else', (t) => {
  const { keyFrames, sent, asked } = start();
  keyFrames.take('B', writePictureLoss(9, OF_C));
  keyFrames.take('D', writePictureLoss(9, OF_B));
  keyFrames.take('D', writePictureLoss(9, 777));
  t.deepEqual(sent, []);
  keyFrames.take('D', writePictureLoss(9, OF_C));
  t.deepEqual(sent, [{ to: C.port, ssrc: OF_C }]);
  t.deepEqual(asked, []);
  t.is(keyFrames.counters().stray, 3);
});

test('a relay asks the owner alone, whoever else sends it the stream: requests run in no circle', (t) => {
  const { keyFrames, sent, arrivals } = start();
  arrivals.set(OF_C, D);
  keyFrames.take('D', writePictureLoss(9, OF_C));
  t.deepEqual(sent, [{ to: C.port, ssrc: OF_C }]);
});

test('our player is served by whoever sends us the stream: the relay while it does, else the owner', (t) => {
  const { keyFrames, sent, arrivals, clock } = start();
  arrivals.set(OF_B, D);
  keyFrames.takePlayer('B', 'camera', writePictureLoss(9, 4711));
  arrivals.delete(OF_B);
  clock.advance(2000);
  keyFrames.takePlayer('B', 'camera', writePictureLoss(9, 4711));
  t.deepEqual(sent, [
    { to: D.port, ssrc: OF_B },
    { to: B.port, ssrc: OF_B },
  ]);
  keyFrames.takePlayer('B', 'slides', writePictureLoss(9, 4711));
  t.is(keyFrames.counters().stray, 1);
});

test('who shows a stream here may ask for a key frame of it: of pictures that we receive, as often as a player', (t) => {
  const { keyFrames, sent, clock } = start();
  t.true(keyFrames.request('B', 'camera'));
  for (const [owner, stream] of [
    ['B', 'slides'],
    ['X', 'camera'],
    ['A', 'camera'],
  ] as const)
    t.false(keyFrames.request(owner, stream));
  t.deepEqual(sent, [{ to: B.port, ssrc: OF_B }]);
  for (let count = 0; count < 10; count++) keyFrames.request('B', 'camera');
  clock.advance(1000);
  t.is(sent.length, 2);
  t.is(keyFrames.counters().refused, 8);
});

test('a request that came too soon is passed on when it may be, unless the key frame has come by then', (t) => {
  const { keyFrames, sent, clock } = start();
  const askOften = () => {
    for (let count = 0; count < 4; count++) {
      keyFrames.request('B', 'camera');
      clock.advance(300);
    }
  };
  askOften();
  t.is(sent.length, 3);
  clock.advance(1000);
  t.is(sent.length, 4, 'a page whose key frame was late shows nothing until it has one');
  clock.advance(6000);
  askOften();
  t.is(sent.length, 7);
  keyFrames.arrived(OF_B, KEY);
  clock.advance(5000);
  t.is(sent.length, 7);
});

test('what begins to come is asked for by itself', (t) => {
  const { keyFrames, sent, clock } = start();
  keyFrames.arrived(OF_B, OTHER);
  clock.advance(500);
  keyFrames.arrived(OF_B, OTHER);
  t.deepEqual(sent, [{ to: B.port, ssrc: OF_B }]);
});

test('many that ask are asked for once at once, and once more unless a key frame has come', (t) => {
  const { keyFrames, asked, clock } = start();
  for (const peer of ['B', 'C', 'D']) keyFrames.take(peer, writePictureLoss(9, OWN));
  clock.advance(299);
  t.is(asked.length, 1);
  clock.advance(1);
  t.is(asked.length, 2);
  clock.advance(5000);
  keyFrames.take('B', writePictureLoss(9, OWN));
  keyFrames.take('C', writePictureLoss(9, OWN));
  keyFrames.sent('camera', OWN, KEY);
  clock.advance(5000);
  t.is(asked.length, 3);
  t.like(keyFrames.counters(), { passed: 3, coalesced: 3 });
});

test('a source that sends no key frame is told of once', (t) => {
  const { keyFrames, clock, missing } = start();
  for (let second = 0; second < 20; second++) {
    keyFrames.take('B', writePictureLoss(9, OWN));
    keyFrames.sent('camera', OWN, OTHER);
    clock.advance(1000);
  }
  t.deepEqual(missing, ['camera unanswered']);
});

test('a program that nobody can reach is told of once, and again when another has begun; not where it sends key frames by itself', (t) => {
  const { keyFrames, clock, missing } = start({ askSource: () => 'unreachable' });
  const ask = () => {
    keyFrames.take('B', writePictureLoss(9, OWN));
    clock.advance(5000);
  };
  keyFrames.take('B', writePictureLoss(9, OWN));
  keyFrames.sent('camera', OWN, KEY);
  clock.advance(5000);
  t.deepEqual(missing, []);
  ask();
  ask();
  t.deepEqual(missing, ['camera unreachable']);
  keyFrames.restarted('camera');
  ask();
  t.is(missing.length, 2);
});

test('a source of nothing but key frames is never told of', (t) => {
  const { keyFrames, clock, missing } = start({ askSource: () => 'needless' });
  keyFrames.take('B', writePictureLoss(9, OWN));
  clock.advance(60_000);
  t.deepEqual(missing, []);
});

test('after the end nothing is asked any more', (t) => {
  const { keyFrames, clock, asked } = start();
  for (const peer of ['B', 'C']) keyFrames.take(peer, writePictureLoss(9, OWN));
  keyFrames.stop();
  clock.advance(5000);
  t.is(asked.length, 1);
});
