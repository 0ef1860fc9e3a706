/** `--source sdp:FILE`: a stream for each section of the program's file, and clear words where the file is not one. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { OwnStream } from '../../actors/options/contract.ts';
import { parsePeerOptions, UsageError } from '../../actors/options/options.ts';
import type { UsageErrorCode } from '../../actors/options/usage-error.ts';

const AAC = 'profile-level-id=1;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3; config=119056E500';
const H264 = 'packetization-mode=1; sprop-parameter-sets=Z2QADayyAoM/,aOvMsiw=';
const BOTH = `v=0
m=video 17004 RTP/AVP 96
b=AS:400
a=rtpmap:96 H264/90000
a=fmtp:96 ${H264}
m=audio 17006 RTP/AVP 97
a=rtpmap:97 MPEG4-GENERIC/48000/2
a=fmtp:97 ${AAC}
`;

async function fileOf(t: ExecutionContext, text: string | Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rpr-sdp-source-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const file = join(folder, 'program.sdp');
  await writeFile(file, text);
  return file;
}

function streamsOf(...args: string[]): readonly OwnStream[] {
  const parsed = parsePeerOptions(['--id', 'A', ...args]);
  return 'options' in parsed ? parsed.options.streams : [];
}

test('each section is a stream with its port, format and rate; what it leaves out is told by the options', async (t) => {
  const file = await fileOf(t, BOTH);
  t.deepEqual(streamsOf('--source', `sdp:${file}`, '--bitrate', '96k'), [
    {
      ...{ name: 'camera', source: { kind: 'rtp', port: 17_004, payloadTypes: 'declared' }, group: null, layer: 0 },
      format: { codec: { name: 'H264', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: H264 },
      bitrate: { minBps: 404_800, maxBps: 404_800 },
    },
    {
      ...{ name: 'voice', source: { kind: 'rtp', port: 17_006, payloadTypes: 'declared' }, group: null, layer: 0 },
      format: {
        ...{
          codec: { name: 'MPEG4-GENERIC', clockRate: 48_000, channels: 2 },
          media: 'audio',
          payloadType: 97,
          fmtp: AAC,
        },
      },
      bitrate: { minBps: 96_000, maxBps: 96_000 },
    },
  ]);
});

test('what stands behind the file goes before what it says, and others stand beside it', async (t) => {
  const file = await fileOf(t, 'v=0\nm=video 17004 RTP/AVP 26\nb=AS:400\n');
  const streams = streamsOf('--source', `sdp:${file},name=desk,bitrate=1m-2m`, '--source', 'test,bitrate=300k');
  t.deepEqual(
    streams.map(({ name, bitrate }) => [name, bitrate.minBps, bitrate.maxBps]),
    [
      ['desk', 1_000_000, 2_000_000],
      ['camera', 300_000, 300_000],
    ],
  );
  t.is(streams[0]?.format.codec.name, 'JPEG');
});

test('a payload type that nobody has declared is any, in the file or out of it', (t) => {
  const typesOf = (...args: string[]) =>
    streamsOf(...args).map(({ source }) => (source.kind === 'rtp' ? source.payloadTypes : null));
  t.deepEqual(typesOf('--source', 'rtp:0'), ['any']);
  t.deepEqual(typesOf('--source', 'rtp:0', '--payload-type', '96'), ['declared']);
  t.deepEqual(typesOf('--source', 'rtp:0,payload-type=97', '--source', 'rtp:0'), ['declared', 'any']);
});

const WRONG: readonly [string, string | Uint8Array, UsageErrorCode, RegExp][] = [
  ['no SDP', 'hello\n', 'sdp.invalid', /program\.sdp: line 1: "hello" is no line of SDP/],
  ['no text', new Uint8Array(1000).fill(0xff), 'sdp.invalid', /line 1/],
  ['a film', new Uint8Array(10_000_000).fill(0x61), 'sdp.too-large', /larger than 64 kB/],
  [
    'a payload type that looks like RTCP',
    'v=0\nm=audio 5 RTP/AVP 72\na=rtpmap:72 a/1\n',
    'sdp.invalid',
    /line 2: .*RTCP/,
  ],
  [
    'parameters that no bus takes',
    `v=0\nm=audio 5 RTP/AVP 97\na=rtpmap:97 vorbis/48000\na=fmtp:97 configuration=${'A'.repeat(4000)}\n`,
    'sdp.invalid',
    /line 2: a=fmtp:97 has more than 1024 characters/,
  ],
  [
    'the same port twice',
    'v=0\nm=audio 5 RTP/AVP 0\nm=audio 5 RTP/AVP 0\n',
    'usage.invalid',
    /two streams take port 5/,
  ],
  ['too many streams', `v=0\n${'m=audio 5 RTP/AVP 0\n'.repeat(9)}`, 'usage.invalid', /9 streams.*at most 8/],
];

for (const [what, text, code, message] of WRONG) {
  test(`a file with ${what} is refused with a word on what is wrong`, async (t) => {
    const file = await fileOf(t, text);
    const error = t.throws(() => streamsOf('--source', `sdp:${file}`), { instanceOf: UsageError, message });
    t.is(error.code, code);
    t.is(error.exitCode, 2);
  });
}

test('a file that is not there, and a folder, cannot be read', (t) => {
  for (const path of [join(tmpdir(), 'rpr-there-is-no-such.sdp'), tmpdir()]) {
    const error = t.throws(() => streamsOf('--source', `sdp:${path}`), { instanceOf: UsageError });
    t.is(error.code, 'sdp.unreadable');
    t.regex(error.message, /cannot be read.*Start the program that writes it first/);
  }
});
