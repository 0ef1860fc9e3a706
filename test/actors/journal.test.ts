import test from 'ava';
import { z } from 'zod';
import { Journal } from '../../actors/journal/journal.ts';
import { sentenceOf } from '../../actors/journal/sentence.ts';

const lineSchema = z.looseObject({ time: z.iso.datetime(), level: z.string(), peer: z.string(), event: z.string() });

function open() {
  const lines: z.infer<typeof lineSchema>[] = [];
  const clock = { ms: 0 };
  const write = (text: string) => void lines.push(lineSchema.parse(JSON.parse(text)));
  const journal = new Journal({ peer: 'A', lines: { write }, now: () => clock.ms });
  return { journal, lines, clock };
}

const dropped = (from: string, detail: string) =>
  ({ type: 'message.dropped', fault: 'invalid', subject: `rpr.v2.main.${from}.all.profile`, detail }) as const;

test('an event is a line of JSON: when, how serious, whose log, what, and about whom', (t) => {
  const { journal, lines } = open();
  journal.note({ type: 'member.joined', peer: 'B', compatible: true, software: 'rpr' });
  t.is(lines.length, 1);
  const { time, ...rest } = lines[0] ?? { time: '' };
  t.deepEqual(rest, {
    level: 'info',
    peer: 'A',
    event: 'member.joined',
    other: 'B',
    compatible: true,
    software: 'rpr',
  });
  t.regex(time, /Z$/);
});

test('what goes wrong is a warning, what is well again is not', (t) => {
  const { journal, lines } = open();
  journal.note({ type: 'pairs.unserved', stream: 'camera', receivers: ['C'] });
  journal.note({ type: 'pairs.unserved', stream: 'camera', receivers: [] });
  t.deepEqual(
    lines.map(({ level }) => level),
    ['warn', 'info'],
  );
});

test('who is left out is told with the reason, and with what would help', (t) => {
  const short = { type: 'pairs.unserved', stream: 'camera', receivers: ['C', 'D'] } as const;
  t.is(sentenceOf(short), 'the room has no upload left for camera to C and D');
  t.is(
    sentenceOf({ ...short, unreachable: ['D'] }),
    'the room has no upload left for camera to C; camera does not get to D: ' +
      'no member that relays reaches both: forward a UDP port here or there, or give --turn',
  );
  t.is(
    sentenceOf({ type: 'pairs.unserved', stream: 'camera', receivers: ['D'], unreachable: ['D'], noneOpen: true }),
    'camera does not get to D: no member of the room is reachable from outside: forward a port, or give --turn',
  );
});

test('the same warning about one sender comes once a minute, with a count', (t) => {
  const { journal, lines, clock } = open();
  for (let count = 0; count < 5; count++) journal.note(dropped('B', `field ${count}`));
  journal.note(dropped('C', 'field'));
  t.is(lines.length, 2);
  clock.ms = 60_000;
  journal.note(dropped('B', 'again'));
  t.like(lines[2], { event: 'message.dropped', detail: 'again', repeated: 4 });
});

test('a count is not lost at the end', (t) => {
  const { journal, lines } = open();
  journal.note(dropped('B', 'one'));
  journal.note(dropped('B', 'two'));
  journal.close();
  journal.close();
  t.is(lines.length, 2);
  t.like(lines[1], { detail: 'two', repeated: 1 });
});

test('events are never left out, however alike', (t) => {
  const { journal, lines } = open();
  for (let count = 0; count < 3; count++) journal.note({ type: 'relay.unreachable', relay: 'B' });
  t.is(lines.length, 3);
});

test('senders that never repeat themselves do not fill the memory', (t) => {
  const { journal, lines } = open();
  for (let count = 0; count < 5000; count++) journal.note(dropped(`X${count}`, ''));
  t.is(lines.length, 5000);
  // The first was forgotten, so it counts as new.
  journal.note(dropped('X0', ''));
  t.is(lines.length, 5001);
});

test('without lines, the newest events are kept in words', (t) => {
  const journal = new Journal({ peer: 'A', lines: null, now: () => 0 });
  for (let count = 0; count < 30; count++)
    journal.note({ type: 'rate.changed', stream: 'camera', rateBps: count * 100_000 });
  t.is(journal.recent.length, 20);
  t.is(journal.recent.at(-1), 'camera should be sent at 2.9 Mbit/s');
});

test('agreements read as sentences', (t) => {
  const legs = [
    { stream: 'camera', receiver: 'C', slices: 0xff },
    { stream: 'camera', receiver: 'C', slices: 0xff00 },
    { stream: 'voice', receiver: 'D', slices: 0xffff },
  ];
  const entry = { type: 'agreement.changed', agreement: 'A.1', role: 'client', peer: 'B', legs } as const;
  t.is(sentenceOf({ ...entry, state: 'active' }), 'relaying by B to C and D (camera, voice): active');
  t.is(
    sentenceOf({ ...entry, role: 'relay', legs: [], state: 'ended', reason: 'client.done' }),
    'relaying for B: ended (client.done)',
  );
});

test('a rate of nothing says that nobody receives the stream', (t) => {
  t.is(
    sentenceOf({ type: 'rate.changed', stream: 'screen', rateBps: 0 }),
    'nobody receives screen: it need not be sent',
  );
});

test('what a stream is about is told with it', (t) => {
  const { journal, lines } = open();
  journal.note({ type: 'source.listening', port: 5004, stream: 'voice' });
  journal.note({ type: 'sink.opened', peer: 'B', stream: 'camera', to: '127.0.0.1:6000', sdp: 'B.sdp' });
  t.like(lines[0], { event: 'source.listening', port: 5004, stream: 'voice' });
  t.like(lines[1], { event: 'sink.opened', other: 'B', stream: 'camera' });
});

test('an end that nobody asked for is a warning with its reason', (t) => {
  const { journal, lines } = open();
  journal.note({ type: 'peer.ended', how: 'left' });
  journal.note({ type: 'peer.ended', how: 'replaced' });
  t.deepEqual(
    lines.map(({ level, how }) => [level, how]),
    [
      ['info', 'left'],
      ['warn', 'replaced'],
    ],
  );
  t.regex(journal.recent[1] ?? '', /another process has joined under this id/);
});

test('two streams of one peer that cannot be played are two warnings', (t) => {
  const { journal, lines } = open();
  for (const stream of ['camera', 'camera', 'voice']) {
    journal.note({ type: 'sink.failed', peer: 'B', stream, code: 'sink.ports', reason: 'none left' });
  }
  t.deepEqual(
    lines.map(({ stream }) => stream),
    ['camera', 'voice'],
  );
});

test('what is wrong with a source says what to do', (t) => {
  const stream = 'voice';
  const from = '127.0.0.1:5004';
  const other = { from, payloadType: 97, declared: 111, stream };
  t.regex(
    sentenceOf({ type: 'source.mismatched', ...other }),
    /declared as payload type 111.*sends 97.*payload-type=97/,
  );
  t.is(
    sentenceOf({ type: 'source.rejected', reason: 'otherPayload', ...other }),
    'packets of payload type 97 for voice are not used: the stream is 111',
  );
  t.regex(sentenceOf({ type: 'source.undecodable', codec: 'H.264', stream }), /nobody can decode it.*sdp:FILE/);
  t.is(
    sentenceOf({ type: 'source.exceeded', measuredBps: 2_050_000, limitBps: 1_000_000, stream: 'camera' }),
    'camera sends 2.05 Mbit/s, and what is above 1 Mbit/s will be lost: lower the encoder to 1 Mbit/s',
  );
});

test('packets that are not used are told once by reason and payload type, whatever their sender', (t) => {
  const { journal, lines } = open();
  for (let port = 5000; port < 5010; port++) {
    const about = { from: `127.0.0.1:${port}`, stream: 'voice' };
    journal.note({ type: 'source.rejected', reason: 'otherStream', ...about });
    journal.note({ type: 'source.started', from: '127.0.0.1:9', ssrc: 1, stream: 'voice' });
    for (const payloadType of [13, 101]) {
      journal.note({ type: 'source.rejected', reason: 'otherPayload', payloadType, declared: 111, ...about });
    }
  }
  t.deepEqual(
    lines.map(({ event, reason, payloadType }) => [reason ?? event, payloadType]),
    [
      ['otherStream', undefined],
      ['source.started', undefined],
      ['otherPayload', 13],
      ['otherPayload', 101],
    ],
  );
});

test("others' texts cannot steer the terminal", (t) => {
  const journal = new Journal({ peer: 'A', lines: null, now: () => 0 });
  journal.note({ type: 'member.joined', peer: 'B', compatible: true, software: 'x\u001b[2J\n' });
  t.is(journal.recent[0], 'B joined (x·[2J·)');
});
