/** A receiver says that a relay brings it what we have not sent: it gets nothing more through that one, and nobody else's ways change. */
import test from 'ava';
import type { Paths, Via } from '../../../machines/forwarding/paths.ts';
import { accuse, avoid, isNewToAvoid, stillAvoided } from '../../../machines/negotiation/accusing.ts';
import { ask, plan, run } from '../../../machines/negotiation/asking.ts';
import type { Accusation, Context } from '../../../machines/negotiation/state.ts';
import { planFor } from '../../../machines/room-plan.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { withMember } from '../../../machines/view.ts';
import { after, camera, freshNegotiation } from '../fresh-negotiation.ts';
import { member, RATE_BPS, stream, viewOf } from '../members.ts';

const upload = (mbit: number) => ({ uploadBps: mbit * RATE_BPS, usableBps: mbit * RATE_BPS, lendBps: mbit * RATE_BPS });
/** S can send one copy; R and Q have upload for all. */
const view = viewOf(
  member('S', upload(1)),
  ...['Q', 'R', 'A', 'B'].map((id) => member(id, upload(/[QR]/.test(id) ? 20 : 5))),
);
const says = (from: string, relay: string, epoch = 1): Accusation => ({
  kind: 'media.forged',
  ...{ from, epoch, seq: 1, body: { stream: 'camera', relay } },
});
const said = (context: Context, ...messages: readonly Accusation[]) =>
  messages.reduce(
    (now, message) => (isNewToAvoid(now, { message }) ? after(now, avoid(now, { message })) : now),
    context,
  );
const avoided = ({ avoided: of }: Context) => [...of].map(([receiver, relays]) => [receiver, ...relays]);
const ways = (receivers: Readonly<Record<string, [Via, number][]>>): Paths =>
  new Map(Object.entries(receivers).map(([id, of]) => [id, new Map(of)]));

test('what a receiver has found it tells the source, by all ways, and only where there is another way than this', (t) => {
  const fault = { owner: 'S', stream: 'camera', via: 'R', fault: 'forged' } as const;
  const { commands } = accuse(freshNegotiation(view), fault);
  t.deepEqual(commands, [
    { do: 'note', entry: { type: 'media.forged', ...fault } },
    {
      do: 'publish',
      to: 'S',
      message: { kind: 'media.forged', body: { stream: 'camera', relay: 'R' } },
      isUrgent: true,
    },
  ]);
  const direct = accuse(freshNegotiation(view), { ...fault, via: 'S' });
  t.deepEqual(
    direct.commands?.map(({ do: what }) => what),
    ['note'],
  );
});

test('the receiver is planned around that relay, and all others as before', (t) => {
  const doubts = { silent: new Set<string>(), distrusted: new Map() };
  const before = planFor(view, doubts, []);
  const [relay] = before.routes.flatMap((route) =>
    route.relay !== null && route.receivers.includes('A') ? [route.relay] : [],
  );
  t.truthy(relay);
  const now = planFor(view, { ...doubts, avoided: new Map([['A', new Set([relay ?? ''])]]) }, before.routes);
  t.false(now.routes.some((route) => route.relay === relay && route.receivers.includes('A')));
  t.deepEqual(now.unserved, []);
  t.deepEqual([...new Set(now.routes.flatMap(({ receivers }) => receivers))].sort(), ['A', 'B', 'Q', 'R']);
});

test('a relay that all others avoid is served by them, as it still receives', (t) => {
  const doubts = { silent: new Set<string>(), distrusted: new Map() };
  for (const relay of ['Q', 'R']) {
    const accusers = ['Q', 'R', 'A', 'B'].filter((id) => id !== relay);
    const plan = planFor(view, { ...doubts, avoided: new Map(accusers.map((id) => [id, new Set([relay])])) }, []);
    t.deepEqual(plan.unserved, [], relay);
    t.false(
      plan.routes.some((route) => route.relay === relay),
      relay,
    );
  }
});

test('one of two who avoids the other serves it, where the source cannot serve both', (t) => {
  const three = viewOf(member('S', upload(1)), member('R', upload(20)), member('A', upload(20)));
  const avoided = new Map([['A', new Set(['R'])]]);
  const plan = planFor(three, { silent: new Set(), distrusted: new Map(), avoided }, []);
  t.deepEqual(plan.unserved, []);
  t.deepEqual(
    plan.routes.filter(({ receivers }) => receivers.includes('R')).map(({ relay }) => relay),
    ['A'],
  );
});

test('what one says alone lowers no rate of others, what two say does', (t) => {
  const elastic = viewOf(
    member('S', { ...upload(1), streams: [stream('S', { minBps: 0.6 * RATE_BPS })] }),
    member('R', { ...upload(20), streams: [] }),
    member('A', { ...upload(1.4), streams: [] }),
    member('B', { ...upload(1), lendBps: 0, streams: [] }),
  );
  const doubts = { silent: new Set<string>(), distrusted: new Map() };
  const alone = planFor(elastic, { ...doubts, avoided: new Map([['A', new Set(['R'])]]) }, []);
  t.deepEqual(
    alone.unserved.map(({ receiver }) => receiver),
    ['A'],
  );
  const both = new Map(['A', 'B'].map((id) => [id, new Set(['R'])]));
  t.deepEqual(planFor(elastic, { ...doubts, avoided: both }, []).unserved, []);
});

test('what runs through it ends at once: directly, where nothing else is granted yet', (t) => {
  const roomy = viewOf(member('S', upload(5)), member('R', upload(20)), member('A', upload(5)), member('B', upload(5)));
  const inForce = new Map([
    ['camera', ways({ A: [['R', ALL_SLICES]], B: [['R', ALL_SLICES]], R: [[null, ALL_SLICES]] })],
  ]);
  const asked = new Map([
    ['R', { id: 'S.1.1', terms: [camera(['A', 'B'])], granted: [camera(['A', 'B'])], revision: 1 }],
  ]);
  const fresh = {
    ...freshNegotiation(roomy),
    inForce,
    held: inForce,
    asked,
    wanted: inForce,
    wantedRates: new Map([['camera', RATE_BPS]]),
  };
  const granted = {
    ...fresh,
    relaying: { ...fresh.relaying, ledger: { ...fresh.relaying.ledger, usableBps: 5 * RATE_BPS } },
  };
  const now = [plan, ask, run].reduce((context, step) => after(context, step(context)), said(granted, says('A', 'R')));
  t.deepEqual([...(now.inForce.get('camera')?.get('A') ?? [])], [[null, ALL_SLICES]]);
});

test('one receiver is rid of two relays, and no more: it cannot prove what it says', (t) => {
  const context = said(freshNegotiation(view), says('A', 'Q'), says('A', 'R'), says('A', 'B'));
  t.deepEqual(avoided(context), [['A', 'Q', 'R']]);
  t.deepEqual(avoided(said(context, says('B', 'R'))), [
    ['A', 'Q', 'R'],
    ['B', 'R'],
  ]);
});

test('said again, or of nobody, of the receiver itself or of us, it changes nothing', (t) => {
  const context = said(freshNegotiation(view), says('A', 'R'));
  for (const relay of ['R', 'Z', 'A', 'S']) t.false(isNewToAvoid(context, { message: says('A', relay) }), relay);
});

test('it is forgotten with the receiver, and with its process', (t) => {
  const context = said(freshNegotiation(view), says('A', 'R'), says('B', 'R'));
  t.is(stillAvoided(context, view), context.avoided);
  const restarted = withMember(view, member('A', { ...upload(5), epoch: 2 }));
  t.deepEqual([...stillAvoided(context, restarted).keys()], ['B']);
});
