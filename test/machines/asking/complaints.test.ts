/** A receiver misses what a relay should forward: whom that proves to be no good, and how often one alone is believed. */
import test from 'ava';
import type { Paths, Via } from '../../../machines/forwarding/paths.ts';
import { run } from '../../../machines/negotiation/asking.ts';
import {
  blame,
  isProof,
  noteComplaint,
  noteNotice,
  restoreTrust,
  restoreWitness,
  stillValid,
} from '../../../machines/negotiation/doubting.ts';
import type { Complaint, Context, Withheld } from '../../../machines/negotiation/state.ts';
import { bereave, settleWays, withholding } from '../../../machines/negotiation/withholding.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { after, freshNegotiation } from '../fresh-negotiation.ts';
import { member, stream, viewOf } from '../members.ts';

const RELAYS = ['P', 'Q', 'R', 'T'];
const view = viewOf(member('S'), ...[...RELAYS, 'A', 'B'].map((id) => member(id)));

const ways = (receivers: Readonly<Record<string, [Via, number][]>>): Paths =>
  new Map(Object.entries(receivers).map(([id, of]) => [id, new Map(of)]));
/** S sends its camera to A and B through R, and its voice to A through Q. */
function sender(
  camera: Paths = ways({ A: [['R', ALL_SLICES]], B: [['R', ALL_SLICES]] }),
  voice: Paths = ways({ A: [['Q', ALL_SLICES]] }),
): Context {
  const inForce = new Map([
    ['camera', camera],
    ['voice', voice],
  ]);
  return { ...freshNegotiation(view), inForce, held: inForce };
}

const missing = (from: string, stream = 'camera', slices = ALL_SLICES): Complaint => ({
  kind: 'media.missing',
  ...{ from, epoch: 1, seq: 1, body: { stream, slices } },
});

/** As the machine does it: proof is blamed, anything else noted. */
function complained(context: Context, message: Complaint): Context {
  return after(
    context,
    isProof(context, { message }) ? blame(context, { message }) : noteComplaint(context, { message }),
  );
}
const hearing = (context: Context, ...messages: readonly Complaint[]) => messages.reduce(complained, context);
const distrusted = (context: Context) => [...context.distrusted.keys()].sort();

test('the first complaint of a receiver proves nothing: it may be about the way before', (t) => {
  t.deepEqual(distrusted(hearing(sender(), missing('A'))), []);
  t.deepEqual(distrusted(hearing(sender(), missing('A'), missing('B'))), []);
});

test('the second one does', (t) => {
  const { commands } = blame(hearing(sender(), missing('A')), { message: missing('A') });
  t.deepEqual(commands, [
    { do: 'note', entry: { type: 'relay.failing', relay: 'R', stream: 'camera', receiver: 'A' } },
    { do: 'distrust', relay: 'R', forMs: DELAYS.distrust },
    { do: 'doubtWitness', peer: 'A' },
  ]);
  t.deepEqual(distrusted(hearing(sender(), missing('A'), missing('A'))), ['R']);
});

test('of each stream by itself: two complaints about two streams are each the first', (t) => {
  const both = sender(undefined, ways({ A: [['R', ALL_SLICES]] }));
  t.deepEqual(distrusted(hearing(both, missing('A'), missing('A', 'voice'))), []);
  t.deepEqual(distrusted(hearing(both, missing('A'), missing('A', 'voice'), missing('A', 'voice'))), ['R']);
});

test('another relay of the same receiver is not accused of what it does not carry', (t) => {
  t.deepEqual(distrusted(hearing(sender(), missing('A', 'voice'), missing('A', 'voice'))), ['Q']);
  const split = sender(
    ways({
      A: [
        ['R', 0x00ff],
        ['Q', 0xff00],
      ],
    }),
  );
  t.deepEqual(distrusted(hearing(split, missing('A', 'camera', 0x00ff), missing('A', 'camera', 0x00ff))), ['R']);
  t.deepEqual(distrusted(hearing(split, missing('A', 'camera', 0x000f), missing('A', 'camera', 0x000f))), ['R']);
});

test('less than half of what it should forward is loss, and accuses nobody', (t) => {
  for (const slices of [0x0001, 0x007f])
    t.deepEqual(distrusted(hearing(sender(), missing('A', 'camera', slices), missing('A', 'camera', slices))), []);
});

test('who is no receiver of it, or misses what comes directly, or what is not ours, accuses nobody', (t) => {
  const direct = sender(ways({ A: [[null, ALL_SLICES]], B: [['R', ALL_SLICES]] }));
  for (const message of [missing('A'), missing('X'), missing('R'), missing('B', 'screen'), missing('B', 'voice')]) {
    const context = hearing(direct, message, message, message);
    t.deepEqual(distrusted(context), []);
    t.is(context.complaints.size, 0);
  }
});

test('a receiver alone proves two relays at most, until it has been quiet for long enough', (t) => {
  let context = sender();
  const proven = RELAYS.map((relay) => {
    const camera = ways({ A: [[relay, ALL_SLICES]], B: [[null, ALL_SLICES]] });
    context = hearing({ ...context, inForce: new Map([['camera', camera]]) }, missing('A'), missing('A'), missing('A'));
    return context.distrusted.has(relay);
  });
  t.deepEqual(proven, [true, true, false, false]);
  context = after(context, restoreWitness(context, { peer: 'A' }));
  t.true(hearing(context, missing('A')).distrusted.has('T'), 'it is believed again');
});

test('however many it accuses at once', (t) => {
  const quarter: [Via, number][] = RELAYS.map((relay, at) => [relay, 0xf << (4 * at)]);
  const context = hearing(sender(ways({ A: quarter })), missing('A'), missing('A'), missing('A'));
  t.is(context.distrusted.size, 2);
  t.is(context.witnesses.get('A'), 2);
});

test('two receivers are believed as often as they agree', (t) => {
  let context = sender();
  const proven = RELAYS.map((relay) => {
    const camera = ways({ A: [[relay, ALL_SLICES]], B: [[relay, ALL_SLICES]] });
    context = hearing({ ...context, inForce: new Map([['camera', camera]]) }, missing('B'), missing('A'), missing('A'));
    return context.distrusted.has(relay);
  });
  t.deepEqual(proven, [true, true, true, true]);
  t.is(context.witnesses.size, 0);
  const doubted = { ...sender(), witnesses: new Map([['A', 9]]) };
  t.deepEqual(
    distrusted(hearing(doubted, missing('B'), missing('A'), missing('A'))),
    ['R'],
    'also where A is not alone',
  );
});

test('a relay that is distrusted already is not proven again', (t) => {
  const once = hearing(sender(), missing('A'), missing('A'));
  t.is(hearing(once, missing('A')).complaints.size, 0);
  const again = hearing(once, missing('A'), missing('A'), missing('B'), missing('B'));
  t.is(again.failures.get('R')?.other, 1);
  t.is(again.complaints.size, 0);
  t.is(after(again, restoreTrust(again, { peer: 'R' })).distrusted.size, 0);
});

test('a complaint is about a way, and is over with it', (t) => {
  const first = hearing(sender(), missing('A'), missing('B'));
  const moved = new Map([
    [
      'camera',
      ways({
        A: [
          ['R', 0x00ff],
          [null, 0xff00],
        ],
        B: [['R', ALL_SLICES]],
      }),
    ],
  ]);
  t.deepEqual([...(stillValid(first, moved).get('R')?.keys() ?? [])], ['B']);
  t.is(stillValid(first, first.inForce).get('R')?.size, 2);
  t.is(stillValid(first, new Map()).size, 0);
  t.is(after(first, run(first)).complaints.size, 0, 'nothing runs any more');
});

test('a relay that needs its upload itself may serve again in a moment; one that leaves may not', (t) => {
  t.deepEqual(noteNotice(sender(), { relay: 'R', reason: 'relay.reclaimed' }), {});
  t.deepEqual(distrusted(after(sender(), noteNotice(sender(), { relay: 'R', reason: 'relay.leaving' }))), ['R']);
});

/** Nothing of the camera comes to this receiver though we send it, by our own records. */
const withheld = (receiver: string, relays = RELAYS): Withheld => ({
  ...{ type: 'legs.withheld', receiver, ssrc: stream('S').ssrc, relays },
  acknowledged: [{ ssrc: stream('S').ssrc, sequence: 7 }],
});
const bereft = (context: Context, ...events: readonly Withheld[]) =>
  events.reduce((now, event) => after(now, bereave(now, event)), context);

test('one whose word our own records bear out is believed at once: what the relay withheld goes another way', (t) => {
  const { commands = [] } = bereave(sender(), withheld('A'));
  const { receiver, acknowledged } = withheld('A');
  t.deepEqual(commands.slice(0, 2), [
    { do: 'tell', news: { type: 'legs.lost', receiver, relays: ['R'], acknowledged } },
    { do: 'note', entry: { type: 'relay.failing', relay: 'R', stream: 'camera', receiver: 'A' } },
  ]);
  t.deepEqual(distrusted(bereft(sender(), withheld('A'))), ['R']);
});

test('a relay that withholds something is left as one that fell silent: for a moment, and not where there is no other', (t) => {
  const { commands = [], patch } = bereave(sender(), withheld('A'));
  t.is(patch?.distrusted?.get('R'), 'silent');
  t.deepEqual(
    commands.find((command) => command.do === 'distrust'),
    { do: 'distrust', relay: 'R', forMs: DELAYS.silenceDistrust },
  );
});

test('of a relay that we do not hear either nothing is believed: whether it is dead we find out ourselves', (t) => {
  t.deepEqual(withholding(sender(), withheld('A', ['P', 'Q'])), []);
});

test('what it misses so shortly after its way has changed is of the way before', (t) => {
  t.deepEqual(withholding({ ...sender(), moved: new Set(['A']) }, withheld('A')), []);
  t.deepEqual(withholding(after({ ...sender(), moved: new Set(['A']) }, settleWays()), withheld('A')), ['R']);
});

test('alone it is believed about two relays, as with complaints; about one that is left already nothing is counted', (t) => {
  const through = (relay: string) => sender(ways({ A: [[relay, ALL_SLICES]], B: [[relay, ALL_SLICES]] }));
  let context = through('P');
  for (const relay of ['P', 'Q', 'R']) {
    context = { ...context, inForce: through(relay).inForce };
    context = bereft(context, withheld('A'), withheld('A'), withheld('B'));
  }
  t.deepEqual(distrusted(context), ['P', 'Q', 'R']);
  t.is(context.witnesses.get('A'), 2);
  t.is(context.witnesses.get('B'), 1, 'the third is left on the word of B');
  const alone = { ...through('R'), witnesses: context.witnesses };
  t.deepEqual(withholding(alone, withheld('A')), []);
  t.deepEqual(withholding(hearing(alone, missing('B')), withheld('A')), ['R'], 'others miss something of it too');
});
