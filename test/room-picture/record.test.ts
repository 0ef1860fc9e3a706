import test from 'ava';
import type { Heard } from '../../actors/room-picture/heard.ts';
import { type News, RoomRecord } from '../../actors/room-picture/record.ts';
import type { Body, Kind } from '../../machines/messages.ts';
import { packRoutes } from '../../machines/signaling/routes-on-wire.ts';
import { busMessage } from '../scenarios/telling/messages.ts';

const STREAMS = busMessage('A', 'all', 'invite').message.body as Body<'invite'>;

/** A room that is heard by hand, with a clock that is moved by hand. */
class Hall {
  readonly record = new RoomRecord();
  nowMs = 1000;

  say<K extends Kind>(from: string, to: string, kind: K, changes: Partial<Body<K>> = {}, epoch = 1): News {
    const { message } = busMessage(from, to, kind, changes);
    return this.record.hear({
      type: 'message',
      atMs: this.nowMs,
      to,
      message: { ...message, epoch } as typeof message,
    });
  }

  /** Profiles of all of them, with the routes of the first. */
  enter(...ids: readonly string[]): News[] {
    return ids.map((id) => this.say(id, 'all', 'profile', { ...packRoutes([], []), receivers: [], routes: [] }));
  }

  sends(from: string, relay: string | null, ...receivers: string[]): News {
    const routes = [{ stream: 'camera', relay, slices: 0xffff, receivers }];
    return this.say(from, 'all', 'profile', packRoutes(STREAMS.streams, routes));
  }

  get ids(): string[] {
    return this.record.picture().peers.map(({ id }) => id);
  }
}

const whatOf = (news: News) => news.events.map(({ atMs: _, ...event }) => event);

test('who says what it has is there, and who says bye has gone', (t) => {
  const hall = new Hall();
  t.deepEqual(hall.enter('A', 'B').flatMap(whatOf), [
    { what: 'joined', peer: 'A' },
    { what: 'joined', peer: 'B' },
  ]);
  t.deepEqual(hall.ids, ['A', 'B']);
  t.deepEqual(whatOf(hall.say('A', 'all', 'bye')), [{ what: 'left', peer: 'A', why: 'bye' }]);
  t.deepEqual(hall.ids, ['B']);
});

test('an invite is enough to be seen, and of a profile that is missing it is told whose', (t) => {
  const hall = new Hall();
  t.deepEqual(whatOf(hall.say('A', 'all', 'invite')), [{ what: 'joined', peer: 'A' }]);
  t.is(hall.say('A', 'all', 'beat', { profile: 3 }).lacking, 'A');
  hall.enter('A');
  t.is(hall.say('A', 'all', 'beat', { profile: 3 }).lacking, undefined);
  t.is(hall.say('Z', 'all', 'beat', { profile: 1 }).lacking, 'Z');
  t.deepEqual(hall.ids, ['A']);
});

test('who is silent for longer than a member may is lost; not while the watcher hears nothing', (t) => {
  const hall = new Hall();
  hall.enter('A', 'B');
  hall.nowMs += 3000;
  hall.say('B', 'all', 'beat', { profile: 3 });
  t.deepEqual(whatOf(hall.record.judge(hall.nowMs + 1000)), [{ what: 'left', peer: 'A', why: 'silent' }]);
  hall.record.hear({ type: 'bus', atMs: hall.nowMs, connected: false });
  t.deepEqual(whatOf(hall.record.judge(hall.nowMs + 60_000)), []);
  hall.record.hear({ type: 'bus', atMs: hall.nowMs + 60_000, connected: true });
  t.deepEqual(whatOf(hall.record.judge(hall.nowMs + 63_000)), []);
  t.deepEqual(whatOf(hall.record.judge(hall.nowMs + 64_000)), [{ what: 'left', peer: 'B', why: 'silent' }]);
});

test('a later start under an id is another member; what an earlier one says still is not heard', (t) => {
  const hall = new Hall();
  hall.enter('A');
  const news = hall.say('A', 'all', 'profile', {}, 2);
  t.deepEqual(whatOf(news), [
    { what: 'left', peer: 'A', why: 'restarted' },
    { what: 'joined', peer: 'A' },
  ]);
  t.deepEqual(whatOf(hall.say('A', 'all', 'bye', {}, 1)), []);
  t.deepEqual(hall.ids, ['A']);
});

test('an agreement is told when it is made or changed, and its end once, by whoever ends it', (t) => {
  const hall = new Hall();
  hall.enter('C', 'R');
  const carries = 'camera to B, E, D (4/16)';
  t.deepEqual(whatOf(hall.say('R', 'C', 'relay.offer')), [{ what: 'agreed', client: 'C', relay: 'R', carries }]);
  t.deepEqual(whatOf(hall.say('R', 'C', 'relay.offer')), []);
  t.deepEqual(whatOf(hall.say('R', 'C', 'relay.offer', { streams: [] })), [
    { what: 'agreed', client: 'C', relay: 'R', carries: 'nothing' },
  ]);
  const ended = { what: 'ended', client: 'C', relay: 'R', by: 'C', reason: 'relay.silent' };
  t.deepEqual(whatOf(hall.say('C', 'R', 'relay.release', { reason: 'relay.silent' })), [ended]);
  t.deepEqual(whatOf(hall.say('R', 'C', 'relay.release', { reason: 'client.done' })), []);
  t.deepEqual(whatOf(hall.say('R', 'C', 'relay.reject')), [
    { what: 'refused', client: 'C', relay: 'R', code: 'capacity.exhausted' },
  ]);
});

test('a stream that takes another way is a switch, receivers that move alike together', (t) => {
  const hall = new Hall();
  hall.enter('B', 'C', 'D', 'R');
  t.deepEqual(whatOf(hall.sends('A', null, 'B', 'C')), [{ what: 'joined', peer: 'A' }]);
  t.deepEqual(whatOf(hall.sends('A', 'R', 'B', 'C', 'D')), [
    { what: 'switched', source: 'A', stream: 'camera', before: [null], after: ['R'], receivers: ['B', 'C'] },
  ]);
  t.deepEqual(whatOf(hall.sends('A', 'R', 'B', 'C')), []);
});

test('what a receiver misses is told once while it lasts', (t) => {
  const hall = new Hall();
  hall.enter('A', 'B');
  const missing = { what: 'missing', source: 'A', stream: 'camera', receiver: 'B' };
  t.deepEqual(whatOf(hall.say('B', 'A', 'media.missing')), [missing]);
  hall.nowMs += 1000;
  t.deepEqual(whatOf(hall.say('B', 'A', 'media.missing')), []);
  hall.nowMs += 4000;
  t.deepEqual(whatOf(hall.say('B', 'A', 'media.missing')), [missing]);
});

test('who finds no way to others says so once', (t) => {
  const hall = new Hall();
  hall.enter('A', 'B');
  t.deepEqual(whatOf(hall.say('A', 'all', 'profile', { cut: ['B'] })), [{ what: 'cut', peer: 'A', others: ['B'] }]);
  t.deepEqual(whatOf(hall.say('A', 'all', 'profile', { cut: ['B'] })), []);
});

test('each message is a line, but for beats; of an agreement without its id', (t) => {
  const hall = new Hall();
  t.deepEqual(hall.say('C', 'R', 'relay.reject').line, {
    ...{ atMs: 1000, from: 'C', to: 'R', kind: 'relay.reject' },
    text: 'relay.reject r1 (capacity.exhausted)',
  });
  t.is(hall.say('C', 'all', 'beat').line, undefined);
});

test('a stranger makes no events, and one that floods is not heard on', (t) => {
  const hall = new Hall();
  hall.enter('A');
  t.deepEqual(whatOf(hall.say('Z', 'A', 'relay.offer')), []);
  t.deepEqual(whatOf(hall.say('Z', 'A', 'media.missing')), []);
  const heard = Array.from({ length: 5000 }, () => hall.say('Z', 'all', 'bye')).filter(
    ({ line }) => line !== undefined,
  );
  t.true(heard.length < 2100, `${heard.length}`);
  t.not(hall.say('A', 'all', 'invite').line, undefined);
});

test('a full room takes nobody in', (t) => {
  const hall = new Hall();
  for (let place = 0; place < 300; place += 1) hall.say(`P${place}`, 'all', 'invite');
  t.is(hall.ids.length, 256);
});

test('what is kept of a moment does not change with the next', (t) => {
  const hall = new Hall();
  hall.enter('A');
  const kept = hall.record.clone();
  hall.enter('B');
  hall.record.hear(transition('A', 'peer', [], ['joined']));
  t.deepEqual(
    kept.picture().peers.map(({ id }) => id),
    ['A'],
  );
  t.is(kept.machines.size, 0);
});

function transition(
  from: string,
  machine: string,
  left: string[],
  entered: string[],
  event = 'push',
  ended?: true,
): Heard {
  const told = { atMs: 5, machine, chart: machine, event, from: left, to: entered, ...(ended && { ended }) };
  return { type: 'transition', atMs: 7, from, transition: told };
}

test('a machine is in the states that it entered and has not left, and forgotten when it ends', (t) => {
  const { record } = new Hall();
  const statesOf = () => record.machines.get('A')?.get('m')?.states;
  record.hear(transition('A', 'm', [], ['x.1', 'y.1'], 'start'));
  record.hear(transition('A', 'm', ['x.1'], ['x.2']));
  t.deepEqual(statesOf(), ['y.1', 'x.2']);
  t.like(record.machines.get('A')?.get('m')?.latest.at(-1), { atMs: 7, event: 'push', from: ['x.1'], to: ['x.2'] });
  record.hear(transition('A', 'm', [], ['x.3', 'y.1'], 'start'));
  t.deepEqual(statesOf(), ['x.3', 'y.1']);
  record.hear(transition('A', 'm', ['x.3'], ['x.4'], 'push', true));
  t.is(statesOf(), undefined);
});

test('of machines without end the last ones are kept, and of one the last transitions', (t) => {
  const { record } = new Hall();
  for (let place = 0; place < 1500; place += 1) record.hear(transition('A', `m${place}`, [], ['x'], 'start'));
  t.is(record.machines.get('A')?.size, 1024);
  for (let place = 0; place < 50; place += 1) record.hear(transition('A', 'm1499', [], [`s${place}`]));
  const kept = record.machines.get('A')?.get('m1499');
  t.is(kept?.latest.length, 12);
  t.true((kept?.states.length ?? 0) <= 32);
});
