/** Two clients that wait for each other's capacity: whoever gets nothing for long gives up what it holds elsewhere, a few slices at a time. */
import test from 'ava';
import type { Paths } from '../../../machines/forwarding/paths.ts';
import { askAgain, noteGranted } from '../../../machines/negotiation/asking.ts';
import { requestsOf } from '../../../machines/negotiation/carry-out.ts';
import { ofStream } from '../../../machines/negotiation/legs.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { ALL_SLICES, sliceCount } from '../../../machines/slices.ts';
import { after, camera, freshNegotiation } from '../fresh-negotiation.ts';
import { member, RATE_BPS, stream, VOICE_BPS, viewOf, voice } from '../members.ts';

/** What D gets through A, and should get through B, who has no room for it. */
const ELSEWHERE = 0xfc00;

const paths = (...ways: [string, number][]): Paths => new Map([['D', new Map(ways)]]);

function waiting(): Context {
  const self = member('S', { streams: [stream('S'), voice('S')] });
  const context = freshNegotiation(viewOf(self, member('A'), member('B'), member('D')));
  const inForce = new Map([
    ['camera', paths(['A', ELSEWHERE], ['B', ALL_SLICES & ~ELSEWHERE])],
    ['voice', paths(['A', ALL_SLICES])],
  ]);
  const agreement = (relay: string, slices: number) => {
    const granted = [camera(['D'], { slices }), camera(['D'], { stream: 'voice', rateBps: VOICE_BPS })];
    return [relay, { id: `S.1.${relay}`, terms: granted, granted, revision: 1 }] as const;
  };
  return {
    ...context,
    wanted: new Map([
      ['camera', paths(['B', ALL_SLICES])],
      ['voice', paths(['B', ALL_SLICES])],
    ]),
    wantedRates: new Map([
      ['camera', RATE_BPS],
      ['voice', VOICE_BPS],
    ]),
    inForce,
    held: inForce,
    asked: new Map([agreement('A', ELSEWHERE), agreement('B', ALL_SLICES & ~ELSEWHERE)]),
  };
}

const retried = (context: Context): Context => after(context, askAgain(context));
/** How many slices of a stream A is still asked to carry. */
const keptAtA = (context: Context, name = 'camera') =>
  sliceCount(
    ofStream(requestsOf(context).terms.get('A') ?? [], name)?.legs.reduce((mask, { slices }) => mask | slices, 0) ?? 0,
  );

test('after the third retry it gives up, wherever they lie, four slices more each time', (t) => {
  let context = waiting();
  const kept = [1, 2, 3, 4].map(() => {
    context = retried(context);
    return keptAtA(context);
  });
  t.deepEqual(kept, [6, 6, 2, 0]);
});

test('a voice is never split: nothing of it is given up before the wanted way stands', (t) => {
  let context = waiting();
  for (let count = 0; count < 10; count++) {
    context = retried(context);
    t.is(keptAtA(context, 'voice'), 16);
  }
});

test('once something is granted no more is given up', (t) => {
  const given = [1, 2, 3].reduce(retried, waiting());
  t.true(given.yields.size > 0);
  const granting = { relay: 'B', terms: [camera(['D'], { slices: 0x07ff })], revision: 2 };
  const context = after(given, noteGranted(given, granting));
  t.is(context.yields.size, 0);
  t.is(context.shortfalls, 0);
});

test('of who is granted no more than it has, it goes on', (t) => {
  const given = [1, 2, 3].reduce(retried, waiting());
  const { granted: terms = [] } = given.asked.get('B') ?? {};
  const context = after(given, noteGranted(given, { relay: 'B', terms, revision: 2 }));
  t.is(context.shortfalls, 3);
  t.deepEqual(context.yields, given.yields);
});

test('what is asked of a relay begins with the voices: it serves in that order', (t) => {
  const [, terms] = [...requestsOf(waiting()).terms][0] ?? [];
  t.deepEqual(
    terms?.map(({ stream }) => stream),
    ['voice', 'camera'],
  );
});
