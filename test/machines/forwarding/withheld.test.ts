/** A stream stops though all else comes: when its owner is told, and what the owner takes for proof. */
import test from 'ava';
import { SentLately } from '../../../machines/forwarding/sent-lately.ts';
import { type Reception, type Stopped, StoppedStreams } from '../../../machines/forwarding/stopped-streams.ts';
import { DELAYS } from '../../../machines/timers.ts';

const CHECK_MS = DELAYS.reportInterval / 2;
const CAMERA = 1;
const VOICE = 2;
const OTHER = 3;
/** A small camera: 1 Mbit/s. */
const PACKET_MS = 10;
const STOPS_MS = 5000;
const FIRST = 65_300;

const expected = [
  { owner: 'A', stream: 'camera', ssrc: CAMERA },
  { owner: 'A', stream: 'voice', ssrc: VOICE },
  { owner: 'B', stream: 'camera', ssrc: OTHER },
];

/** What a receiver tells whom, when these streams stop, and return, and it looks at these moments. */
function told(stopping: readonly number[], { returnsMs = Number.POSITIVE_INFINITY, untilMs = STOPS_MS + 1000 } = {}) {
  const stopped = new StoppedStreams();
  stopped.watch(expected);
  const all: (Stopped & { atMs: number })[] = [];
  for (let nowMs = 0; nowMs <= untilMs; nowMs += CHECK_MS) {
    for (const { ssrc } of expected) {
      if (stopping.includes(ssrc) && nowMs >= STOPS_MS && nowMs < returnsMs) continue;
      if (nowMs % PACKET_MS === 0) stopped.arrived(ssrc, FIRST + nowMs / PACKET_MS, nowMs);
    }
    all.push(...stopped.check(nowMs).map((of) => ({ ...of, atMs: nowMs })));
  }
  return all;
}

test('an owner is told within 80 ms that its stream has stopped, with how far all its streams have come', (t) => {
  const [first] = told([CAMERA]);
  t.true(first !== undefined && first.atMs - STOPS_MS <= 80, `${first?.atMs}`);
  t.is(first?.owner, 'A');
  const newest = (FIRST + STOPS_MS / PACKET_MS - 1) & 0xffff;
  const [camera, voice] = first?.streams ?? [];
  t.deepEqual(camera, { ssrc: CAMERA, newest, quietMs: (first?.atMs ?? 0) - STOPS_MS + PACKET_MS });
  t.is(voice?.quietMs, 0);
});

test('eight times, but no more once the stream has returned', (t) => {
  t.is(told([CAMERA]).length, 8);
  const twice = told([CAMERA], { returnsMs: STOPS_MS + 200 });
  t.true(twice.length > 0 && twice.every(({ atMs }) => atMs < STOPS_MS + 200));
});

test('nobody is told where nothing at all comes: that is the own line', (t) => {
  t.deepEqual(told([CAMERA, VOICE, OTHER]), []);
});

test('nor of a stream that is quiet for as long now and then, or that nobody sends us any more', (t) => {
  const stopped = new StoppedStreams();
  stopped.watch(expected);
  const all: Stopped[] = [];
  for (let nowMs = 0; nowMs <= STOPS_MS; nowMs += CHECK_MS) {
    stopped.arrived(OTHER, nowMs, nowMs);
    if (nowMs % 130 === 0) stopped.arrived(CAMERA, nowMs / 130, nowMs);
    if (nowMs < 1000) stopped.arrived(VOICE, nowMs / 10, nowMs);
    if (nowMs === 1000) stopped.watch(expected.filter(({ ssrc }) => ssrc !== VOICE));
    all.push(...stopped.check(nowMs));
  }
  t.deepEqual(all, []);
});

/** An owner that has sent a packet each 10 ms until then. */
function owner(untilMs: number): SentLately {
  const sent = new SentLately();
  sent.watch([CAMERA], ['R']);
  for (let nowMs = 0; nowMs <= untilMs; nowMs += PACKET_MS)
    sent.sent(CAMERA, (FIRST + nowMs / PACKET_MS) & 0xffff, nowMs);
  return sent;
}
const at = (sentMs: number, quietMs: number): Reception => ({
  ...{ ssrc: CAMERA, newest: (FIRST + sentMs / PACKET_MS) & 0xffff, quietMs },
});

test('what left while the receiver waited proves that it is withheld, but for what may be late', (t) => {
  t.is(owner(5000).missedOf('R', [at(4900, 60)], 5000), CAMERA);
  t.is(owner(5000).missedOf('R', [at(4900, 50)], 5000), undefined);
});

test('what is missed of several streams proves it together', (t) => {
  const sent = new SentLately();
  sent.watch([CAMERA, VOICE], ['R']);
  const voiceEveryMs = 20;
  for (let nowMs = 0; nowMs <= 5000; nowMs += PACKET_MS) {
    sent.sent(CAMERA, nowMs / PACKET_MS, nowMs);
    if (nowMs % voiceEveryMs === 0) sent.sent(VOICE, nowMs / voiceEveryMs, nowMs);
  }
  const camera = { ssrc: CAMERA, newest: 4900 / PACKET_MS, quietMs: 40 };
  const voice = { ssrc: VOICE, newest: 4900 / voiceEveryMs, quietMs: 50 };
  t.is(sent.missedOf('R', [camera], 5000), undefined);
  t.is(sent.missedOf('R', [voice], 5000), undefined);
  t.is(sent.missedOf('R', [voice, camera], 5000), CAMERA);
});

test('a few packets in a row are lost now and then, and prove nothing', (t) => {
  for (let lost = 1; lost <= 4; lost++)
    t.is(owner(5000).missedOf('R', [at(4900, PACKET_MS * (lost + 1))], 5000), undefined);
});

test('a source that paused as long as the receiver waited proves nothing, though it sends again', (t) => {
  const sent = owner(4900);
  for (let nowMs = 4970; nowMs <= 5000; nowMs += PACKET_MS)
    sent.sent(CAMERA, (FIRST + nowMs / PACKET_MS) & 0xffff, nowMs);
  t.is(sent.missedOf('R', [at(4900, 70)], 5000), undefined);
});

test('nor does the word of a stranger, of a number that was never sent or long ago, or of one that speaks without end', (t) => {
  t.is(owner(5000).missedOf('X', [at(4900, 60)], 5000), undefined);
  t.is(owner(5000).missedOf('R', [at(6000, 60)], 5000), undefined);
  t.is(owner(9000).missedOf('R', [at(0, 9000)], 9000), undefined);
  const sent = owner(5000);
  const heard = Array.from({ length: 1000 }, () => sent.missedOf('R', [at(4900, 60)], 5000)).filter(Boolean);
  t.is(heard.length, 64);
});
