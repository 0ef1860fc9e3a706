/** A relay that does not answer: one that forwards already is asked again, any other is not trusted for a while. */
import test from 'ava';
import type { RejectCode } from '../../../machines/messages.ts';
import { noteGranted, noteRefused } from '../../../machines/negotiation/asking.ts';
import type { Terms } from '../../../machines/negotiation/legs.ts';
import type { Context } from '../../../machines/negotiation/state.ts';
import { after, camera, freshNegotiation } from '../fresh-negotiation.ts';
import { member, viewOf } from '../members.ts';

function clientOf(relay: string, granted: Terms): Context {
  const context = freshNegotiation(viewOf(member('S'), member(relay), member('A')));
  return { ...context, asked: new Map([[relay, { id: 'S.1.1', terms: [], granted, revision: 1 }]]) };
}

const refused = (context: Context, code: RejectCode | 'timeout' = 'timeout') =>
  after(context, noteRefused(context, { relay: 'R', code }));

test('a relay that grants nothing yet and does not answer is not to be relied on', (t) => {
  t.true(refused(clientOf('R', [])).distrusted.has('R'));
});

test('unless our own bus is away: then silence says nothing of it', (t) => {
  let context: Context = { ...clientOf('R', []), busAway: true };
  for (let count = 0; count < 10; count++) context = refused(context);
  t.false(context.distrusted.has('R'));
});

test('of a relay that forwards already an answer was lost: it is asked again, but not for ever', (t) => {
  let context = clientOf('R', [camera(['A'])]);
  const distrusted = [1, 2, 3, 4].map(() => {
    context = refused(context);
    return context.distrusted.has('R');
  });
  t.deepEqual(distrusted, [false, false, false, true]);
});

test('one that is full for a moment is asked again, one that lends nothing is not', (t) => {
  t.false(refused(clientOf('R', []), 'capacity.exhausted').distrusted.has('R'));
  t.true(refused(clientOf('R', [camera(['A'])]), 'lending.off').distrusted.has('R'));
});

test('one that has no way to the receiver yet is asked again: its pair with it is young, or it will say that they are cut', (t) => {
  let context = clientOf('R', []);
  const distrusted = [1, 2, 3, 4].map(() => {
    context = refused(context, 'receiver.unreachable');
    return context.distrusted.has('R');
  });
  t.deepEqual(distrusted, [false, false, false, true]);
});

test('one that was full too often and then grants all of it is trusted at once; one that was left for anything else is not', (t) => {
  const terms = [camera(['A'])];
  const asking: Context = {
    ...clientOf('R', []),
    asked: new Map([['R', { id: 'S.1.1', terms, granted: [], revision: 1 }]]),
  };
  let full = asking;
  for (let count = 0; count < 4; count++) full = refused(full, 'capacity.exhausted');
  t.is(full.distrusted.get('R'), 'full');
  const some = [camera(['A'], { slices: 0x00ff })];
  const granted = (context: Context, what: Terms) =>
    after(context, noteGranted(context, { relay: 'R', terms: what, revision: 1 }));
  t.true(granted(full, some).distrusted.has('R'));
  t.false(granted(full, terms).distrusted.has('R'));
  t.true(granted(refused(asking, 'lending.off'), terms).distrusted.has('R'));
});
