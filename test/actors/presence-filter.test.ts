/** Presences that say nothing new are held back, and nobody is thought gone for it. */
import test from 'ava';
import fc from 'fast-check';
import { PresenceFilter, TELL_MS } from '../../actors/presence-filter.ts';
import { encodeMessage, type Incoming } from '../../machines/messages.ts';
import { ALL } from '../../machines/subjects.ts';
import { DELAYS } from '../../machines/timers.ts';
import { capabilities } from '../machines/members.ts';

function presence(seq: number, says: unknown = 'same', epoch = 1): string {
  return JSON.stringify({ epoch, seq, says });
}

const holds = (filter: PresenceFilter, ...message: Parameters<PresenceFilter['fateOf']>) =>
  filter.fateOf(...message) === 'held';

test('the first presence passes, the same again is held back, and its sender is told of together with others', (t) => {
  const filter = new PresenceFilter(0);
  t.deepEqual(
    [
      holds(filter, 'presence', 'A', presence(1), 100),
      holds(filter, 'presence', 'A', presence(2), 600),
      holds(filter, 'presence', 'B', presence(1), 700),
    ],
    [false, true, false],
  );
  t.deepEqual(filter.due(TELL_MS), [{ peer: 'A', agoMs: TELL_MS - 600 }]);
  t.deepEqual(filter.due(2 * TELL_MS), []);
});

test('what is new passes, and what was sent before it is old news', (t) => {
  const filter = new PresenceFilter(0);
  holds(filter, 'presence', 'A', presence(1), 0);
  t.false(holds(filter, 'presence', 'A', presence(3, 'new'), 100));
  t.true(holds(filter, 'presence', 'A', presence(2), 200));
  t.false(holds(filter, 'presence', 'A', presence(4), 300));
  t.false(holds(filter, 'presence', 'A', presence(1, 'same', 2), 400));
});

function running(seq: number, routes: string, promisedBps = 0, says = 'same'): string {
  return `{"epoch":1,"seq":${seq},"says":${JSON.stringify(says)},"routes":${routes},"promisedBps":${promisedBps}}`;
}

test('how a source runs now can wait, and its sender is told of with the others', (t) => {
  const filter = new PresenceFilter(0);
  filter.fateOf('presence', 'A', running(1, '[]'), 0);
  t.is(filter.fateOf('presence', 'A', running(2, '[1]'), 100), 'waits');
  t.is(filter.fateOf('presence', 'A', running(3, '[1]', 5), 200), 'waits');
  t.is(filter.fateOf('presence', 'A', running(4, '[1]', 5), 300), 'held');
  t.deepEqual(filter.due(400), [{ peer: 'A', agoMs: 100 }]);
});

test('what else is new cannot, nor what a partner in an agreement says', (t) => {
  const filter = new PresenceFilter(0);
  filter.fateOf('presence', 'A', running(1, '[]'), 0);
  t.is(filter.fateOf('presence', 'A', running(2, '[1]', 0, 'new'), 100), 'passes');
  t.is(filter.fateOf('presence', 'A', running(3, '[1]', 0, '"routes":'), 200), 'passes');
  t.is(filter.fateOf('presence', 'A', running(4, '[2]', 0, '"routes":['), 300), 'passes');
  filter.said('A', 'relay.request', 400);
  t.is(filter.fateOf('presence', 'A', running(5, '[3]', 0, '"routes":['), 400), 'passes');
});

test('whoever is forgotten, and everybody after a greeting of ours, passes once', (t) => {
  const filter = new PresenceFilter(0);
  for (const peer of ['A', 'B']) holds(filter, 'presence', peer, presence(1), 0);
  filter.forget('A');
  t.deepEqual(
    [holds(filter, 'presence', 'A', presence(2), 100), holds(filter, 'presence', 'B', presence(2), 100)],
    [false, true],
  );
  filter.said(ALL, 'invite', 200);
  t.deepEqual(
    [holds(filter, 'presence', 'A', presence(3), 200), holds(filter, 'presence', 'B', presence(3), 200)],
    [false, false],
  );
});

test('each presence of a partner in an agreement passes until its lease may have ended', (t) => {
  const filter = new PresenceFilter(0);
  holds(filter, 'presence', 'A', presence(1), 0);
  filter.said('A', 'relay.request', 0);
  const passed: number[] = [];
  for (let atMs = 1000; atMs <= 10_000; atMs += 1000) {
    if (atMs % TELL_MS === 0) filter.due(atMs);
    if (!holds(filter, 'presence', 'A', presence(atMs), atMs)) passed.push(atMs);
  }
  t.is(passed.at(-1), DELAYS.lease - 1000);
  t.is(passed.length, DELAYS.lease / 1000 - 1);
});

test('what is no message of ours always passes', (t) => {
  const filter = new PresenceFilter(0);
  for (const text of ['', 'null', '{"seq":1,"epoch":1}', '{"epoch":1}']) {
    t.false(holds(filter, 'presence', 'A', text, 0));
    t.false(holds(filter, 'presence', 'A', text, 100));
  }
});

const from = { from: 'B', epoch: 1, seq: 1 };
const upload = { uploadBps: 9e6, usableBps: 9e6, lendBps: 0, leaving: false, routes: [], promisedBps: 0 };
const introduction: Incoming = { kind: 'presence', ...from, body: { ...capabilities('B'), ...upload } };
const answer: Incoming = { kind: 'answer', ...from, body: capabilities('B') };

test('a presence after an answer reaches the machines, and the next one that says the same does not', (t) => {
  const filter = new PresenceFilter(0);
  const takes = (message: Incoming, seq: number) =>
    !holds(filter, message.kind, message.from, encodeMessage(message, 1, seq), seq * 100);
  t.deepEqual([takes(introduction, 1), takes(introduction, 2)], [true, false]);
  t.deepEqual([takes(answer, 3), takes(introduction, 4), takes(introduction, 5)], [true, true, false]);
});

test('a presence from before an answer that comes after it is no measure for what comes next', (t) => {
  const filter = new PresenceFilter(0);
  const takes = (message: Incoming, seq: number, atMs: number) =>
    !holds(filter, message.kind, message.from, encodeMessage(message, 1, seq), atMs);
  t.true(takes(introduction, 1, 0));
  t.true(takes(answer, 3, 100));
  t.false(takes(introduction, 2, 200));
  t.true(takes(introduction, 4, 300));
  t.false(takes(introduction, 5, 400));
});

/** How the machines' timer for A goes when its presences come after these gaps, and we are up to `lateMs` late to tell. */
function longestBelievedSilence(gapsMs: readonly number[], lateMs: readonly number[]): number {
  const filter = new PresenceFilter(0);
  let [nowMs, tellAtMs, believedMs, longestMs] = [0, TELL_MS, 0, 0];
  const believe = (atMs: number, heardMs: number) => {
    longestMs = Math.max(longestMs, atMs - believedMs);
    believedMs = heardMs;
  };
  for (const [index, gapMs] of gapsMs.entries()) {
    nowMs += gapMs;
    for (; tellAtMs < nowMs; tellAtMs += TELL_MS) {
      const atMs = Math.min(nowMs, tellAtMs + (lateMs[index % lateMs.length] ?? 0));
      for (const { agoMs } of filter.due(atMs)) believe(atMs, atMs - agoMs);
    }
    if (!holds(filter, 'presence', 'A', presence(index), nowMs)) believe(nowMs, nowMs);
  }
  return longestMs;
}

test('machines never believe a sender silent that was heard within memberTimeout', (t) => {
  const gaps = fc.array(fc.integer({ min: 1, max: DELAYS.memberTimeout - 1 }), { minLength: 1, maxLength: 40 });
  const lateness = fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 9 });
  const property = fc.property(gaps, lateness, (gapsMs, lateMs) => {
    return longestBelievedSilence(gapsMs, lateMs) < DELAYS.memberTimeout;
  });
  t.notThrows(() => fc.assert(property, { seed: 4, numRuns: 2000 }));
});
