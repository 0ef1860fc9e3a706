import test, { type ExecutionContext } from 'ava';
import type { OwnStream, PeerOptions } from '../../actors/options/contract.ts';
import { parsePeerOptions, UsageError } from '../../actors/options/options.ts';

function read(t: ExecutionContext, line: string, env: NodeJS.ProcessEnv = { XDG_CONFIG_HOME: '/keys' }): PeerOptions {
  const parsed = parsePeerOptions(line.split(' '), env);
  if ('help' in parsed) throw new Error(`${t.title}: help was asked for`);
  return parsed.options;
}

const OPUS = { name: 'opus', clockRate: 48_000, channels: 2 };
const CAMERA: OwnStream = {
  ...{ name: 'camera', source: { kind: 'test' }, group: null, layer: 0 },
  format: { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96, fmtp: '' },
  bitrate: { minBps: 1_000_000, maxBps: 1_000_000 },
};

test('an id is enough: everything else has a default', (t) => {
  t.deepEqual(read(t, '--id A'), {
    keys: { folder: '/keys/rpr', identity: '/keys/rpr/identity.pem', roomKey: null },
    plain: 'local',
    ...{ id: 'A', name: '', room: 'main', nats: null, natsFiles: {}, listen: null, advertise: null },
    reach: { stun: [], turn: null, portMapping: true, candidates: 'all' },
    ...{ uploadBps: null, lendBps: null, headroom: 0.95 },
    streams: [CAMERA],
    ...{ wants: 'all', downloadBps: null },
    sink: { kind: 'none' },
    ...{ latency: 'auto', compatible: true, json: false, inspect: false, packetPath: null, controller: null },
  });
});

test('every option is read', (t) => {
  const options = read(
    t,
    '--id B --name Berta --room r-1 --identity none --plain refuse --nats nats://h:1 --nats-creds me.creds --nats-ca ca.pem --upload 5mbit --lend 3mbit --headroom 90 --listen 10.0.0.1:5000 ' +
      '--advertise 192.0.2.1 --stun stun.example.org:3478 --turn turn:192.0.2.9:3478?anna&secret --no-port-mapping --candidates no-lan ' +
      '--source rtp:5004 --bitrate 300k-2.5mbit --codec opus/48000/2 --payload-type 111 ' +
      '--want A,C/screen@2m --download 8mbit --sink rtp:localhost:6000 --sdp-dir out --latency 300 --no-rpr --json --inspect --packet-path dgram --controller boss',
  );
  t.deepEqual(options, {
    keys: { folder: '/keys/rpr', identity: null, roomKey: null },
    plain: 'refuse',
    ...{ id: 'B', name: 'Berta', room: 'r-1', nats: 'nats://h:1', advertise: '192.0.2.1', headroom: 0.9 },
    natsFiles: { creds: 'me.creds', ca: 'ca.pem' },
    reach: {
      stun: [{ host: 'stun.example.org', port: 3478 }],
      turn: { server: { host: '192.0.2.9', port: 3478 }, username: 'anna', password: 'secret' },
      ...{ portMapping: false, candidates: 'no-lan' },
    },
    ...{ uploadBps: 5_000_000, lendBps: 3_000_000, listen: { host: '10.0.0.1', port: 5000 } },
    streams: [
      {
        ...{ name: 'voice', source: { kind: 'rtp', port: 5004, payloadTypes: 'declared' }, group: null, layer: 0 },
        format: { codec: OPUS, media: 'audio', payloadType: 111, fmtp: '' },
        bitrate: { minBps: 300_000, maxBps: 2_500_000 },
      },
    ],
    wants: [{ source: 'A' }, { source: 'C', stream: 'screen', maxBps: 2_000_000 }],
    downloadBps: 8_000_000,
    sink: { kind: 'rtp', to: { host: 'localhost', port: 6000 }, sdpFolder: 'out' },
    ...{ latency: 300, compatible: false, json: true, inspect: true, packetPath: 'dgram', controller: 'boss' },
  });
});

test('each --source is a stream: what it says is its own, what it leaves out is told by the options for all', (t) => {
  const line =
    '--id A --bitrate 500k --payload-type 97 --source test,bitrate=300k-2m ' +
    '--source rtp:0,codec=opus/48000/2,payload-type=111,bitrate=32k,fmtp=minptime=10;useinbandfec=1,x ' +
    '--source test,name=slides,codec=H264/90000';
  t.deepEqual(read(t, line).streams, [
    {
      ...CAMERA,
      format: { ...CAMERA.format, payloadType: 97 },
      bitrate: { minBps: 300_000, maxBps: 2_000_000 },
    },
    {
      ...{ name: 'voice', source: { kind: 'rtp', port: 0, payloadTypes: 'declared' }, group: null, layer: 0 },
      format: { codec: OPUS, media: 'audio', payloadType: 111, fmtp: 'minptime=10;useinbandfec=1,x' },
      bitrate: { minBps: 32_000, maxBps: 32_000 },
    },
    {
      ...{ ...CAMERA, name: 'slides' },
      format: { codec: { name: 'H264', clockRate: 90_000 }, media: 'video', payloadType: 97, fmtp: '' },
      bitrate: { minBps: 500_000, maxBps: 500_000 },
    },
  ]);
});

test('rtcp= tells where the program that feeds a stream is asked for key frames', (t) => {
  const [camera] = read(t, '--id A --source rtp:5004,rtcp=[::1]:6005').streams;
  t.like(camera, { source: { kind: 'rtp', port: 5004 }, rtcp: { host: '::1', port: 6005 } });
});

const namesOf = (t: ExecutionContext, ...sources: string[]) =>
  read(t, ['--id A', ...sources.map((source) => `--source ${source}`)].join(' ')).streams.map(({ name }) => name);

test('streams are named by order and media; a name that is given is not given again', (t) => {
  const voice = 'test,codec=opus/48000/2';
  t.deepEqual(namesOf(t, 'test', voice, 'test', 'test', voice, 'test'), [
    ...['camera', 'voice', 'screen', 'video-3', 'audio-2', 'video-4'],
  ]);
  t.deepEqual(namesOf(t, 'test,name=camera', 'test,name=video-3', 'test', 'test'), [
    ...['camera', 'video-3', 'screen', 'video-4'],
  ]);
  t.deepEqual(namesOf(t, 'test,media=audio'), ['voice']);
});

test('an audio codec is sound, whatever other streams are', (t) => {
  const media = (line: string) => read(t, line).streams.map(({ format }) => format.media);
  t.deepEqual(media('--id A --media video --source test --source test,codec=PCMU/8000'), ['video', 'audio']);
  t.deepEqual(media('--id A --media audio --source test,codec=X-OWN/48000'), ['audio']);
  t.deepEqual(media('--id A --media audio --source test,media=video'), ['video']);
});

test('layers of a group are numbered and named by it', (t) => {
  const line =
    '--id A --source test,group=face --source test,group=face,layer=0 --source test,group=face --source test';
  t.deepEqual(
    read(t, line).streams.map(({ name, group, layer }) => [name, group, layer]),
    [
      ['face-1', 'face', 1],
      ['face-0', 'face', 0],
      ['face-2', 'face', 2],
      ['camera', null, 0],
    ],
  );
});

test('--source none shows nothing', (t) => {
  t.deepEqual(read(t, '--id A --source none').streams, []);
});

test('--want takes all, nothing, or peers and streams, each with a rate', (t) => {
  t.is(read(t, '--id A --want all').wants, 'all');
  t.deepEqual(read(t, '--id A --want none').wants, []);
  t.deepEqual(read(t, '--id A --want B,C/camera,C/voice,D@800k,none/voice').wants, [
    { source: 'B' },
    { source: 'C', stream: 'camera' },
    { source: 'C', stream: 'voice' },
    { source: 'D', maxBps: 800_000 },
    { source: 'none', stream: 'voice' },
  ]);
});

test('NATS_URL names the server unless --nats does', (t) => {
  const env = { NATS_URL: 'nats://env:4222' };
  t.is(read(t, '--id A', env).nats, 'nats://env:4222');
  t.is(read(t, '--id A --nats nats://given:4222', env).nats, 'nats://given:4222');
  t.is(read(t, '--id A', { NATS_URL: '' }).nats, null);
});

test('an uplink is measured unless a rate is given, and lent as far as --lend says', (t) => {
  t.like(read(t, '--id A --upload auto'), { uploadBps: null, lendBps: null });
  t.like(read(t, '--id A --upload AUTO --lend 0'), { uploadBps: null, lendBps: 0 });
  t.like(read(t, '--id A --upload 2m --lend 5m'), { uploadBps: 2_000_000, lendBps: 5_000_000 });
});

test('SDP files have a folder of their own for each peer', (t) => {
  t.like(read(t, '--id A --room r --sink rtp:[::1]:5000').sink, {
    to: { host: '::1', port: 5000 },
    sdpFolder: '.rpr/sdp/r/A',
  });
  t.deepEqual(read(t, '--id A --sink sdp:out').sink, { kind: 'sdp', sdpFolder: 'out' });
});

test('IPv6 is listened on in brackets', (t) => {
  t.deepEqual(read(t, '--id A --listen [::1]:0').listen, { host: '::1', port: 0 });
});

test('STUN servers are several, by name or by number in its one form', (t) => {
  t.deepEqual(
    read(t, '--id A --stun münchen.example:1 --stun [2001:DB8:0::1]:2 --stun [::ffff:192.0.2.1]:3').reach.stun,
    [
      ...[
        { host: 'münchen.example', port: 1 },
        { host: '2001:db8::1', port: 2 },
        { host: '192.0.2.1', port: 3 },
      ],
    ],
  );
});

test('user and password of a TURN server are taken as they stand', (t) => {
  const { turn } = read(t, '--id A --turn turn:[::1]:3478?1790000000:anna%40&100%?&=+/ --candidates relay').reach;
  t.deepEqual(turn, { server: { host: '::1', port: 3478 }, username: '1790000000:anna%40', password: '100%?&=+/' });
});

test('no error about --turn tells what may be a password', (t) => {
  for (const turn of ['turn:h?anna&s3cret', 'turns:h:1?anna&s3cret', 'turn:anna:s3cret@h:1', 'turn:h:0?anna&s3cret']) {
    const { message } = t.throws(() => read(t, `--id A --turn ${turn}`), { instanceOf: UsageError });
    t.false(message.includes('s3cret'), message);
  }
});

test('--one-address is told of a plain endpoint alone', (t) => {
  t.true(read(t, '--id A --no-rpr --one-address').oneAddress);
  t.is(read(t, '--id A --no-rpr').oneAddress, undefined);
});

test('--help is no error and names every option with its unit or default', (t) => {
  const parsed = parsePeerOptions(['--help']);
  const help = 'help' in parsed ? parsed.help.replaceAll(/\s+/g, ' ') : '';
  for (const option of ['--id', '--lend', '--sdp-dir', '--no-rpr', '--packet-path', '--controller']) {
    t.true(help.includes(option), option);
  }
  t.regex(help, /carries less \(default: auto\)/);
  t.regex(help, /\(default: VP8\/90000\)/);
});

/** What is wrong, and what the error has to say of it. */
const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['', /required option '--id/],
  ['--id A --uplod 5m', /Did you mean --upload/],
  ['--id A extra', /too many arguments/],
  ['--id no.dots', /1 to 32 of A-Z/],
  ['--id all', /not the word "all"/],
  ['--id A --room a*b', /--room.*1 to 32/],
  ['--id A --upload fast', /--upload.*800k, 5mbit/],
  ['--id A --upload 5', /Did you mean 5mbit/],
  ['--id A --lend -1', /--lend|unknown option/],
  ['--id A --bitrate 2m-1m', /lower rate comes first/],
  ['--id A --bitrate 1m-2m-3m', /MIN-MAX/],
  ['--id A --headroom 101', /1 to 100/],
  ['--id A --headroom 0', /1 to 100/],
  ['--id A --listen 5000', /HOST:PORT/],
  ['--id A --listen name:5000', /numeric address/],
  ['--id A --listen 127.0.0.1:70000', /0 to 65535/],
  ['--id A --advertise 0.0.0.0', /others can send to/],
  ['--id A --stun host', /--stun.*HOST:PORT/],
  ['--id A --stun stun:host:3478', /HOST:PORT alone/],
  ['--id A --stun host:0', /mostly 3478/],
  ['--id A --stun 1.2.3:3478', /--stun.*numeric address/],
  ['--id A --stun 0x7f000001:3478', /numeric address/],
  ['--id A --stun a/b:3478', /not the name of a host/],
  [`--id A${' --stun h:1'.repeat(9)}`, /at most 8/],
  ['--id A --turn host:3478', /--turn: .*turn:HOST:PORT\?USER&PASSWORD/],
  ['--id A --turn turn:host:3478', /user or password is missing/],
  ['--id A --turn turn:host:3478?anna', /user or password is missing/],
  ['--id A --turn turn:host:3478?&secret', /user or password is missing/],
  ['--id A --turn turn:host?anna&secret', /--turn: "host" is not an address/],
  ['--id A --turn turn:10.0.0:3478?anna&secret', /--turn: .*numeric address/],
  ['--id A --turn turns:host:5349?anna&secret', /TLS.*UDP alone/],
  ['--id A --turn turn:host:3478?transport=tcp', /transport= is not known/],
  ['--id A --turn turn:host:3478?anna&secret&transport=tcp', /transport= is not known/],
  ['--id A --candidates lan', /all, no-lan, relay/],
  ['--id A --candidates relay', /by --turn/],
  ['--id A --candidates relay --turn turn:h:1?anna&secret --no-rpr', /--no-rpr tells all/],
  ['--id A --one-address', /Add --no-rpr/],
  ['--id A --one-address --no-rpr --sip 127.0.0.1:0', /one address anyway/],
  ['--id A --candidates relay --turn turn:h:1?anna&secret --advertise 192.0.2.1', /--advertise tells all/],
  ['--id A --source video', /none, test, or rtp:PORT/],
  ['--id A --source rtp:x', /UDP port/],
  ['--id A --source sdp:', /sdp:FILE/],
  ['--id A --source sdp:x.sdp,codec=VP8/90000', /The SDP file tells the codec/],
  [
    '--id A --source rtp:0,codec=vorbis/48000/2',
    /vorbis\/48000\/2 of voice without its format parameters.*fmtp=.*sdp:FILE/,
  ],
  [
    '--id A --source test,colour=red',
    /no key "colour".*name, codec, payload-type, media, bitrate, group, layer, rtcp, fmtp/,
  ],
  ['--id A --source test,toString=x', /no key "toString"/],
  ['--id A --source test,name', /name=VALUE/],
  ['--id A --source test,name=a,name=b', /"name" is given twice/],
  ['--id A --source test,name=a/b', /name: .*1 to 32/],
  ['--id A --source test,layer=8,group=g', /layer: .*0 to 7/],
  ['--id A --source test,bitrate=fast', /bitrate: .*800k, 5mbit/],
  ['--id A --source test,media=text', /media: .*audio or video/],
  ['--id A --source test,rtcp=127.0.0.1:5005', /rtcp= is for a program/],
  ['--id A --source rtp:5004,rtcp=here', /rtcp: .*HOST:PORT/],
  ['--id A --source rtp:5004,rtcp=127.0.0.1:0', /rtcp: .*takes RTCP/],
  ['--id A --source test,fmtp=', /fmtp: .*SDP/],
  ['--id A --source test,fmtp=a=1,name=x', /write name= before it/],
  ['--id A --source test,fmtp=\r\na=x', /printable/],
  ['--id A --source none,name=x', /takes no keys/],
  ['--id A --source none --source test', /none.*stands alone/],
  [`--id A${' --source test'.repeat(9)}`, /9 streams.*at most 8/],
  ['--id A --source test,name=x --source test,name=x', /two streams are called x/],
  ['--id A --source test,name=g-0 --source test,group=g', /two streams are called g-0/],
  [`--id A --source test,group=${'g'.repeat(32)}`, /too long/],
  ['--id A --source rtp:5004 --source rtp:5004,media=audio', /two streams take port 5004/],
  ['--id A --source test,layer=1', /layer of nothing/],
  ['--id A --source test,group=g,layer=1 --source test,group=g,layer=1', /group g have layer=1/],
  ['--id A --source test,group=g --source test,group=g,media=audio', /group g has audio and video/],
  ['--id A --want', /--want/],
  ['--id A --want A,', /names no peer/],
  ['--id A --want A,a.b', /"a.b" names no peer/],
  ['--id A --want A/', /names no stream/],
  ['--id A --want A@', /800k, 5mbit/],
  ['--id A --want A@5', /Did you mean 5mbit/],
  ['--id A --want all,A', /"all" stands alone/],
  ['--id A --want none,A', /"none" stands alone/],
  ['--id A --want A/voice,B,A/voice@1m', /A\/voice is named twice/],
  ['--id A --download 0', /carries no media/],
  ['--id A --sink file:x', /none, rtp:HOST:PORT, or sdp:DIR/],
  ['--id A --sink sdp:', /sdp:DIR/],
  ['--id A --sink rtp:host:0', /1 to 65535/],
  ['--id A --sink sdp:x --sdp-dir y', /--sdp-dir goes with/],
  ['--id A --latency soon', /auto, or milliseconds from 0 to 1000/],
  ['--id A --latency 1001', /from 0 to 1000/],
  ['--id A --codec VP8', /VP8\/90000/],
  ['--id A --media text', /audio, video/],
  ['--id A --payload-type 72', /RTCP/],
  ['--id A --payload-type 128', /0 to 127/],
  ['--id A --packet-path fast', /batched, dgram/],
  ['--id A --controller a.b', /1 to 32/],
];

for (const [line, says] of REFUSED) {
  test(`"${line}" is refused with a word on what is accepted`, (t) => {
    const argv = line === '' ? [] : line.split(' ');
    const error = t.throws(() => parsePeerOptions(argv), { instanceOf: UsageError });
    t.regex(error.message, says);
    t.is(error.exitCode, 2);
    t.is(error.code, 'usage.invalid');
  });
}

test('a name is one line of at most 64 characters', (t) => {
  const parsed = parsePeerOptions(['--id', 'A', '--name', '  Zoë Müller ']);
  t.like(parsed, { options: { name: 'Zoë Müller' } });
  for (const name of ['a\nb', 'x'.repeat(65), 'A\u202e'])
    t.throws(() => parsePeerOptions(['--id', 'A', '--name', name]), { message: /--name.*one line of at most 64/s });
});
