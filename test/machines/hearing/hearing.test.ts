/** What wakes the machines, who is unheard, and how far each sender gets. */
import test from 'ava';
import fc from 'fast-check';
import { type Heard, Hearing, type Room } from '../../../machines/hearing/hearing.ts';
import { type Body, encodeMessage, type Kind, MAX_MEMBERS, type Outgoing } from '../../../machines/messages.ts';
import type { BusEvent } from '../../../machines/ports.ts';
import { profileOf } from '../../../machines/signaling/own-messages.ts';
import { beatIntervalMs, DELAYS, memberTimeoutMs } from '../../../machines/timers.ts';
import type { Member } from '../../../machines/view.ts';
import { member, stream, viewOf } from '../members.ts';

const SELF = { id: 'A', epoch: 5, compatible: true };
const ROUTE = { stream: 'camera', relay: null, slices: 0xffff, receivers: ['A'] };

function room(...members: readonly (readonly [id: string, epoch: number, profile: number])[]): Room {
  return {
    members: new Map(
      [['A', SELF.epoch, 1] as const, ...members].map(([id, epoch, profile]) => [id, { epoch, profile }]),
    ),
  };
}
const ALONE = room();

/** What comes, as it is on the wire. */
function arrival<K extends Kind>(kind: K, body: Body<K>, from = 'B', epoch = 1, seq = 1) {
  return { kind, from, text: encodeMessage({ kind, body } as Outgoing, epoch, seq) };
}
const beat = (profile: number, from = 'B', epoch = 1) => arrival('beat', { profile }, from, epoch);
function bodyOf(told: Member, number: number) {
  const { body, kind } = profileOf(viewOf(told), told, number);
  if (kind !== 'profile') throw new Error(kind);
  return body;
}
const profile = (number: number, change: Partial<Member> = {}, from = 'B', epoch = 1) =>
  arrival('profile', bodyOf(member(from, change), number), from, epoch, number);

const passed = ({ events }: Pick<Heard, 'events'>) =>
  events.map((event) => {
    if (event.type === 'bus.message') return `${event.message.kind} of ${event.message.from}`;
    if (event.type === 'bus.profiles')
      return `profiles ${event.profiles.map(({ from, body }) => `${from}${body.number}`)}`;
    return 'peer' in event ? `${event.type} ${event.peer}` : event.type;
  });
const checked = (hearing: Hearing, known: Room, nowMs: number) => passed({ events: hearing.check(known, nowMs) });

test('a beat of a profile that is known wakes nobody; of another, of another start, or of a stranger it does', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 1, 3]);
  t.deepEqual(passed(hearing.take(beat(3), known, 0)), []);
  // Of an earlier one too: what is known may never have been B's.
  for (const number of [2, 4]) t.deepEqual(passed(hearing.take(beat(number), known, 0)), ['beat of B']);
  t.deepEqual(passed(hearing.take(beat(3, 'B', 2), known, 0)), ['beat of B']);
  t.deepEqual(passed(hearing.take(beat(3, 'C'), known, 0)), ['beat of C']);
});

test('a profile that is known already wakes nobody', (t) => {
  const hearing = new Hearing(SELF);
  t.deepEqual(passed(hearing.take(profile(3), room(['B', 1, 3]), 0)), []);
  t.deepEqual(passed(hearing.take(profile(3), room(['B', 1, 2]), 0)), ['profile of B']);
});

test('what does not validate is told as a fault, and wakes nobody', (t) => {
  const hearing = new Hearing(SELF);
  for (const [text, fault] of [
    ['', 'not-json'],
    ['{"epoch":1,"seq":1,"profile":-1}', 'invalid'],
    ['{"epoch":1,"seq":1,"profile":9999999999999999}', 'invalid'],
    ['{"profile":1}', 'invalid'],
  ] as const) {
    t.like(hearing.take({ kind: 'beat', from: 'B', text }, room(['B', 1, 1]), 0), { events: [], fault: { fault } });
  }
});

test('a profile that only says how streams run waits for others, and one of each is passed on, the latest', (t) => {
  const hearing = new Hearing(SELF);
  const first = ['B', 'C'].flatMap((peer) => passed(hearing.take(profile(1, {}, peer), ALONE, 0)));
  t.deepEqual(first, ['profile of B', 'profile of C']);
  const known = room(['B', 1, 1], ['C', 1, 1]);
  const running = { routes: [ROUTE] };
  t.deepEqual(passed(hearing.take(profile(2, running), known, 10)), []);
  // A tenth of a second: far less than others' next review.
  t.is(hearing.dueMs, 110);
  t.deepEqual(passed(hearing.take(profile(2, running, 'C'), known, 20)), []);
  t.deepEqual(passed(hearing.take(profile(3, { promisedBps: 5 }), known, 30)), []);
  t.deepEqual(passed(hearing.take(beat(3), known, 40)), [], 'what it names is on its way');
  t.deepEqual(checked(hearing, known, 10 + DELAYS.profileGathering), ['profiles B3,C2']);
  t.true(hearing.dueMs > 1000);
});

test('what else is new goes at once, and takes the place of what waits', (t) => {
  const hearing = new Hearing(SELF);
  hearing.take(profile(1), ALONE, 0);
  const known = room(['B', 1, 1]);
  hearing.take(profile(2, { routes: [ROUTE] }), known, 10);
  t.deepEqual(passed(hearing.take(profile(3, { lendBps: 1 }), known, 20)), ['profile of B']);
  t.deepEqual(checked(hearing, known, 500), []);
});

test('what its sender says after it does not overtake it', (t) => {
  const hearing = new Hearing(SELF);
  hearing.take(profile(1), ALONE, 0);
  const known = room(['B', 1, 1]);
  hearing.take(profile(2, { routes: [ROUTE] }), known, 10);
  const release = arrival('relay.release', { agreement: 'a', reason: 'client.done', noticeMs: 0 });
  t.deepEqual(passed(hearing.take(release, known, 20)), ['profiles B2', 'relay.release of B']);
});

test('of one that has gone nothing waits', (t) => {
  const hearing = new Hearing(SELF);
  hearing.take(profile(1), ALONE, 0);
  const known = room(['B', 1, 1]);
  hearing.take(profile(2, { routes: [ROUTE] }), known, 10);
  t.deepEqual(passed(hearing.take(arrival('bye', { reason: 'left' }), known, 20)), ['bye of B']);
  t.deepEqual(checked(hearing, known, 500), []);
  hearing.take(profile(3, { routes: [ROUTE] }), known, 600);
  hearing.take(profile(4, { routes: [] }), known, 610);
  t.deepEqual(checked(hearing, ALONE, 900), []);
});

test('a member from which nothing came for 3.5 beats is unheard, once, and the next word of it passes', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 1, 1]);
  hearing.take(beat(1), known, 1000);
  const deadline = 1000 + 3.5 * DELAYS.beatInterval;
  for (const at of [deadline - 1, deadline, deadline + 500, deadline + 5000]) {
    t.deepEqual(checked(hearing, known, at), at === deadline ? ['member.unheard B'] : []);
  }
  t.deepEqual(passed(hearing.take(beat(1), known, 10_000)), ['beat of B']);
  t.deepEqual(passed(hearing.take(beat(1), known, 10_500)), []);
  t.deepEqual(checked(hearing, known, 10_500 + 3.5 * DELAYS.beatInterval), ['member.unheard B']);
});

test('in a large room members may be silent for longer, also when it has just grown or shrunk', (t) => {
  const crowd = room(...Array.from({ length: 99 }, (_, index) => [`P${index}`, 1, 1] as const));
  const few = room(['P0', 1, 1]);
  t.is(beatIntervalMs(100), 4000);
  for (const [before, after] of [
    [crowd, crowd],
    [few, crowd],
    [crowd, few],
  ] as const) {
    const hearing = new Hearing(SELF);
    hearing.take(beat(1, 'P0'), before, 0);
    const of = (nowMs: number) => checked(hearing, after, nowMs).includes('member.unheard P0');
    t.false(of(3500));
    t.false(of(13_999));
    t.true(of(14_000));
  }
});

test('a member is judged in time, however seldom anybody looks: dueMs says when', (t) => {
  const gaps = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 30 });
  const property = fc.property(gaps, fc.integer({ min: 1, max: 60 }), (gapsMs, size) => {
    const known = room(...Array.from({ length: size }, (_, index) => [`P${index}`, 1, 1] as const));
    const timeoutMs = memberTimeoutMs(size + 1);
    const hearing = new Hearing(SELF);
    let [nowMs, unheardMs] = [0, -1];
    hearing.take(beat(1, 'P0'), known, 0);
    for (const gapMs of gapsMs) {
      const heardMs = nowMs;
      nowMs += gapMs;
      unheardMs = -1;
      while (hearing.dueMs < nowMs) {
        const atMs = hearing.dueMs;
        if (checked(hearing, known, atMs).includes('member.unheard P0')) unheardMs = atMs;
      }
      if (unheardMs !== (gapMs > timeoutMs ? heardMs + timeoutMs : -1)) return false;
      hearing.take(beat(1, 'P0'), known, nowMs);
    }
    return true;
  });
  t.notThrows(() => fc.assert(property, { seed: 5, numRuns: 300 }));
});

test('while the bus is away nobody is unheard, and after that everybody gets as much time again', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 1, 1]);
  hearing.take(beat(1), known, 0);
  hearing.disconnected();
  t.is(hearing.dueMs, Number.POSITIVE_INFINITY);
  t.deepEqual(checked(hearing, known, 60_000), []);
  hearing.connected(known, 60_000);
  t.deepEqual(checked(hearing, known, 63_499), []);
  t.deepEqual(checked(hearing, known, 63_500), ['member.unheard B']);
});

test('also of whom the last message is read only when the bus is away', (t) => {
  const hearing = new Hearing(SELF);
  hearing.disconnected();
  hearing.take(beat(1), room(['B', 1, 1]), 1000);
  t.is(hearing.dueMs, Number.POSITIVE_INFINITY);
});

test('one that has stood still itself accuses nobody', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 1, 1]);
  hearing.take(beat(1), known, 0);
  t.deepEqual(checked(hearing, known, 20_000), []);
  t.deepEqual(checked(hearing, known, 23_500), ['member.unheard B']);
});

test('one that started after us under our id replaces us', (t) => {
  const hearing = new Hearing(SELF);
  t.deepEqual(hearing.take(beat(1, 'A', 6), ALONE, 0), { events: [{ type: 'bus.replaced' }] });
  t.deepEqual(hearing.take(beat(1, 'A', 5), ALONE, 0), { events: [] });
  const invalid = hearing.take({ kind: 'beat', from: 'A', text: '{"epoch":6,"seq":1}' }, ALONE, 0);
  t.deepEqual([invalid.events, invalid.fault?.fault], [[], 'invalid']);
});

test('one that started before us hears of us, once a second at most, as soon as we have told who we are', (t) => {
  const hearing = new Hearing(SELF);
  const reminders = (nowMs: number) => hearing.take(beat(1, 'A', 4), ALONE, nowMs).publish;
  t.is(reminders(0), undefined);
  hearing.said({ kind: 'profile', body: bodyOf(member('A'), 7) });
  const reminder: Outgoing = { kind: 'beat', body: { profile: 7 } };
  t.deepEqual([0, 500, 1000, 1999, 2000].map(reminders), [reminder, undefined, reminder, undefined, reminder]);
  const plain = new Hearing({ ...SELF, compatible: false });
  plain.said(reminder);
  t.is(plain.take(arrival('bye', { reason: 'left' }, 'A', 4), ALONE, 0).publish, undefined);
});

test('while another process of its id speaks, a member is awaited: the next word of the known one passes', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 5, 1]);
  t.deepEqual(passed(hearing.take(beat(1, 'B', 4), known, 0)), ['beat of B']);
  t.deepEqual(passed(hearing.take(beat(1, 'B', 5), known, 10)), ['beat of B']);
  t.deepEqual(passed(hearing.take(beat(1, 'B', 5), known, 20)), []);
});

test('what a process asks that is not known yet does not use up what tells who it is', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 5, 1]);
  for (let ms = 0; ms < 500; ms += 50)
    hearing.take(arrival('media.missing', { stream: 's', slices: 1 }, 'B', 6), known, ms);
  t.deepEqual(passed(hearing.take(beat(1, 'B', 6), known, 500)), ['beat of B']);
});

test('what comes of an earlier process of a member is no sign of life of the known one', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 5, 1]);
  hearing.take(beat(1, 'B', 5), known, 0);
  for (let ms = 0; ms < 3500; ms += 500) hearing.take(beat(1, 'B', 4), known, ms);
  t.deepEqual(checked(hearing, known, 3500), ['member.unheard B']);
});

const SECONDS = 60;
/** How many of what this sender says every 10 ms for a minute passes, by its fate. */
function flooded(next: (index: number) => { readonly arrival: Parameters<Hearing['take']>[0]; readonly known: Room }) {
  const hearing = new Hearing(SELF);
  const events: BusEvent[] = [];
  let floods = 0;
  for (let index = 0; index < SECONDS * 100; index++) {
    const nowMs = index * 10;
    const { arrival, known } = next(index);
    if (hearing.dueMs <= nowMs) events.push(...hearing.check(known, nowMs));
    const heard = hearing.take(arrival, known, nowMs);
    events.push(...heard.events);
    if (heard.fault?.fault === 'flood') floods += 1;
  }
  return { events, floods };
}

test('one that sends without end gets a burst of 100 messages and 30 a second', (t) => {
  const { events, floods } = flooded(() => ({
    arrival: arrival('media.missing', { stream: 's', slices: 1 }),
    known: room(['B', 1, 1]),
  }));
  t.true(Math.abs(events.length - (100 + 30 * SECONDS)) < 5, `${events.length}`);
  t.is(floods, SECONDS * 100 - events.length);
});

test('one that sends without end keeps nobody else from being heard', (t) => {
  const hearing = new Hearing(SELF);
  for (let index = 0; index < 1000; index++) hearing.take(beat(index), ALONE, 0);
  t.deepEqual(passed(hearing.take(profile(1, {}, 'C'), ALONE, 0)), ['profile of C']);
});

test('one that tells a new profile every 10 ms wakes the machines 4 times a second, with the latest', (t) => {
  let told = 0;
  const { events } = flooded((index) => {
    const known = room(['B', 1, told]);
    told = index + 1;
    return { arrival: profile(told, { lendBps: index }), known };
  });
  t.true(events.length <= 8 + 4 * SECONDS + 1, `${events.length}`);
  t.true(events.length > 3 * SECONDS);
  const numbers = events.flatMap((event) => {
    if (event.type === 'bus.profiles') return event.profiles.map(({ body }) => body.number);
    return event.type === 'bus.message' && event.message.kind === 'profile' ? [event.message.body.number] : [];
  });
  t.true(Math.max(...numbers) > (SECONDS - 1) * 100);
  t.deepEqual(
    numbers,
    [...numbers].sort((a, b) => a - b),
  );
});

test('large profiles without end are no more text than one may send', (t) => {
  let characters = 0;
  const { floods } = flooded((index) => {
    const large = profile(index + 1, {
      streams: Array.from({ length: 8 }, (_, at) => ({
        ...stream('B'),
        name: `s${at}`,
        ssrc: at,
        fmtp: 'x'.repeat(1024),
      })),
    });
    characters = large.text.length;
    return { arrival: large, known: room(['B', 1, 1]) };
  });
  t.true((SECONDS * 100 - floods) * characters < 1_000_000 + 250_000 * SECONDS + characters);
});

test('one that starts again and again is a new member once a second', (t) => {
  let epoch = 1;
  const { events } = flooded(() => {
    const known = room(['B', epoch, 1]);
    epoch += 1;
    return { arrival: profile(1, {}, 'B', epoch), known };
  });
  t.true(events.length <= 4 + SECONDS, `${events.length}`);
});

test('ever new ids make no more than 20 newcomers a second, and what is kept of them does not grow', (t) => {
  const { events } = flooded((index) => ({ arrival: profile(1, {}, `N${index}`), known: ALONE }));
  t.true(events.length <= MAX_MEMBERS + 20 * SECONDS, `${events.length}`);
});

test('what is kept is bounded by the members and as many strangers, and no member is forgotten for a stranger', (t) => {
  const members = Array.from({ length: MAX_MEMBERS - 1 }, (_, index) => [`P${index}`, 1, 1] as const);
  const known = room(...members);
  const hearing = new Hearing(SELF);
  for (const [peer] of members) hearing.take(beat(1, peer), known, 0);
  for (let index = 0; index < 3 * MAX_MEMBERS; index++) hearing.take(beat(1, `N${index}`), known, index * 50);
  t.true(hearing.senders <= 2 * MAX_MEMBERS, `${hearing.senders}`);
  t.deepEqual(checked(hearing, known, memberTimeoutMs(MAX_MEMBERS)).length, members.length);
});

test('so much as people can read gets through of what one writes, and all else that it says still does', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 1, 3], ['C', 1, 3]);
  const write = (from: string, nowMs: number) => hearing.take(arrival('chat', { text: 'x' }, from), known, nowMs);
  const through = Array.from({ length: 40 }, (_, index) => write('B', 10 * index)).filter(
    ({ events }) => events.length > 0,
  );
  t.is(through.length, 10);
  t.like(write('B', 400), { events: [], fault: { fault: 'flood', detail: 'too many chat messages' } });
  t.deepEqual(passed(write('C', 400)), ['bus.chat']);
  t.deepEqual(passed(hearing.take(beat(4), known, 400)), ['beat of B']);
  t.deepEqual(passed(write('B', 2000)), ['bus.chat']);
});

test('what a stranger writes, or another process of a member, wakes nobody', (t) => {
  const hearing = new Hearing(SELF);
  const known = room(['B', 7, 3]);
  t.deepEqual(hearing.take(arrival('chat', { text: 'x' }, 'X'), known, 0), { events: [] });
  for (const epoch of [6, 8])
    t.deepEqual(hearing.take(arrival('chat', { text: 'x' }, 'B', epoch), known, 0), { events: [] });
  const { events } = hearing.take({ ...arrival('chat', { text: 'x' }, 'B', 7), alone: true }, known, 0);
  t.like(events, [{ type: 'bus.chat', alone: true, message: { body: { text: 'x' } } }]);
});
