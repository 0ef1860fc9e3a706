import test from 'ava';
import fc from 'fast-check';
import type { CallStatus, MemberStatus, ReceivedStream, StreamWays } from '../../actors/status/snapshot.ts';
import { renderTable } from '../../actors/status/table.ts';

const WIDE = { width: 140, height: 30 };
const DIRECT = [{ stream: 'camera', ways: [{ relay: null, slices: 16 }] }];
const received = (from: readonly StreamWays[]): ReceivedStream[] =>
  from.map((ways) => ({ ...ways, inBps: 1_000_000, loss: 0, freezes: 0, frozenMs: 0, stillMs: 0 }));

/** As B says it. */
const OF_CAMERA = { stream: 'camera', loss: 0.5, packetsLost: 9, jitterMs: 12.4, roundTripMs: 7.25 };

const member = (id: string, changes: Partial<MemberStatus> = {}): MemberStatus => ({
  ...{
    id,
    name: '',
    state: 'live',
    compatible: true,
    way: { kind: 'direct', rttMs: 20 },
    to: DIRECT,
    from: received(DIRECT),
  },
  ...{ inBps: 1_000_000, outBps: 1_000_000, loss: 0, lentBps: 0, reports: [], playerReports: [] },
  ...changes,
});

const call = (changes: Partial<CallStatus> = {}): CallStatus => ({
  ...{ id: 'A', name: '', room: 'main', state: 'joined', busConnected: true, packetPath: 'dgram' },
  ...{ uploadBps: 10_000_000, usableBps: 9_500_000, sendBps: 4_750_000, lendBps: 5_000_000, promisedBps: 1_000_000 },
  ...{ streams: [{ stream: 'camera', sendsBps: 1_000_000, shouldBps: 1_000_000, stopped: false }] },
  ...{
    measured: null,
    downlink: null,
    members: [],
    drops: {},
    lines: [],
    plain: [],
    trust: { isOpen: true, unsigned: [], refused: [], forgeries: [] },
  },
  ...changes,
});

/** The row of a peer, cell by cell. */
function row(text: string, id: string): string[] {
  const line = text.split('\n').find((one) => one.startsWith(`│ ${id} `)) ?? '';
  return line
    .split('│')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

test('says who, how its source comes, how ours goes, rates, loss, and what is lent', (t) => {
  const ways = [
    { relay: null, slices: 12 },
    { relay: 'C', slices: 4 },
  ];
  const from = [{ stream: 'camera', ways }];
  const to = [{ stream: 'camera', ways: [{ relay: 'B', slices: 16 }] }];
  const members = [
    member('B', { from: received(from), inBps: 1_010_000, loss: 0.0123, lentBps: 2_000_000, reports: [OF_CAMERA] }),
    member('D', { compatible: false, way: null, to, from: [], inBps: 0, loss: null }),
  ];
  const text = renderTable(call({ members }), WIDE);
  t.deepEqual(row(text, 'B'), [
    'B',
    'live',
    'direct 20 ms',
    'direct 12/16, C 4/16',
    '1.01M',
    '1.2 %',
    'direct',
    '1M',
    '50 %',
    '7.3',
    '12',
    '2M',
  ]);
  t.deepEqual(row(text, 'D'), ['D', 'plain RTP', '–', '–', '–', '–', 'via B', '1M', '–', '–', '–', '–']);
});

test('says how much of the upload is used, and how much is lent', (t) => {
  const text = renderTable(call(), WIDE);
  t.regex(text, /^A in main · joined · door open · packets by dgram$/m);
  t.regex(text, /^upload █{10}░{10} 4\.75 Mbit\/s of 9\.5 Mbit\/s \(uplink 10 Mbit\/s\)$/m);
  t.regex(text, /^shows {2}1 Mbit\/s · lends 1 Mbit\/s of 5 Mbit\/s$/m);
  t.regex(text, /nobody else is here yet/);
});

test('ways of several streams are told apart only where they differ', (t) => {
  const by = (relay: string | null) => [{ relay, slices: 16 }];
  const same = [
    { stream: 'camera', ways: by('C') },
    { stream: 'voice', ways: by('C') },
    { stream: 'screen', ways: [] },
  ];
  const apart = [
    { stream: 'camera', ways: by('C') },
    { stream: 'voice', ways: by(null) },
    { stream: 'screen', ways: [] },
  ];
  const text = renderTable(call({ members: [member('B', { from: received(same), to: apart })] }), WIDE);
  t.deepEqual(row(text, 'B'), [
    'B',
    'live',
    'direct 20 ms',
    'via C',
    '1M',
    '0 %',
    'camera via C; voice direct',
    '1M',
    '–',
    '–',
    '–',
    '–',
  ]);
});

test('what a member says of each of our streams is told by stream where it differs', (t) => {
  const voice = { ...OF_CAMERA, stream: 'voice', loss: 0.004, jitterMs: 1.2 };
  const text = renderTable(call({ members: [member('B', { reports: [OF_CAMERA, voice] })] }), {
    width: 200,
    height: 30,
  });
  t.deepEqual(row(text, 'B').slice(8, 11), ['camera 50 %; voice 0.4 %', '7.3', 'camera 12; voice 1.2']);
});

test('tells whoever feeds a source what rate it should have', (t) => {
  const shows = (...streams: CallStatus['streams']) => renderTable(call({ streams, lendBps: 0 }), WIDE);
  const camera = { stream: 'camera', sendsBps: 2_000_000, shouldBps: 800_000, stopped: false };
  const voice = { stream: 'voice', sendsBps: 32_000, shouldBps: 32_000, stopped: false };
  const screen = { stream: 'screen', sendsBps: 0, shouldBps: 0, stopped: false };
  t.regex(shows(camera), /shows {2}2 Mbit\/s, OVER by 1\.2 Mbit\/s: lower the encoder to 800 kbit\/s · lends nothing/);
  t.regex(shows(), /shows {2}nothing ·/);
  t.regex(shows(screen), /shows {2}to nobody ·/);
  t.regex(shows({ ...camera, shouldBps: 0 }), /shows {2}2 Mbit\/s, to nobody ·/);
  t.regex(
    shows({ ...camera, sendsBps: 300_000 }, voice, screen),
    /shows {2}camera 300 kbit\/s, should be 800 kbit\/s; voice 32 kbit\/s; screen to nobody ·/,
  );
  t.regex(shows({ ...camera, sendsBps: 0 }), /shows {2}nothing, should be 800 kbit\/s ·/);
  t.regex(shows({ ...camera, stopped: true }), /shows {2}nothing, its program has stopped ·/);
});

test('says by how much the upload is over its limit, and what was dropped', (t) => {
  const over = renderTable(call({ sendBps: 12_000_000, drops: { unknownSsrc: 12, tooLong: 3 } }), WIDE);
  const measured = { lineBps: 4_944_000, pastBps: [4_944_000], limitedBy: 'line', overratedBps: null } as const;
  t.regex(renderTable(call({ measured }), WIDE), /\(uplink measured: 4\.94 Mbit\/s, the line carries no more\)$/m);
  const past = { ...measured, pastBps: [10_000_000, 5_000_000, 100_000] };
  t.regex(
    renderTable(call({ measured: past }), WIDE),
    /\(uplink measured: 4\.94 Mbit\/s █▅▁, the line carries no more\)$/m,
  );
  t.regex(
    renderTable(call({ measured: { ...measured, overratedBps: 10_000_000 } }), WIDE),
    /4\.94 Mbit\/s, the line carries no more, less than --upload 10 Mbit\/s\)$/m,
  );
  const unknown = { lineBps: null, pastBps: [], limitedBy: 'unmeasured', overratedBps: null } as const;
  t.regex(renderTable(call({ measured: unknown }), WIDE), /\(uplink measured: not known yet\)$/m);
  const downlink = { lineBps: 1_944_000, askedBps: 1_847_000 };
  const full = renderTable(call({ downlink }), WIDE);
  t.regex(full, /^downlink measured: 1\.94 Mbit\/s, full: others are asked for 1\.85 Mbit\/s at most$/m);
  t.regex(over, /^upload █{20} 12 Mbit\/s of 9\.5 Mbit\/s, OVER by 2\.5 Mbit\/s \(uplink 10 Mbit\/s\)$/m);
  t.regex(over, /^dropped 12 of no known stream, 3 too long$/m);
  t.notRegex(renderTable(call({ sendBps: 9_600_000 }), WIDE), /OVER|dropped/);
});

test('no member is called live whose packets do not come', (t) => {
  const states = ['live', 'connecting', 'unheard', 'missing', 'unreached', 'lossy', 'silent', 'leaving'] as const;
  const text = renderTable(call({ members: states.map((state) => member(state, { state })) }), WIDE);
  t.deepEqual(
    states.map((state) => row(text, state)[1]),
    ['live', 'connecting', 'no packets', 'no media', 'not reached', 'lossy', 'silent', 'leaving'],
  );
});

test('a terminal of 20 by 6 letters shows who is there and what happened last', (t) => {
  const members = ['B', 'C', 'D', 'E', 'F'].map((id) => member(id));
  const text = renderTable(call({ members, lines: ['B joined', 'E joined'] }), { width: 20, height: 6 });
  t.deepEqual(text.split('\n'), [
    'A in main joined',
    'B live ↓1M ↑1M',
    'C live ↓1M ↑1M',
    'D live ↓1M ↑1M',
    '… and 2 more',
    'E joined',
  ]);
});

test('says that media goes on without NATS', (t) => {
  t.regex(renderTable(call({ busConnected: false }), WIDE), /no NATS/);
});

test('what players say has columns of its own, as long as any of them says something', (t) => {
  const played = { stream: 'camera', loss: 0.05, packetsLost: 40, jitterMs: 3.25 };
  const wide = { ...WIDE, width: 200 };
  const text = renderTable(call({ members: [member('B', { playerReports: [played] }), member('C')] }), wide);
  t.true(text.includes('player loses') && text.includes('its jitter ms'));
  t.deepEqual(row(text, 'B').slice(-3), ['5.0 %', '3.3', '–']);
  t.deepEqual(row(text, 'C').slice(-3), ['–', '–', '–']);
  t.false(renderTable(call({ members: [member('B'), member('C')] }), wide).includes('player'));
});

test('usual calls fit a terminal of 80 columns with every column but what it loses, round trip and jitter', (t) => {
  const members = ['B', 'C', 'D'].map((id) => member(id, { lentBps: 1_250_000 }));
  const text = renderTable(call({ members }), { width: 80, height: 24 });
  t.is(row(text, 'B').length, 9);
});

/** Of every kind. */
const WAYS: readonly MemberStatus['way'][] = [
  ...([null, { kind: 'looking' }, { kind: 'lan', rttMs: 0.4 }, { kind: 'none', reason: 'unanswered' }] as const),
  { kind: 'via', relays: ['B', 'C'], reason: 'nat' },
];
const CUT = { kind: 'via', relays: ['C'], reason: 'nat' } as const;

test('a wide terminal says beside the way why a pair is cut', (t) => {
  const members = [member('B', { way: CUT }), member('C'), member('D', { way: { kind: 'looking' } })];
  const text = renderTable(call({ members }), { width: 160, height: 30 });
  t.is(row(text, 'B')[2], 'via C (your router and theirs refuse each other)');
  t.is(row(text, 'D')[2], 'looking…');
});

test('one of 80 columns says so below, as far as there is room', (t) => {
  const none = { kind: 'none', reason: 'unanswered' } as const;
  const members = [...[member('B', { way: CUT }), member('C'), member('D', { way: CUT }), member('E', { way: none })]];
  const shown = (height: number) => renderTable(call({ members }), { width: 80, height });
  t.is(row(shown(24), 'B')[2], 'via C');
  t.is(row(shown(24), 'E')[2], 'no way');
  t.regex(
    shown(24),
    /^B, D: your router and theirs refuse each other\nE: a firewall, yours or theirs, lets no UDP through$/m,
  );
  t.notRegex(shown(11), /refuse each other/);
  t.true(shown(11).split('\n').length <= 11);
});

test('a narrow terminal loses columns, not the peers', (t) => {
  const members = [member('B'), member('C')];
  const text = renderTable(call({ members }), { width: 30, height: 24 });
  t.deepEqual(row(text, 'B'), ['B', 'direct', 'direct']);
});

test('the newest events stand below', (t) => {
  const lines = Array.from({ length: 20 }, (_, index) => `event ${index}`);
  const shown = renderTable(call({ lines }), WIDE).split('\n');
  t.deepEqual(shown.slice(-2), ['event 18', 'event 19']);
});

test('a low terminal says how many peers it leaves out', (t) => {
  const members = Array.from({ length: 40 }, (_, index) => member(`P${index}`));
  t.regex(renderTable(call({ members }), { width: 100, height: 20 }), /… and \d+ more/);
});

test('and still has room for what happened last', (t) => {
  const members = Array.from({ length: 40 }, (_, index) => member(`P${index}`));
  const lines = Array.from({ length: 20 }, (_, index) => `event ${index}`);
  const shown = renderTable(call({ members, lines }), { width: 100, height: 20 }).split('\n');
  t.deepEqual(shown.slice(-3), ['event 17', 'event 18', 'event 19']);
});

test('no screen is wider or higher than the terminal', (t) => {
  const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,32}$/);
  const members = fc.uniqueArray(ids, { maxLength: 60 });
  const size = fc.record({ width: fc.integer({ min: 1, max: 200 }), height: fc.integer({ min: 1, max: 60 }) });
  fc.assert(
    fc.property(members, size, fc.array(fc.string({ maxLength: 300 })), (names, terminal, lines) => {
      const oneLine = lines.map((line) => line.replaceAll(/\p{C}/gu, ''));
      const members = names.map((id, index) => member(id, { way: WAYS[index % WAYS.length] ?? null }));
      const shown = renderTable(call({ members, lines: oneLine }), terminal).split('\n');
      t.true(shown.length <= terminal.height, `${shown.length} lines of ${terminal.height}`);
      t.true(shown.every((line) => line.length <= terminal.width));
    }),
    { seed: 3, numRuns: 200 },
  );
});

test('a name stands beside the id where it says more, as far as there is room, and does nothing to the terminal', (t) => {
  const peerCells = (name: string, size = WIDE) =>
    renderTable(call({ members: [member('B', { name }), member('C')] }), size)
      .split('\n')
      .flatMap((line) => (line.startsWith('│ B') ? [line.split('│')[1]?.trim()] : []));
  t.deepEqual(peerCells('Berta'), ['B (Berta)']);
  t.deepEqual(peerCells('B'), ['B']);
  t.deepEqual(peerCells(''), ['B']);
  t.deepEqual(peerCells('x'.repeat(64)), [`B (${'x'.repeat(23)}…)`]);
  t.deepEqual(peerCells('a\u202eb\u001b[2J'), ['B (a·b·[2J)']);
  t.deepEqual(peerCells('Berta', { width: 40, height: 30 }), ['B']);
  t.regex(renderTable(call({ name: 'Anna' }), WIDE), /^A \(Anna\) in main/);
});

test('who listens in the clear stands above the table, and who does not let them', (t) => {
  const plain = [
    { id: 'D', hears: ['A', 'B'], refusedBy: ['C'] },
    { id: 'E', hears: [], refusedBy: ['A'] },
    { id: 'F', hears: [], refusedBy: [] },
  ];
  const text = renderTable(call({ plain }), { width: 120, height: 30 });
  t.regex(text, /^D listens in the clear: to you, B; refused by C$/m);
  t.regex(text, /^E would listen in the clear: refused by you$/m);
  t.notRegex(text, /F listens/);
  t.regex(
    renderTable(call({ id: 'D', plain }), { width: 120, height: 30 }),
    /^you listen in the clear: to A, B; refused by C$/m,
  );
});
