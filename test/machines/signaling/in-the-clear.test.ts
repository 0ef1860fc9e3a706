/** Plain endpoints get streams in the clear only where the user of their source allows it, and whoever would send them there. */
import test from 'ava';
import { mayGoInTheClear, plainListeners } from '../../../machines/in-the-clear.ts';
import type { PlainPolicy } from '../../../machines/messages.ts';
import { decide } from '../../../machines/negotiation/answering.ts';
import { NOT_RELAYING, relayedRoutes } from '../../../machines/negotiation/relaying.ts';
import { planFor } from '../../../machines/room-plan.ts';
import { type Member, withMember } from '../../../machines/view.ts';
import { camera, request } from '../fresh-negotiation.ts';
import { member, RATE_BPS, sending, stream, viewOf, voice } from '../members.ts';
import { Room } from '../room.ts';

const at = (host: string) => ({ media: { host, port: 5004 } });
const phone = (host: string) => member('D', { compatible: false, streams: [], ...at(host) });
const [INSIDE, OUTSIDE] = ['192.168.1.9', '203.0.113.9'];
const NO_DOUBTS = { silent: new Set<string>(), distrusted: new Map() };

test('local is this machine and private networks, and no provider’s', (t) => {
  const local = [
    '127.0.0.1',
    '::1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.1',
    '192.168.0.9',
    '169.254.1.1',
    'fd00::1',
    'fc12::1',
  ];
  for (const host of local) t.true(mayGoInTheClear('local', host), host);
  const far = [
    '100.64.0.1',
    '172.15.0.1',
    '172.32.0.1',
    '11.0.0.1',
    '192.169.0.1',
    '2001:db8::1',
    '::2',
    '203.0.113.1',
    '100::',
  ];
  for (const host of far) t.false(mayGoInTheClear('local', host), host);
  for (const host of [...local, ...far])
    t.deepEqual([mayGoInTheClear('allow', host), mayGoInTheClear('refuse', host)], [true, false]);
});

test('what a plan gives a plain endpoint is what its sources allow, wherever it is; members that speak RPR get all', (t) => {
  const receiversOf = (plain: PlainPolicy, host: string) =>
    planFor(viewOf(member('A', { plain }), member('B'), phone(host)), NO_DOUBTS, []).routes.flatMap(
      ({ receivers }) => receivers,
    );
  t.deepEqual(receiversOf('allow', OUTSIDE), ['B', 'D']);
  t.deepEqual(receiversOf('local', INSIDE), ['B', 'D']);
  t.deepEqual(receiversOf('local', OUTSIDE), ['B']);
  t.deepEqual(receiversOf('refuse', INSIDE), ['B']);
});

test('one that has fallen silent gets no voice of those who refuse it', (t) => {
  const silent = { ...NO_DOUBTS, silent: new Set(['D']) };
  const receivers = (plain: PlainPolicy) =>
    planFor(viewOf(member('A', { plain, streams: [voice('A')] }), phone(INSIDE)), silent, []).routes.length;
  t.deepEqual([receivers('local'), receivers('refuse')], [1, 0]);
});

test('a relay sends a plain endpoint nothing of a client that does not let it, whatever it is asked or has granted', (t) => {
  const [relay, client] = [member('R'), member('C')];
  const ledger = { ...NOT_RELAYING.ledger, usableBps: relay.usableBps, lendBps: relay.lendBps };
  const { body } = request('C', 1, [camera(['D', 'E'])]);
  const asked = (of: Member, host = INSIDE) => {
    const view = viewOf(relay, of, phone(host), member('E'));
    const patience = { reached: new Set(['E', 'C']), leaving: false, patient: false };
    const decision = decide({ ...NOT_RELAYING, ledger }, 'C', body, { view, ...patience });
    if (decision.type !== 'granted') throw new Error(decision.type);
    return { view, relaying: decision.relaying };
  };
  const legs = ({ view, relaying }: ReturnType<typeof asked>) =>
    relayedRoutes(relaying, view).flatMap((route) => route.legs.map(({ receiver }) => receiver));
  t.deepEqual(legs(asked(client)), ['D', 'E']);
  t.deepEqual(legs(asked({ ...client, plain: 'refuse' })), ['E']);
  const local = asked({ ...client, plain: 'local' });
  t.deepEqual(legs(local), ['D', 'E']);
  const moved = { ...local, view: withMember(local.view, phone(OUTSIDE)) };
  t.deepEqual(legs(moved), ['E'], 'it is on the internet now');
});

test('everybody can tell who listens in the clear to whom, and who refuses; of plain endpoints everybody may hear', (t) => {
  const [a, b] = [member('A', { plain: 'refuse' }), member('B', { plain: 'local' })];
  const other = member('P', { compatible: false, plain: 'refuse' });
  t.deepEqual(plainListeners(viewOf(a, b, phone(INSIDE), other)), [
    { id: 'D', hears: ['B', 'P'], refusedBy: ['A'] },
    { id: 'P', hears: [], refusedBy: ['A', 'B'] },
  ]);
  const picky = { ...phone(OUTSIDE), wants: [{ source: 'A', stream: 'camera' }] };
  t.deepEqual(plainListeners(viewOf(a, b, picky)), [{ id: 'D', hears: [], refusedBy: ['A'] }]);
});

test('in a room where one refuses, the plain endpoint gets the other’s stream over a relay, and of the one nothing from anybody', (t) => {
  const it = new Room({ delayMs: () => 20 });
  const copies = (id: string, epoch: number, plain: PlainPolicy) => ({ ...sending(id, epoch, 1.1), plain });
  it.join(copies('A', 1, 'refuse'));
  it.join(copies('C', 2, 'local'));
  it.join({ ...sending('B', 3, 12), plain: 'refuse', streams: [] });
  it.join({ ...phone(INSIDE), epoch: 4 });
  it.run(3000);
  t.deepEqual(it.unserved(), ['A/camera>D']);
  const toPhone = (owner: string) =>
    it
      .tableOf('B')
      .relayed.some(({ client, legs }) => client === owner && legs.some(({ receiver }) => receiver === 'D'));
  t.deepEqual([toPhone('A'), toPhone('C')], [false, true]);
  t.is(it.rateOf('A', 'camera'), RATE_BPS);
  t.deepEqual(it.viewOf('D').members.get('A')?.plain, 'refuse', 'it knows why');
});

test('of what a plain endpoint does not want nothing is sent to it, nor at a higher rate than it says', (t) => {
  const [small, large] = [
    stream('A', { name: 'small', group: 'cam', ssrc: 1 }),
    stream('A', { name: 'large', group: 'cam', layer: 1, ssrc: 2, minBps: 2 * RATE_BPS, maxBps: 2 * RATE_BPS }),
  ];
  const self = member('A', { streams: [small, large, voice('A')] });
  const served = (wants: Member['wants']) =>
    planFor(viewOf(self, { ...phone(INSIDE), wants }), NO_DOUBTS, []).routes.map((route) => route.stream);
  t.deepEqual(served('all'), ['voice', 'large']);
  t.deepEqual(served([{ source: 'A', stream: 'voice' }]), ['voice']);
  t.deepEqual(served([{ source: 'A', stream: 'cam', maxBps: 1.5 * RATE_BPS }]), ['small']);
  t.deepEqual(served([{ source: 'B' }]), []);
});

test('a plain source sends what others want of it, as their invites say', (t) => {
  const self = member('D', { compatible: false, streams: [stream('D'), voice('D')] });
  const members = [member('B', { wants: [{ source: 'D', stream: 'voice' }] }), member('C', { wants: [] })];
  t.deepEqual(
    planFor(viewOf(self, ...members), NO_DOUBTS, []).routes.map((route) => [route.stream, route.receivers]),
    [['voice', ['B']]],
  );
});
