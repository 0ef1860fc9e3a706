/** A request for a key frame on its whole way: from the browsers that miss one, through a relay, to the browser whose camera it is. */
import test from 'ava';
import { type AddressedTable, EMPTY_TABLE } from '../../../actors/media/addressed-table.ts';
import { KeyFrames } from '../../../actors/media/key-frames/key-frames.ts';
import { PageFeeds } from '../../../actors/page/page-feeds.ts';
import { PageSink } from '../../../actors/page/slots/page-sink.ts';
import { FedSource } from '../../../actors/source/fed-source.ts';
import type { Endpoint } from '../../../infra/path/contract.ts';
import { endpointText } from '../../../infra/path/table/addresses.ts';
import { readKeyFrameRequests, writePictureLoss } from '../../../infra/rtcp/feedback.ts';
import { readSsrc } from '../../../infra/rtp/header.ts';
import type { StreamInfo } from '../../../machines/messages.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { rtpPacket } from '../../rtp/packets.ts';
import { addressedAt } from '../transport-members.ts';
import { VirtualClock } from '../virtual-clock.ts';

/** Under which the camera's browser sends, the room knows it, and the viewers' browsers get it. */
const OF_PAGE = 5;
const CAMERA = 42;
const SLOT = 77;
const HOP_MS = 20;
const at = (port: number): Endpoint => ({ host: '10.0.0.1', port });
const PLACES = { O: at(1), R: at(2), V: at(3), W: at(4) } as const;
type Id = keyof typeof PLACES;
const FORMAT = { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' } as const;
const INFO: StreamInfo = {
  ...{ name: 'camera', ssrc: CAMERA, payloadType: 96, codec: 'VP8/90000', fmtp: '', media: 'video' },
  ...{ minBps: 1, maxBps: 1, rateBps: 1, group: null, layer: 0 },
};
const KEY = Uint8Array.of(0x10, 0, 0, 0);
const DELTA = Uint8Array.of(0x10, 1, 0, 0);
/** O's camera goes to V and W through R alone: no way leads from them to O. */
function tables(): Readonly<Record<Id, AddressedTable>> {
  const legs = (['V', 'W'] as const).map((receiver) => ({ receiver, slices: ALL_SLICES, address: PLACES[receiver] }));
  const relayed = [
    {
      ...{ client: 'O', stream: 'camera', ssrc: CAMERA, media: 'video' as const, promisedBps: 1, limitBps: 1 },
      ...{ upstream: PLACES.O, from: [PLACES.O], legs },
    },
  ];
  const own = [
    { stream: 'camera', ssrc: CAMERA, media: 'video' as const, codec: 'VP8/90000', rateBps: 0, holders: [], hops: [] },
  ];
  const away = { ...addressedAt('O', PLACES.O, [INFO]), address: null, from: [], rtcpTo: null };
  return {
    O: { ...EMPTY_TABLE, own, members: [addressedAt('R', PLACES.R)] },
    R: {
      ...EMPTY_TABLE,
      relayed,
      members: [addressedAt('O', PLACES.O, [INFO]), addressedAt('V', PLACES.V), addressedAt('W', PLACES.W)],
    },
    V: { ...EMPTY_TABLE, members: [away, addressedAt('R', PLACES.R)] },
    W: { ...EMPTY_TABLE, members: [away, addressedAt('R', PLACES.R)] },
  };
}

function start() {
  const clock = new VirtualClock(10_000);
  /** What the camera's browser was asked, by the SSRC that it was asked for. */
  const asked: { readonly ssrc: number; readonly atMs: number }[] = [];
  /** Since when a peer has the camera's packets through the relay. */
  const cameMs = new Map<Id, number>();
  const feeds = new PageFeeds({
    ...{ cname: 'gateway', clock },
    sendRtcp: (rtcp) => {
      for (const { ssrc } of readKeyFrameRequests(rtcp, 8)) asked.push({ ssrc, atMs: clock.now() });
    },
  });
  const source = new FedSource({
    ...{ ssrc: CAMERA, firstSequence: 1, firstTimestamp: 1, now: clock.now, format: FORMAT },
    ...{ onTime: () => undefined, onRate: () => undefined, send: () => undefined },
  });
  feeds.follow([{ place: { mid: '0', rid: null }, source }]);
  feeds.takeRtp(rtpPacket({ ssrc: OF_PAGE, sequence: 1, payload: KEY }), '0', null);

  const idAt = ({ port }: Endpoint) => (Object.keys(PLACES) as Id[]).find((id) => PLACES[id].port === port) ?? 'O';
  const peer = (id: Id): KeyFrames =>
    new KeyFrames({
      ...{ clock, identity: () => ({ ssrc: PLACES[id].port, cname: id }), onMissing: () => undefined },
      askSource: () => source.requestKeyFrame(),
      path: {
        sendTo: (datagram, to) => {
          clock.after(HOP_MS, () => peers[idAt(to)].take(id, datagram));
        },
        ssrcCounters: () => {
          const ms = cameMs.get(id);
          const byUpstream = new Map(
            ms === undefined ? [] : [[endpointText(PLACES.R), { packets: 1, lastArrivalMs: ms }]],
          );
          return {
            ...{ firstSequence: 0, highestSequence: 0, deliveredPackets: 1, deliveredBytes: 1, duplicatePackets: 0 },
            byUpstream,
          };
        },
      },
    });
  const peers: Readonly<Record<Id, KeyFrames>> = { O: peer('O'), R: peer('R'), V: peer('V'), W: peer('W') };
  for (const [id, table] of Object.entries(tables())) peers[id as Id].follow(table);

  /** The page of a viewer: a slot that shows the camera. */
  const pageOf = (id: 'V' | 'W') => {
    const shown: number[] = [];
    const sink = new PageSink({
      now: clock.now,
      requestKeyFrame: ({ peer: owner, stream }) => peers[id].request(owner, stream),
    });
    const formats = [{ payloadType: 120, codec: 'VP8/90000', fmtp: '' }];
    sink.follow({ cname: id, sendRtp: (packet) => shown.push(readSsrc(packet)), sendRtcp: () => undefined }, [
      { direction: 'receive', mid: '4', kind: 'video', ssrc: SLOT, formats },
    ]);
    sink.setStreams([{ peer: 'O', stream: 'camera', ssrc: CAMERA, group: null, ...FORMAT }]);
    sink.begin();
    sink.show([{ mid: '4', peer: 'O', stream: 'camera' }]);
    const come = (sequence: number, payload: Uint8Array) => {
      cameMs.set(id, clock.now());
      const packet = rtpPacket({ ssrc: CAMERA, sequence, payload });
      peers[id].arrived(CAMERA, packet);
      sink.deliver(packet);
    };
    return { sink, come, shown };
  };
  return { clock, asked, pageOf };
}

test('a slot is filled: the first packet that comes by the relay lets the camera be asked, with the SSRC of its browser', (t) => {
  const { clock, asked, pageOf } = start();
  const viewer = pageOf('V');
  clock.advance(100);
  t.deepEqual(asked, [], 'nothing comes, and no way leads to the owner');
  viewer.come(1, DELTA);
  clock.advance(2 * HOP_MS);
  t.deepEqual(asked, [{ ssrc: OF_PAGE, atMs: 10_140 }]);
  t.deepEqual(viewer.shown, []);
});

/** Feedback messages of a browser about its slot: PLI (RFC 4585 section 6.3.1), FIR (RFC 5104 section 4.3.1). */
const REQUESTS = {
  PLI: writePictureLoss(1, SLOT),
  FIR: Buffer.from('84ce000400000001000000000000004d07000000', 'hex'),
} as const;

for (const [name, request] of Object.entries(REQUESTS)) {
  test(`${name} of two browsers within 300 ms is one at the camera, which answers both`, (t) => {
    const { clock, asked, pageOf } = start();
    const viewers = [pageOf('V'), pageOf('W')];
    for (const { come } of viewers) come(1, KEY);
    clock.advance(5000);
    asked.length = 0;
    for (const { come } of viewers) come(2, DELTA);
    for (const { sink } of viewers) sink.takeRtcp(request);
    clock.advance(HOP_MS * 2);
    t.deepEqual(
      asked.map(({ ssrc }) => ssrc),
      [OF_PAGE],
    );
    viewers[0]?.sink.takeRtcp(request);
    clock.advance(HOP_MS * 2);
    t.is(asked.length, 1);
  });
}

test('a gap that stays open for 200 ms is asked for by the gateway itself', (t) => {
  const { clock, asked, pageOf } = start();
  const viewer = pageOf('V');
  viewer.come(1, KEY);
  clock.advance(500);
  asked.length = 0;
  viewer.come(3, DELTA);
  clock.advance(199);
  viewer.come(4, DELTA);
  clock.advance(100);
  t.is(asked.length, 0);
  viewer.come(5, DELTA);
  clock.advance(2 * HOP_MS);
  t.deepEqual(
    asked.map(({ ssrc }) => ssrc),
    [OF_PAGE],
  );
});
