import test from 'ava';
import { readDescription } from '../../infra/sip/sdp/read.ts';
import { MediaSession } from '../../infra/sip/sdp/session.ts';
import { OWN_MEDIA, SDP_OFFER, sdp } from './rehearsal.ts';

const session = () => new MediaSession(7, '192.0.2.1', OWN_MEDIA);

test('an offer is answered section by section, under its own payload types', (t) => {
  const offer = sdp([
    'm=audio 4000 RTP/AVP 96 0',
    'a=rtpmap:96 opus/48000/2',
    'm=video 4002 RTP/AVP 120',
    'a=rtpmap:120 vp8/90000',
    'm=video 4004 RTP/AVP 31',
    'm=application 9 UDP/BFCP *',
  ]);
  const ours = session();
  const answer = ours.answer(offer) ?? '';
  t.deepEqual(
    answer.match(/^m=.*$/gm)?.map((line) => line.trim()),
    ['m=audio 6000 RTP/AVP 0', 'm=video 6002 RTP/AVP 120', 'm=video 0 RTP/AVP 31', 'm=application 0 UDP/BFCP *'],
  );
  t.deepEqual(
    ours.agreed.map(({ kind, to }) => [kind, to?.port, to?.rtcpPort]),
    [
      ['audio', 4000, 4001],
      ['video', 4002, 4003],
    ],
  );
});

test('what cannot be taken is refused as a whole', (t) => {
  for (const sections of [
    ['m=audio 70000 RTP/AVP 0'],
    ['m=audio 0 RTP/AVP 0'],
    ['m=audio 4000 RTP/AVP 18'],
    ['m=audio 4000 RTP/SAVP 0'],
    ['m=audio 4000 RTP/AVP 300'],
    [],
  ]) {
    t.is(session().answer(sdp(sections)), null, sections.join());
  }
  t.is(session().answer('hello'), null);
});

test('a phone says how it is asked for a key frame, in any of several ways', (t) => {
  const asked = (...lines: string[]) => {
    const ours = session();
    ours.answer(sdp(['m=video 4002 RTP/AVP 120', 'a=rtpmap:120 VP8/90000', ...lines]));
    return ours.agreed[0]?.keyFrameBy;
  };
  t.is(asked(), null);
  t.is(asked('a=rtcp-fb:120 nack'), null);
  t.is(asked('a=rtcp-fb:120 ccm fir'), 'fir');
  t.is(asked('a=rtcp-fb:* ccm fir', 'a=rtcp-fb:* nack pli'), 'pli');
});

test('an address of all zeros holds the call', (t) => {
  const ours = session();
  ours.answer(sdp(['m=audio 4000 RTP/AVP 0'], '0.0.0.0'));
  t.like(ours.agreed[0], { to: null, isSentTo: false });
});

test('pictures in pieces and whole ones are two formats', (t) => {
  const h264 = (mode: string) =>
    sdp(['m=video 4002 RTP/AVP 99', 'a=rtpmap:99 H264/90000', `a=fmtp:99 profile-level-id=42e01f${mode}`]);
  t.is(session().answer(h264('')), null);
  t.regex(
    session().answer(h264(';packetization-mode=1')) ?? '',
    /a=fmtp:99 profile-level-id=42e01f;packetization-mode=1/,
  );
});

test('our offer is taken up, and later ones keep what holds', (t) => {
  const ours = session();
  t.regex(ours.offer(), /m=video 6002 RTP\/AVP 96 97/);
  t.true(ours.take(SDP_OFFER));
  t.regex(ours.offer(), /m=video 6002 RTP\/AVP 96\r/);
  t.is(ours.offer(), ours.offer());
});

test('where RTCP goes is told, or the next port', (t) => {
  const told = sdp(['m=audio 4000 RTP/AVP 0', 'a=rtcp:5555']);
  t.is(readDescription(told)?.sections[0]?.rtcpPort, 5555);
});
