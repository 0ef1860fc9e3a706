/** Small things that a page is told, or says. */
import test from 'ava';
import { parseCallOptions } from '../../../actors/options/call-command.ts';
import { UsageError } from '../../../actors/options/options.ts';
import { idOfName } from '../../../actors/page/id-of-name.ts';
import { inviteText, parseInvite } from '../../../actors/page/invite.ts';
import { QuietStreams } from '../../../actors/page/quiet-streams.ts';
import { payloadTypeFor } from '../../../actors/page/slots/playable.ts';
import { wantsOf } from '../../../actors/page/wants.ts';

test('an id is made of a name', (t) => {
  t.is(idOfName('Ada'), 'Ada');
  t.is(idOfName('José Müller'), 'Jose-Muller');
  t.is(idOfName('  a.b*c>  '), 'a-b-c');
  t.is(idOfName('李'), 'guest');
  t.is(idOfName('all'), 'guest');
  t.is(idOfName('Ada', 1), 'Ada-2');
  t.is(idOfName('x'.repeat(40), 8), `${'x'.repeat(30)}-9`);
});

test('what an invitation says can be read', (t) => {
  for (const nats of [null, 'u:p@host:4222', 'tls://u:p%23@[::1]:1']) {
    t.deepEqual(parseInvite(inviteText({ room: 'tea', nats: 'nats://host', key: 'k' }))?.nats, 'host');
    for (const key of [null, 'a key, with "all" that % and # are']) {
      t.deepEqual(parseInvite(inviteText({ room: 'tea', nats, key })), { room: 'tea', nats, key });
    }
  }
  for (const text of ['', 'rpr:', 'rpr:a.b@h#k', 'rpr:a@h#%', '--room', '--room a.b', 'garden'])
    t.is(parseInvite(text), undefined, text);
});

test('what is shown is wanted, once, and as well as the larger tile needs it', (t) => {
  const slot = { mid: '0', peer: 'B', stream: 'camera' };
  const all = () => true;
  t.deepEqual(wantsOf([], all), []);
  t.deepEqual(
    wantsOf(
      [
        { ...slot, maxBps: 100 },
        { ...slot, mid: '2', maxBps: 900 },
        { ...slot, mid: '4', stream: 'voice' },
      ],
      all,
    ),
    [
      { source: 'B', stream: 'camera', maxBps: 900 },
      { source: 'B', stream: 'voice' },
    ],
  );
  t.deepEqual(wantsOf([{ ...slot, maxBps: 100 }, slot], all), [{ source: 'B', stream: 'camera' }]);
  // One rate is for all who watch.
  t.deepEqual(
    wantsOf([{ ...slot, maxBps: 100 }], () => false),
    [{ source: 'B', stream: 'camera' }],
  );
});

test('a voice of which nothing comes for two seconds is muted, as far as anybody can tell', (t) => {
  const quiet = new QuietStreams();
  t.false(quiet.isQuiet('B/voice', false, 0));
  t.false(quiet.isQuiet('B/voice', false, 1999));
  t.true(quiet.isQuiet('B/voice', false, 2000));
  t.false(quiet.isQuiet('B/voice', true, 2001));
  t.false(quiet.isQuiet('B/voice', null, 9000));
  quiet.isQuiet('B/voice', false, 9000);
  quiet.isQuiet('C/voice', false, 9000);
  quiet.keepOnly(new Set(['C/voice']));
  t.is(quiet.size, 1, 'nothing is kept of who has left');
});

test('payload types are found by codec and parameters', (t) => {
  const formats = [
    { payloadType: 120, codec: 'VP8/90000', fmtp: '' },
    { payloadType: 103, codec: 'H264/90000', fmtp: 'packetization-mode=0;profile-level-id=42e01f' },
    { payloadType: 108, codec: 'H264/90000', fmtp: 'packetization-mode=1;profile-level-id=42e01f' },
    { payloadType: 110, codec: 'H264/90000', fmtp: 'packetization-mode=1;profile-level-id=64001f' },
    { payloadType: 0, codec: 'PCMU/8000', fmtp: '' },
  ];
  const find = (name: string, clockRate: number, fmtp = '', channels?: number) =>
    payloadTypeFor({ codec: { name, clockRate, ...(channels && { channels }) }, fmtp }, formats);
  t.is(find('vp8', 90_000), 120);
  t.is(find('H264', 90_000), 108);
  t.is(find('H264', 90_000, 'profile-level-id=640028;packetization-mode=1'), 110);
  t.is(find('H264', 90_000, 'profile-level-id=4d0028'), 108);
  t.is(find('PCMU', 8000, '', 1), 0);
  t.is(find('opus', 48_000, '', 2), undefined);
});

test('the command makes a peer of what the page chooses', (t) => {
  const parsed = parseCallOptions(['--name', 'Ada', '--lend', '1m', '--port', '0'], { NATS_URL: 'nats://host' });
  if ('help' in parsed) return t.fail();
  const { suggested, port, peer } = parsed.options;
  t.deepEqual(suggested, {
    id: null,
    name: 'Ada',
    room: 'main',
    nats: 'nats://host',
    key: null,
    uploadBps: null,
  });
  t.is(port, 0);
  const options = peer({ id: 'B', name: 'Bo', room: 'tea', nats: null, key: null, uploadBps: 500_000 });
  t.like(options, { id: 'B', name: 'Bo', room: 'tea', nats: null, uploadBps: 500_000, lendBps: 1_000_000 });
  t.deepEqual([options.streams, options.wants, options.controller], [[], [], null]);
  t.throws(() => parseCallOptions(['--port', '80']), { instanceOf: UsageError, message: /1024/ });
  t.throws(() => parseCallOptions(['--sdp-dir', 'x']), { instanceOf: UsageError });
  t.true('help' in parseCallOptions(['--help']));
  const driven = parseCallOptions(['--controller', 'boss']);
  t.is('help' in driven ? '' : driven.options.peer({ ...suggested, id: 'B' }).controller, 'boss');
});
