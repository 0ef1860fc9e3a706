/** A phone in a room, over a real server and real sockets: who it is to the others, what it hears, and that it leaves. */
import { once } from 'node:events';
import test from 'ava';
import { Journal } from '../../actors/journal/journal.ts';
import { PhoneMedia } from '../../actors/phone/phone-media.ts';
import { bindAnyPair } from '../../actors/sink/outlet.ts';
import { startNatsServer } from '../../infra/nats/server.ts';
import { readPayloadType } from '../../infra/rtp/header.ts';
import { SipEndpoint } from '../../infra/sip/endpoint.ts';
import { MediaSession } from '../../infra/sip/sdp/session.ts';
import { sameData } from '../../machines/same-data.ts';
import { joinCall, sees } from '../integration/calls.ts';
import { OWN_MEDIA, requestText, SDP_OFFER } from '../sip/rehearsal.ts';
import { callerAt } from './callers.ts';
import { HOST, now, openGateway } from './gateways.ts';

test('a phone that dials a room is a plain endpoint of it, hears it, and is gone when it hangs up', async (t) => {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const { views } = await joinCall(t, server.url, '--id', 'C');
  const gateway = await openGateway(['--nats', server.url], (text) => t.log(text));
  const [rtp, rtcp] = await bindAnyPair(HOST);
  const own = OWN_MEDIA.map((media) => ({ ...media, port: rtp.address().port, rtcpPort: rtcp.address().port }));
  const session = new MediaSession(1, HOST, own.slice(0, 1));
  const options = {
    host: HOST,
    told: HOST,
    port: 0,
    user: 'phone',
    product: 'baresip/1.0.0',
    credentials: null,
    guard: null,
    now,
  };
  const phone = await SipEndpoint.open({ ...options, onCall: () => t.fail() as never });
  const heard = Promise.all([once(rtp, 'message'), once(rtcp, 'message')]);
  const call = phone.agent.dial(
    'sip:main.C@rpr',
    { transport: 'udp', host: HOST, port: gateway.port },
    {
      onOffer: () => null,
      onAnswer: (answer) => session.take(answer),
      makeOffer: () => session.offer(),
      ...{ onKeyFrameWanted: () => undefined, onConnected: () => undefined, onEnded: () => undefined },
    },
    now(),
  );
  phone.settle();
  const view = await views.first((one) => (one.members.get('D')?.streams.length ?? 0) > 0);
  t.like(view.members.get('D'), { software: 'baresip', version: '1.0.0', compatible: false });
  t.deepEqual(view.members.get('D')?.wants, [], 'C has no voice, and the phone no picture');
  const [[voice]] = await heard;
  t.is(readPayloadType(voice as Uint8Array), 0);
  views.forget();
  call.hangUp('done', now());
  phone.settle();
  await views.first((one) => !sees('D')(one));
  rtp.close();
  rtcp.close();
  await phone.close();
  await gateway.close();
});

test('a phone with a picture wants that of whom it shows, and no other', async (t) => {
  const server = await startNatsServer();
  t.teardown(() => server.stop());
  const { views } = await joinCall(t, server.url, '--id', 'C');
  await joinCall(t, server.url, '--id', 'E');
  const media = await PhoneMedia.open(HOST, { pinned: 'C', note: () => undefined, askByCall: () => undefined, now });
  t.teardown(() => media.close());
  const { call } = await joinCall(t, server.url, '--id', 'D', '--no-rpr', '--source', 'none', '--want', 'none');
  const format = { payloadType: 96, codec: { name: 'VP8', clockRate: 90_000 }, fmtp: '' };
  media.follow(
    [{ kind: 'video', format, heardAs: [96], to: null, isSentTo: true, sends: true, keyFrameBy: null }],
    callerAt(HOST),
  );
  media.join(call);
  await views.first((view) => sameData(view.members.get('D')?.wants, [{ source: 'C', stream: 'camera' }]));
  t.pass();
});

test('who is refused again and again is told of once a second', async (t) => {
  const written: string[] = [];
  const journal = new Journal({ peer: 'D', lines: { write: (line) => void written.push(line) }, now: () => 0 });
  const gateway = await openGateway(['--nats', 'nats://127.0.0.1:9'], (text) => t.log(text), {
    journal,
    now: () => 5000,
  });
  t.teardown(() => gateway.close());
  const [stranger, other] = await bindAnyPair(HOST);
  t.teardown(() => [stranger, other].map((socket) => socket.close()));
  let refused = 0;
  const all = new Promise<void>((resolve) =>
    stranger.on('message', () => {
      refused++;
      if (refused < 40) knock();
      else resolve();
    }),
  );
  const knock = () => {
    const invite = requestText('INVITE', { uri: 'sip:no%20room@rpr', branch: `z9hG4bKk${refused}`, body: SDP_OFFER });
    stranger.send(invite, gateway.port, HOST);
  };
  knock();
  await all;
  t.is(written.filter((line) => line.includes('phone.refused')).length, 1);
});
