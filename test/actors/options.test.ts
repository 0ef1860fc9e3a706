import test, { type ExecutionContext } from 'ava';
import type { PeerOptions } from '../../actors/options/contract.ts';
import { parsePeerOptions, UsageError } from '../../actors/options.ts';

function read(t: ExecutionContext, line: string, env: NodeJS.ProcessEnv = {}): PeerOptions {
  const parsed = parsePeerOptions(line.split(' '), env);
  if ('help' in parsed) throw new Error(`${t.title}: help was asked for`);
  return parsed.options;
}

test('an id is enough: everything else has a default', (t) => {
  t.deepEqual(read(t, '--id A'), {
    ...{ id: 'A', room: 'main', nats: null, listen: null, advertise: null },
    ...{ uploadBps: 10_000_000, lendBps: 10_000_000, headroom: 0.95 },
    source: { kind: 'test' },
    format: { codec: { name: 'VP8', clockRate: 90_000 }, media: 'video', payloadType: 96 },
    bitrate: { minBps: 1_000_000, maxBps: 1_000_000 },
    sink: { kind: 'none' },
    ...{ compatible: true, json: false, inspect: false, packetPath: null, controller: null },
  });
});

test('every option is read', (t) => {
  const options = read(
    t,
    '--id B --room r-1 --nats nats://h:1 --upload 5mbit --lend 3mbit --headroom 90 --listen 10.0.0.1:5000 ' +
      '--advertise 192.0.2.1 --source rtp:5004 --bitrate 300k-2.5mbit --codec opus/48000/2 --payload-type 111 ' +
      '--sink rtp:localhost:6000 --sdp-dir out --no-rpr --json --inspect --packet-path dgram --controller boss',
  );
  t.deepEqual(options, {
    ...{ id: 'B', room: 'r-1', nats: 'nats://h:1', advertise: '192.0.2.1', headroom: 0.9 },
    ...{ uploadBps: 5_000_000, lendBps: 3_000_000, listen: { host: '10.0.0.1', port: 5000 } },
    source: { kind: 'rtp', port: 5004 },
    format: { codec: { name: 'opus', clockRate: 48_000, channels: 2 }, media: 'audio', payloadType: 111 },
    bitrate: { minBps: 300_000, maxBps: 2_500_000 },
    sink: { kind: 'rtp', to: { host: 'localhost', port: 6000 }, sdpFolder: 'out' },
    ...{ compatible: false, json: true, inspect: true, packetPath: 'dgram', controller: 'boss' },
  });
});

test('NATS_URL names the server unless --nats does', (t) => {
  const env = { NATS_URL: 'nats://env:4222' };
  t.is(read(t, '--id A', env).nats, 'nats://env:4222');
  t.is(read(t, '--id A --nats nats://given:4222', env).nats, 'nats://given:4222');
  t.is(read(t, '--id A', { NATS_URL: '' }).nats, null);
});

test('nothing can be lent that is not there, and lending nothing is fine', (t) => {
  t.is(read(t, '--id A --upload 2m').lendBps, 2_000_000);
  t.is(read(t, '--id A --upload 2m --lend 5m').lendBps, 2_000_000);
  t.is(read(t, '--id A --lend 0').lendBps, 0);
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

test('--help is no error and names every option with its unit or default', (t) => {
  const parsed = parsePeerOptions(['--help']);
  const help = 'help' in parsed ? parsed.help.replaceAll(/\s+/g, ' ') : '';
  for (const option of ['--id', '--lend', '--sdp-dir', '--no-rpr', '--packet-path', '--controller']) {
    t.true(help.includes(option), option);
  }
  t.regex(help, /uplink carries, bit\/s \(default: 10 Mbit\/s\)/);
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
  ['--id A --listen 5000', /HOST:PORT/],
  ['--id A --listen name:5000', /numeric address/],
  ['--id A --listen 127.0.0.1:70000', /0 to 65535/],
  ['--id A --advertise 0.0.0.0', /others can send to/],
  ['--id A --source video', /none, test, or rtp:PORT/],
  ['--id A --source rtp:x', /UDP port/],
  ['--id A --sink file:x', /none, rtp:HOST:PORT, or sdp:DIR/],
  ['--id A --sink sdp:', /sdp:DIR/],
  ['--id A --sink rtp:host:0', /1 to 65535/],
  ['--id A --sink sdp:x --sdp-dir y', /--sdp-dir goes with/],
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
