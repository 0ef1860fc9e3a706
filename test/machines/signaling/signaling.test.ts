/** What the signaling machine tells, to whom and when; and who is in its room. */
import test from 'ava';
import { type AnyEventObject, initialTransition, transition } from 'xstate';
import { type Body, type Incoming, type Kind, MAX_MEMBERS, MAX_ROUTES } from '../../../machines/messages.ts';
import { beatIntervalMs, DELAYS } from '../../../machines/timers.ts';
import { alone, type Harness } from '../harness.ts';
import { capabilities, member, profile, stream } from '../members.ts';
import { SIGNALING } from '../terrains.ts';

function message<K extends Kind>(kind: K, body: Body<K>, from = 'B', epoch = 1, seq = 1): Incoming {
  return { kind, from, epoch, seq, body } as Incoming;
}
const profileFrom = (from: string, number = 1, epoch = 1, change = {}) =>
  message('profile', profile(member(from, change), number), from, epoch, number);
const beatFrom = (from: string, number: number, epoch = 1) => message('beat', { profile: number }, from, epoch, 1);
const askFrom = (from: string, epoch = 1) => message('profile.ask', {}, from, epoch);

/** A peer A that has joined a room of these. */
function joined(others: readonly string[] = [], change: Partial<ReturnType<typeof member>> = {}) {
  const harness = alone({ ...SIGNALING, input: { ...SIGNALING.input, profile: member('A', { epoch: 5, ...change }) } });
  harness.send({ type: 'claim.free' });
  for (const peer of others) take(harness, profileFrom(peer));
  harness.published.splice(0);
  harness.told.splice(0);
  return harness;
}

function take({ send }: Harness, ...messages: readonly Incoming[]) {
  for (const message of messages) send({ type: 'message', message });
}

const pass = ({ clock }: Harness, ms: number) => clock.runUntil(clock.now() + ms);
/** `kind>to` of what was published since the last look. */
const said = ({ published }: Harness) => published.splice(0).map(({ to, message }) => `${message.kind}>${to}`);
const types = ({ told }: Harness) => told.splice(0).map(({ type }) => type);
const membersOf = ({ told }: Harness) =>
  [...(told.findLast(({ view }) => view !== undefined)?.view.members.keys() ?? [])].sort();

test('an id that nobody defends is free after claimTimeout, and then everybody is invited and told', (t) => {
  const harness = alone(SIGNALING);
  pass(harness, DELAYS.claimTimeout - 1);
  t.deepEqual(said(harness), []);
  pass(harness, 1);
  t.deepEqual(said(harness), ['invite>all', 'profile>all']);
  t.deepEqual(types(harness), ['signaling.joined', 'view.changed']);
});

test('one whose id is taken is refused for that', (t) => {
  const harness = alone(SIGNALING);
  harness.send({ type: 'claim.taken' });
  t.deepEqual(harness.told, [{ type: 'signaling.refused', reason: 'taken' }]);
});

test('at rest nothing is told but beats, which name the profile, the more seldom the larger the room', (t) => {
  for (const others of [3, 99]) {
    const harness = joined(Array.from({ length: others }, (_, index) => `P${index}`));
    pass(harness, 5 * DELAYS.beatInterval);
    harness.published.splice(0);
    const interval = beatIntervalMs(1 + others);
    pass(harness, 10 * interval);
    t.deepEqual(
      harness.published.map(({ to, message }) => [to, message]),
      Array(10).fill(['all', { kind: 'beat', body: { profile: 1 } }]),
    );
  }
  t.deepEqual([beatIntervalMs(4), beatIntervalMs(100), beatIntervalMs(250)], [1000, 4000, 10_000]);
});

test('a newcomer that invites gets our profile, alone and at once', (t) => {
  const harness = joined();
  take(harness, message('invite', { ...capabilities('B'), known: [] }), profileFrom('B'));
  t.deepEqual(said(harness), ['profile>B']);
  t.deepEqual(membersOf(harness), ['A', 'B']);
  pass(harness, 8 * DELAYS.inviteRetry);
  t.false(said(harness).some((what) => what.startsWith('profile')));
});

test('whose profile does not come after its invite is asked for it', (t) => {
  const harness = joined();
  take(harness, message('invite', { ...capabilities('B'), known: [] }));
  pass(harness, DELAYS.inviteRetry - 1);
  t.deepEqual(said(harness), ['profile>B']);
  pass(harness, 1);
  t.deepEqual(said(harness), ['profile.ask>B']);
});

test('who beats with another profile than the one we have is asked for it, ever less often, until it comes', (t) => {
  const harness = joined(['B']);
  const asks = () => said(harness).filter((what) => what === 'profile.ask>B').length;
  take(harness, beatFrom('B', 2));
  const at: number[] = [];
  for (let units = 0; units <= 20; units++) {
    for (let count = asks(); count > 0; count--) at.push(units);
    pass(harness, DELAYS.inviteRetry);
  }
  t.deepEqual(at, [0, 1, 3, 7]);
  take(harness, beatFrom('B', 2));
  t.is(asks(), 1);
  take(harness, profileFrom('B', 2, 1, { lendBps: 7 }));
  pass(harness, 60 * DELAYS.inviteRetry);
  t.is(asks(), 0);
  t.like(harness.told.findLast(({ view }) => view)?.view.members.get('B'), { profile: 2, lendBps: 7 });
});

test('a stranger that beats and never describes itself is forgotten, and asked again when it beats again', (t) => {
  const harness = joined();
  take(harness, beatFrom('B', 1));
  pass(harness, 16 * DELAYS.inviteRetry);
  said(harness);
  take(harness, beatFrom('B', 1));
  t.deepEqual(said(harness), ['profile.ask>B']);
  t.deepEqual(types(harness), []);
});

test('who asks or answers and is unknown is asked in turn', (t) => {
  const harness = joined();
  take(harness, askFrom('B'));
  t.deepEqual(said(harness).sort(), ['profile.ask>B', 'profile>B']);
  take(harness, message('answer', capabilities('C'), 'C'));
  t.deepEqual(said(harness), ['profile.ask>C']);
});

test('a few that ask at once are answered alone, many with one profile to all', (t) => {
  const others = Array.from({ length: 40 }, (_, index) => `P${index}`);
  const harness = joined(others);
  take(harness, ...others.map((peer) => askFrom(peer)));
  t.deepEqual(said(harness), ['profile>P0', 'profile>P1', 'profile>P2', 'profile>P3']);
  pass(harness, DELAYS.answerWindow);
  t.deepEqual(said(harness), ['profile>all']);
  pass(harness, DELAYS.answerWindow);
  t.deepEqual(said(harness), []);
});

test('one that asks without end gets no more than one profile in answerWindow', (t) => {
  const harness = joined(['B']);
  for (let ms = 0; ms < 10 * DELAYS.answerWindow; ms += 10) {
    take(harness, askFrom('B'));
    pass(harness, 10);
  }
  t.true(said(harness).filter((what) => what.startsWith('profile>')).length <= 11);
});

test('what others must know at once is told after profileSoon, how streams run after profileLater, together', (t) => {
  const harness = joined(['B']);
  const numbers = () =>
    harness.published.splice(0).flatMap(({ message }) => (message.kind === 'profile' ? [message.body.number] : []));
  const announce = (promisedBps: number) => harness.send({ type: 'announce', routes: [], agreements: [], promisedBps });
  announce(1);
  pass(harness, DELAYS.profileLater - 1);
  announce(2);
  t.deepEqual(numbers(), []);
  pass(harness, 1);
  t.deepEqual(numbers(), [2]);
  announce(3);
  for (const lendBps of [1, 2, 3]) harness.send({ type: 'profile.changed', change: { lendBps } });
  pass(harness, DELAYS.profileSoon);
  t.deepEqual(numbers(), [3]);
  announce(3);
  harness.send({ type: 'profile.changed', change: { lendBps: 3 } });
  pass(harness, DELAYS.profileLater);
  t.deepEqual(numbers(), []);
});

test('that we leave is told at once', (t) => {
  const harness = joined(['B']);
  harness.send({ type: 'leaving' });
  t.like(harness.published, { length: 1, 0: { to: 'all', message: { body: { leaving: true, number: 2 } } } });
});

test('wants, streams and uploads, routes and agreements are in the profile', (t) => {
  const harness = joined(['B', 'C']);
  const routes = [{ stream: 'camera', relay: 'B', slices: 0xffff, receivers: ['C'] }];
  const agreements = [{ relay: 'B', agreement: 'A.5.1', revision: 2 }];
  const wants = [{ source: 'B', stream: 'camera' }];
  harness.send({ type: 'announce', routes, agreements, promisedBps: 7 });
  harness.send({ type: 'profile.changed', change: { wants, downloadBps: 5e6, uploadBps: 3e6 } });
  pass(harness, DELAYS.profileSoon);
  t.like(harness.published[0]?.message.body, {
    ...{ wants, downloadBps: 5e6, uploadBps: 3e6, agreements, promisedBps: 7, receivers: ['C'] },
    routes: [{ stream: 0, relay: 'B', slices: 0xffff, to: '1' }],
  });
});

test('routes that do not fit are left out, and that is noted once', (t) => {
  const harness = joined(['B']);
  const routes = Array.from({ length: MAX_ROUTES + 1 }, (_, index) => {
    return { stream: 'camera', relay: `R${index}`, slices: 1, receivers: ['B'] };
  });
  const tell = (announced: typeof routes, promisedBps: number) => {
    harness.send({ type: 'announce', routes: announced, agreements: [], promisedBps });
    pass(harness, DELAYS.profileLater);
    return harness.published
      .splice(0)
      .flatMap(({ message }) => (message.kind === 'profile' ? [message.body.routes.length] : []));
  };
  t.deepEqual(tell(routes, 1), [0]);
  t.deepEqual(tell(routes, 2), [0]);
  t.deepEqual(
    harness.notes.filter(({ type }) => type === 'profile.oversized'),
    [{ type: 'profile.oversized', routes: MAX_ROUTES + 1 }],
  );
  t.deepEqual(tell(routes.slice(1), 3), [MAX_ROUTES]);
});

test('profiles that come together are one piece of news', (t) => {
  const routes = [{ stream: 'camera', relay: null, slices: 0xffff, receivers: ['A'] }];
  const profiles = [profileFrom('B', 2, 1, { routes }), profileFrom('C', 2, 1, { routes }), profileFrom('B', 3)];
  const [together, single] = [joined(['B', 'C']), joined(['B', 'C'])];
  together.send({ type: 'profiles', profiles });
  take(single, ...profiles);
  const lastView = ({ told }: Harness) => told.findLast(({ view }) => view !== undefined)?.view;
  t.deepEqual(lastView(together), lastView(single));
  t.deepEqual(lastView(together).members.get('C').routes, routes);
  t.deepEqual(types(together), ['members.rerouted']);
});

test('a member unheard is gone, unless its media comes; then it is gone when that stops', (t) => {
  const harness = joined(['B', 'C']);
  harness.send({ type: 'media.alive', peer: 'C' });
  for (const peer of ['B', 'C']) harness.send({ type: 'member.unheard', peer });
  t.deepEqual(membersOf(harness), ['A', 'C']);
  harness.send({ type: 'media.silent', peer: 'C' });
  t.deepEqual(membersOf(harness), ['A']);
});

test('a member that is heard again stays when its media stops', (t) => {
  const harness = joined(['B']);
  harness.send({ type: 'media.alive', peer: 'B' });
  harness.send({ type: 'member.unheard', peer: 'B' });
  take(harness, beatFrom('B', 1));
  harness.send({ type: 'media.silent', peer: 'B' });
  t.deepEqual(types(harness), []);
});

test('while the bus is away nobody is gone for being unheard', (t) => {
  const harness = joined(['B']);
  harness.send({ type: 'bus.disconnected' });
  harness.send({ type: 'member.unheard', peer: 'B' });
  t.deepEqual(types(harness), []);
});

test('who comes back to the bus says one beat after returnPause, and greets nobody', (t) => {
  const harness = joined(['B']);
  harness.send({ type: 'bus.disconnected' });
  harness.send({ type: 'bus.connected' });
  pass(harness, DELAYS.returnPause - 1);
  t.deepEqual(said(harness), []);
  pass(harness, 1);
  t.deepEqual(said(harness), ['beat>all']);
});

test('a profile that was told while the bus was away is told again on return, under its number', (t) => {
  const harness = joined(['B']);
  harness.send({ type: 'bus.disconnected' });
  harness.send({ type: 'profile.changed', change: { lendBps: 3 } });
  pass(harness, DELAYS.profileSoon);
  harness.published.splice(0);
  harness.send({ type: 'bus.connected' });
  pass(harness, DELAYS.returnPause);
  t.like(harness.published[0], { to: 'all', message: { kind: 'profile', body: { number: 2, lendBps: 3 } } });
  harness.send({ type: 'bus.connected' });
  said(harness);
  pass(harness, DELAYS.returnPause);
  t.deepEqual(said(harness), ['beat>all']);
});

test('a peer whose id started again elsewhere ends without a word', (t) => {
  const harness = joined(['B']);
  harness.send({ type: 'bus.replaced' });
  pass(harness, 10 * DELAYS.beatInterval);
  t.is(harness.state(), 'replaced');
  t.deepEqual(said(harness), []);
});

test('one whose clock was set back is met anew within 4 s, though its media never stopped', (t) => {
  const harness = joined(['B', 'C']);
  harness.send({ type: 'media.alive', peer: 'B' });
  const restarted = { ...profile(member('B'), 1), software: 'anew' };
  take(harness, profileFrom('B', 9, 8));
  harness.told.splice(0);
  const speak = () => {
    for (const what of said(harness))
      if (what === 'profile.ask>B') take(harness, message('profile', restarted, 'B', 7));
  };
  take(harness, message('profile', restarted, 'B', 7));
  for (let ms = 0; ms < 4000; ms += 100) {
    pass(harness, 100);
    speak();
  }
  t.like(harness.told.findLast(({ view }) => view)?.view.members.get('B'), { epoch: 7, software: 'anew' });
  t.deepEqual(types(harness), ['view.changed', 'view.changed']);
});

test('a plain RTP endpoint whose clock was set back is invited, not asked, and met by its answer', (t) => {
  const harness = joined();
  const plain = capabilities('D', { compatible: false });
  take(harness, message('answer', plain, 'D', 8));
  harness.told.splice(0);
  const speak = () => {
    for (const what of said(harness)) if (what === 'invite>D') take(harness, message('answer', plain, 'D', 7, 2));
  };
  take(harness, message('invite', { ...plain, known: [] }, 'D', 7, 1));
  for (let ms = 0; ms < 4000; ms += 100) {
    speak();
    pass(harness, 100);
  }
  t.is(harness.told.findLast(({ view }) => view)?.view.members.get('D')?.epoch, 7);
});

test('an older process that wakes up changes nothing as long as the younger one speaks', (t) => {
  const harness = joined(['C']);
  take(harness, profileFrom('B', 1, 8));
  harness.told.splice(0);
  for (let ms = 0; ms < 20_000; ms += 500) {
    take(harness, beatFrom('B', 9, 7), profileFrom('B', 9, 7));
    take(harness, beatFrom('B', 1, 8));
    pass(harness, 500);
  }
  t.deepEqual(types(harness), []);
});

test('nothing is kept of strangers that are gone: there may be ever new ones, each in doubt', (t) => {
  let [state] = initialTransition(SIGNALING.machine, SIGNALING.input);
  const take = (event: AnyEventObject) => {
    [state] = transition(SIGNALING.machine, state, event);
  };
  take({ type: 'claim.free' });
  take({ type: 'message', message: beatFrom('B', 1, 2) });
  take({ type: 'message', message: beatFrom('B', 1, 1) });
  t.deepEqual([...state.context.contested], ['B']);
  take({ type: 'message', message: message('bye', { reason: 'left' }, 'B', 2, 9) });
  t.deepEqual([...state.context.contested], []);
  t.is(state.context.strangers.size, 0);
});

test('after a bye, who speaks under an earlier start is asked as soon as the bye is forgotten', (t) => {
  const harness = joined(['B']);
  take(harness, message('bye', { reason: 'left' }, 'B', 1, 9), beatFrom('B', 1, 0));
  pass(harness, DELAYS.byeMemory - 1);
  t.false(said(harness).includes('profile.ask>B'));
  pass(harness, 1);
  t.true(said(harness).includes('profile.ask>B'));
});

test('one too many in a full room is refused, while it is new', (t) => {
  const crowd = Array.from({ length: MAX_MEMBERS - 1 }, (_, index) => `P${index}`);
  const surplus = joined(crowd);
  take(surplus, beatFrom('Z', 1, 4));
  t.deepEqual(surplus.told.at(-1), { type: 'signaling.refused', reason: 'full' });
  t.deepEqual(said(surplus), ['bye>all']);
  const settled = joined(crowd);
  pass(settled, DELAYS.newcomer);
  take(settled, beatFrom('Z', 1, 4));
  t.deepEqual(types(settled), []);
});

test('one that yields an SSRC says so at once, to its own and to all', (t) => {
  const harness = joined([], { streams: [stream('A')] });
  take(harness, profileFrom('B', 1, 1, { streams: [stream('B', { ssrc: stream('A').ssrc })] }));
  pass(harness, DELAYS.profileSoon);
  t.true(said(harness).includes('profile>all'));
  t.not(harness.told.at(-1)?.view.members.get('A').streams[0].ssrc, stream('A').ssrc);
});

test('a plain RTP endpoint invites and answers, and says nothing of RPR', (t) => {
  const harness = joined([], { compatible: false });
  take(harness, message('invite', { ...capabilities('B'), known: [] }));
  harness.send({ type: 'profile.changed', change: { uploadBps: 1 } });
  pass(harness, DELAYS.beatInterval);
  t.deepEqual(said(harness), ['answer>B', 'invite>all']);
});

test('a plain RTP endpoint is invited with each beat, as one who need not answer', (t) => {
  const harness = joined();
  take(harness, message('invite', { ...capabilities('D', { compatible: false }), known: [] }, 'D'));
  said(harness);
  pass(harness, DELAYS.beatInterval);
  t.like(harness.published, { length: 2, 1: { to: 'D', message: { body: { known: [{ id: 'D', epoch: 1 }] } } } });
});

test('a plain RTP endpoint that wants something else says so at once, and no more often than that', (t) => {
  const harness = joined([], { compatible: false });
  take(harness, message('invite', { ...capabilities('B'), known: [] }));
  said(harness);
  const wants = [{ source: 'B', stream: 'voice' }];
  harness.send({ type: 'profile.changed', change: { wants } });
  pass(harness, DELAYS.profileSoon);
  t.like(harness.published.at(-1), { to: 'all', message: { kind: 'invite', body: { wants, known: [{ id: 'B' }] } } });
  said(harness);
  harness.send({ type: 'profile.changed', change: { wants: [...wants] } });
  harness.send({ type: 'announce', routes: [], agreements: [], promisedBps: 1 });
  pass(harness, DELAYS.profileLater);
  t.deepEqual(said(harness), []);
});

test('plain RTP endpoints are told at once what a peer wants and shows, and nothing of its upload', (t) => {
  const harness = joined(['C']);
  take(harness, message('invite', { ...capabilities('D', { compatible: false }), known: [] }, 'D'));
  said(harness);
  harness.send({ type: 'profile.changed', change: { wants: [] } });
  pass(harness, DELAYS.profileSoon);
  t.deepEqual(said(harness).sort(), ['invite>D', 'profile>all']);
  harness.send({ type: 'profile.changed', change: { uploadBps: 1 } });
  pass(harness, DELAYS.profileSoon);
  t.deepEqual(said(harness), ['profile>all']);
});
