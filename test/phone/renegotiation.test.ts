/** A phone that wants something else in mid-call: other ports, other numbers, another format, or no picture any more. */
import { once } from 'node:events';
import test, { type ExecutionContext } from 'ava';
import { PhoneMedia } from '../../actors/phone/phone-media.ts';
import type { RemoteStream } from '../../actors/sink/contract.ts';
import { bindAnyPair } from '../../actors/sink/outlet.ts';
import type { OpenSourceOptions } from '../../actors/source/open.ts';
import { readPayloadType, readSsrc } from '../../infra/rtp/header.ts';
import type { Agreed, Kind } from '../../infra/sip/sdp/session.ts';
import { rtpPacket } from '../rtp/packets.ts';
import { callerAt } from './callers.ts';
import { HOST, now } from './gateways.ts';

const sound = (name: string, payloadType: number) => ({ payloadType, codec: { name, clockRate: 8000 }, fmtp: '' });
const VP8 = { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
const OF_C: RemoteStream = { ...VP8, peer: 'C', stream: 'camera', ssrc: 7, media: 'video', group: null };

/** A room that notes what is done in it, and a phone at other ports each time. */
async function start(t: ExecutionContext) {
  const media = await PhoneMedia.open(HOST, {
    ...{ pinned: null, now, note: () => undefined, askByCall: () => undefined },
  });
  t.teardown(() => media.close());
  const done: string[] = [];
  const room: { wants: unknown; fed: Uint8Array[] } = { wants: null, fed: [] };
  media.join({
    addSink: (sink) => {
      sink.setStreams([OF_C]);
      return () => undefined;
    },
    addStream: ({ name, format }, open) => {
      done.push(`add ${name} ${format.codec.name}`);
      const send = (packet: Uint8Array) => void room.fed.push(packet);
      const options = { ssrc: 5, send, onTime: () => undefined } as unknown as OpenSourceOptions;
      return Promise.resolve(open(options)).then(() => undefined);
    },
    removeStream: (name) => Promise.resolve(void done.push(`remove ${name}`)),
    participant: {
      requestKeyFrame: () => true,
      own: { setWants: (told) => Object.assign(room, told) },
    },
  });
  const phoneAt = async () => {
    const [rtp, rtcp] = await bindAnyPair(HOST);
    t.teardown(() => [rtp, rtcp].map((socket) => socket.close()));
    const to = { host: HOST, port: rtp.address().port, rtcpPort: rtcp.address().port };
    const next = async () => (await once(rtp, 'message'))[0] as Uint8Array;
    return { rtp, to, next };
  };
  const agreed = (kind: Kind, format: Agreed['format'], to: Agreed['to']): Agreed => ({
    ...{ kind, format, heardAs: [format.payloadType], to, isSentTo: true, sends: true, keyFrameBy: null },
  });
  const ports = new Map(media.own.map(({ kind, port }) => [kind, port]));
  return { media, done, room, phoneAt, agreed, ports };
}

// livekit/sip#661
test('another port and another format of sound: that is sent there, as another stream, and the room gets one, too', async (t) => {
  const { media, done, phoneAt, agreed } = await start(t);
  const [one, other] = [await phoneAt(), await phoneAt()];
  media.follow([agreed('audio', sound('PCMU', 0), one.to)], callerAt(HOST));
  const first = await one.next();
  media.follow([agreed('audio', sound('PCMA', 8), other.to)], callerAt(HOST));
  const second = await other.next();
  t.deepEqual([readPayloadType(first), readPayloadType(second)], [0, 8]);
  t.not(readSsrc(first), readSsrc(second));
  t.deepEqual(done, ['add voice PCMU', 'remove voice', 'add voice PCMA']);
});

test('another number of the same format is no other stream', async (t) => {
  const { media, done, phoneAt, agreed } = await start(t);
  const phone = await phoneAt();
  media.follow([agreed('audio', sound('PCMA', 8), phone.to)], callerAt(HOST));
  const first = await phone.next();
  media.follow([agreed('audio', sound('PCMA', 112), phone.to)], callerAt(HOST));
  for (;;) {
    const packet = await phone.next();
    t.is(readSsrc(packet), readSsrc(first));
    if (readPayloadType(packet) === 112) break;
  }
  t.deepEqual(done, ['add voice PCMA']);
});

test('a phone that takes no picture any more wants none of the room', async (t) => {
  const { media, room, phoneAt, agreed } = await start(t);
  const phone = await phoneAt();
  const voice = agreed('audio', sound('PCMU', 0), phone.to);
  media.follow([voice, agreed('video', VP8, phone.to)], callerAt(HOST));
  t.deepEqual(room.wants, [{ source: 'C', stream: 'camera' }]);
  media.follow([voice], callerAt(HOST));
  t.deepEqual(room.wants, []);
});

test('comfort noise and keys that are pressed are no sound of the room', async (t) => {
  const { media, room, phoneAt, agreed, ports } = await start(t);
  const phone = await phoneAt();
  media.follow([agreed('audio', sound('PCMU', 0), phone.to)], callerAt(HOST));
  await phone.next();
  const payload = new Uint8Array(160);
  for (const [at, payloadType] of [13, 101, 0].entries()) {
    phone.rtp.send(
      rtpPacket({ ssrc: 9, sequence: 100 + at, timestamp: 160 * at, payloadType, payload }),
      ports.get('audio'),
      HOST,
    );
  }
  while (room.fed.length === 0) await new Promise((resolve) => setImmediate(resolve));
  t.is(room.fed.length, 1);
});
