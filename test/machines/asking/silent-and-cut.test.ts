/** Who fell silent because no way leads there any more is served over others: its silence on our own way says nothing. */
import test from 'ava';
import { suspect } from '../../../machines/negotiation/doubting.ts';
import { takeView } from '../../../machines/negotiation/lending.ts';
import { freshNegotiation } from '../fresh-negotiation.ts';
import { member, viewOf } from '../members.ts';

const together = viewOf(member('S'), member('R'));
const apart = viewOf(member('S', { cut: ['R'] }), member('R'));

test('a member that fell silent is silent no more once its pair is cut', (t) => {
  const fresh = freshNegotiation(together);
  const silent = { ...fresh, ...suspect(fresh, { relay: 'R', quiet: [] }).patch };
  t.deepEqual([...silent.silent], ['R']);
  t.deepEqual([...(takeView(silent, { view: together }).patch?.silent ?? silent.silent)], ['R']);
  t.deepEqual([...(takeView(silent, { view: apart }).patch?.silent ?? silent.silent)], []);
});

test('nor is it where the pair was cut before, but it is not relied on for a while', (t) => {
  const { patch } = suspect(freshNegotiation(apart), { relay: 'R', quiet: [] });
  t.is(patch?.silent, undefined);
  t.true(patch?.distrusted?.has('R'));
});
