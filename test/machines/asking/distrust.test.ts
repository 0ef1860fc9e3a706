/** How long a relay that failed is gone round: briefly if it only fell silent, longer if it refused or lied, longer each time. */
import test from 'ava';
import { distrust, restoreTrust, suspect } from '../../../machines/negotiation/doubting.ts';
import type { Context, Outcome } from '../../../machines/negotiation/state.ts';
import { DELAYS } from '../../../machines/timers.ts';
import { freshNegotiation } from '../fresh-negotiation.ts';
import { alone } from '../harness.ts';
import { member, sending, viewOf } from '../members.ts';
import { NEGOTIATION } from '../terrains.ts';

const fresh = freshNegotiation(viewOf(member('S'), member('R')));

/** The waits of a relay that fails so many times in this way. */
function waits(fail: (context: Context) => Outcome, times: number): number[] {
  let context = fresh;
  return Array.from({ length: times }, () => {
    const { patch, commands = [] } = fail(context);
    context = { ...context, ...patch };
    context = { ...context, ...restoreTrust(context, { peer: 'R' }).patch };
    return commands.flatMap((command) => (command.do === 'distrust' ? [command.forMs] : []));
  }).flat();
}

test('a relay that fell silent may serve again soon', (t) => {
  const { silenceDistrust } = DELAYS;
  t.deepEqual(
    waits((context) => suspect(context, { relay: 'R', quiet: [] }), 3),
    [silenceDistrust, 2 * silenceDistrust, 4 * silenceDistrust],
  );
  const { patch } = suspect(fresh, { relay: 'R', quiet: [] });
  t.true(patch?.silent?.has('R') && patch?.distrusted?.has('R'));
});

test('that a relay stood still once makes no lie of it worse', (t) => {
  const silent = { ...fresh, ...suspect(fresh, { relay: 'R', quiet: [] }).patch };
  const { commands } = distrust(silent, { relay: 'R' });
  t.deepEqual(commands, [{ do: 'distrust', relay: 'R', forMs: DELAYS.distrust }]);
});

test('what is said again of a relay that is distrusted already is the same failure', (t) => {
  const failing = { ...fresh, ...distrust(fresh, { relay: 'R' }).patch };
  for (const again of [distrust, suspect]) {
    const { patch, commands = [] } = again(failing, { relay: 'R', quiet: [] });
    t.false(commands.some((command) => command.do === 'distrust'));
    t.is(patch?.failures, undefined);
  }
});

test('one that failed otherwise waits longer, up to sixteen times', (t) => {
  const { distrust: first } = DELAYS;
  t.deepEqual(
    waits((context) => distrust(context, { relay: 'R' }), 6),
    [first, 2 * first, 4 * first, 8 * first, 16 * first, 16 * first],
  );
});

test('one that falls silent is gone round at once: another is asked in the same moment', (t) => {
  const poor = sending('A', 1, 1);
  const { send, published, clock } = alone(NEGOTIATION);
  send({ type: 'view.changed', view: viewOf(poor, sending('B', 1, 9), sending('C', 1, 6), sending('D', 1, 3)) });
  clock.runUntil(DELAYS.planSettle);
  const asked = () => published.flatMap(({ to, message }) => (message.kind === 'relay.request' ? [to] : []));
  t.deepEqual(asked(), ['B']);
  send({ type: 'relay.silent', relay: 'B', acknowledged: [], quiet: [] });
  t.deepEqual(asked(), ['B', 'C']);
});
