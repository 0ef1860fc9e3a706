/** What is read of the SDP files that programs write, and what is said of files that are none. */

import test from 'ava';
import fc from 'fast-check';
import { readSentStreams, SdpError } from '../../infra/sdp/sdp-reader.ts';

/** As ffmpeg 5.1 writes it for two outputs. */
const FFMPEG = `v=0
o=- 0 0 IN IP4 127.0.0.1
s=No Name
t=0 0
a=tool:libavformat LIBAVFORMAT_VERSION
m=video 17004 RTP/AVP 96
c=IN IP4 127.0.0.1
b=AS:400
a=rtpmap:96 H264/90000
a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z2QADayyAoM/PgIgAAADACAAAAeR4oVJ,aOvMsiw=; profile-level-id=64000D
m=audio 17006 RTP/AVP 97
c=IN IP4 127.0.0.1
b=AS:128
a=rtpmap:97 MPEG4-GENERIC/48000/2
a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=119056E500
`;

/** As GStreamer's SDP library writes it. */
const GSTREAMER = `v=0\r
o=- 1188340656180883 1 IN IP4 127.0.0.1\r
s=Session streamed by GStreamer\r
i=server.sdp\r
t=0 0\r
a=tool:GStreamer\r
a=type:broadcast\r
m=audio 5006/1 RTP/AVPF 101 13 97\r
c=IN IP4 127.0.0.1\r
a=rtpmap:101 telephone-event/48000\r
a=fmtp:101 0-15\r
a=rtpmap:97 OPUS/48000/2\r
a=fmtp:97 sprop-maxcapturerate=48000;sprop-stereo=0\r
a=ts-refclk:local\r
m=application 5008 RTP/AVP 98\r
a=rtpmap:98 smpte336m/90000\r
m=video 0 RTP/AVP 96\r
`;

test("ffmpeg's file tells port, codec and parameters of each stream", (t) => {
  const [video, audio, ...rest] = readSentStreams(FFMPEG);
  t.deepEqual(video, {
    ...{ media: 'video', port: 17_004, payloadType: 96, codec: { name: 'H264', clockRate: 90_000 }, bps: 400_000 },
    fmtp: 'packetization-mode=1; sprop-parameter-sets=Z2QADayyAoM/PgIgAAADACAAAAeR4oVJ,aOvMsiw=; profile-level-id=64000D',
    line: 6,
  });
  t.like(audio, {
    ...{ media: 'audio', port: 17_006, payloadType: 97, bps: 128_000 },
    codec: { name: 'MPEG4-GENERIC', clockRate: 48_000, channels: 2 },
  });
  t.deepEqual(rest, []);
});

test("GStreamer's file: the first format that is shown by itself, and neither other media nor what is switched off", (t) => {
  t.deepEqual(readSentStreams(GSTREAMER), [
    {
      ...{ media: 'audio', port: 5006, payloadType: 97, codec: { name: 'OPUS', clockRate: 48_000, channels: 2 } },
      ...{ fmtp: 'sprop-maxcapturerate=48000;sprop-stereo=0', bps: null, line: 8 },
    },
  ]);
});

test("ffmpeg's output as it stands, and formats that need no line", (t) => {
  const [stream] = readSentStreams('SDP:\nv=0\nm=audio 17006 RTP/AVP 0\nb=TIAS:64000\n\n');
  t.like(stream, { payloadType: 0, codec: { name: 'PCMU', clockRate: 8000 }, bps: 64_000 });
});

const WRONG: readonly [string, string, RegExp][] = [
  ['nothing', '', /^it has no section/],
  ['another file', '<?xml version="1.0"?>\n', /^line 1: "<\?xml version="1.0"\?>" is no line of SDP/],
  ['a long line', `v=0\n${'x'.repeat(1000)}`, /^line 2: "x{40}…" is no line/],
  ['no beginning', 'm=audio 5000 RTP/AVP 0\n', /^line 1: SDP begins with v=0/],
  ['a section that is cut off', 'v=0\ns=x\nm=audio 5000\n', /^line 3: "m=audio 5000" is not m=MEDIA PORT/],
  ['encryption', 'v=0\nm=audio 5000 RTP/SAVPF 0\n', /^line 2: RTP\/SAVPF cannot be taken/],
  ['a port beyond', 'v=0\nm=audio 70000 RTP/AVP 0\n', /^line 2: there is no port 70000/],
  ['a payload type beyond', 'v=0\nm=audio 5000 RTP/AVP 128\n', /^line 2: payload types are numbers from 0 to 127/],
  ['a payload type that is none', 'v=0\nm=audio 5000 RTP/AVP *\n', /^line 2: payload types are numbers/],
  ['a format that is not told', 'v=0\nm=audio 5000 RTP/AVP 97\n', /^line 2: a=rtpmap:97 is missing/],
  ['a format that is none', 'v=0\nm=audio 5 RTP/AVP 97\na=rtpmap:97 opus\n', /^line 2: "opus" of payload type 97/],
  ['only data', 'v=0\nm=application 5000 RTP/AVP 98\n', /^it has no section/],
];

for (const [what, text, message] of WRONG) {
  test(`a file with ${what} is an error that says where`, (t) => {
    const error = t.throws(() => readSentStreams(text), { instanceOf: SdpError, message });
    t.is(error.code, 'sdp.invalid');
  });
}

test('a file that is too large is not read', (t) => {
  const error = t.throws(() => readSentStreams(`v=0\n${'a=x\n'.repeat(20_000)}`), { instanceOf: SdpError });
  t.is(error.code, 'sdp.too-large');
});

test('whatever a file holds, it is read or refused', (t) => {
  const line = fc.oneof(fc.constantFrom(...FFMPEG.split('\n'), ...GSTREAMER.split('\n')), fc.string());
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      try {
        return readSentStreams(['v=0', ...lines].join('\n')).every(({ port }) => port > 0 && port < 65_536);
      } catch (error) {
        return error instanceof SdpError;
      }
    }),
  );
  t.pass();
});
