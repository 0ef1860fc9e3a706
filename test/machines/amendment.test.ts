/** What a client no longer asks for is free for others before the amendment is accepted. */
import test from 'ava';
import { accept, decide } from '../../machines/negotiation/answering.ts';
import { promisedBps } from '../../machines/negotiation/ledger.ts';
import { NOT_RELAYING, type Relaying } from '../../machines/negotiation/relaying.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { member, viewOf } from './members.ts';

const MBIT = 1_000_000;
const view = viewOf(member('R'), member('A'), member('B'), member('C'));
const EMPTY: Relaying = {
  ...NOT_RELAYING,
  ledger: { ...NOT_RELAYING.ledger, usableBps: 4 * MBIT, lendBps: 4 * MBIT },
};

function ask(
  relaying: Relaying,
  client: string,
  revision: number,
  rateBps: number,
  receivers: readonly string[],
  patient = true,
) {
  const { source } = view.members.get(client) ?? {};
  const legs = receivers.flatMap((receiver) => {
    const address = view.members.get(receiver)?.media;
    return address === undefined ? [] : [{ receiver, slices: ALL_SLICES, address }];
  });
  const request = { agreement: `${client}.1`, revision, ssrc: source?.ssrc ?? 0, rateBps, legs };
  return decide(relaying, client, request, { view, leaving: false, patient });
}

function agreed(relaying: Relaying, client: string, rateBps: number, receivers: readonly string[]): Relaying {
  const decision = ask(relaying, client, 1, rateBps, receivers);
  if (decision.type !== 'offered') return relaying;
  const acceptance = accept(decision.relaying, client, { agreement: `${client}.1`, revision: 1 });
  return acceptance.type === 'amended' ? acceptance.relaying : relaying;
}

test('a lower rate is free at once', (t) => {
  const before = agreed(EMPTY, 'A', 2 * MBIT, ['B', 'C']);
  const decision = ask(before, 'A', 2, MBIT, ['B', 'C']);
  t.is(promisedBps(before.ledger), 4 * MBIT);
  t.is(decision.type === 'offered' ? promisedBps(decision.relaying.ledger) : undefined, 2 * MBIT);
});

test('legs that are not asked for any more are free at once', (t) => {
  const decision = ask(agreed(EMPTY, 'A', 2 * MBIT, ['B', 'C']), 'A', 2, 2 * MBIT, ['C']);
  t.is(decision.type === 'offered' ? promisedBps(decision.relaying.ledger) : undefined, 2 * MBIT);
});

test('where not all fits, what runs is granted before what is new', (t) => {
  const full = agreed(agreed(EMPTY, 'A', 2 * MBIT, ['C']), 'B', 2 * MBIT, ['C']);
  const decision = ask(full, 'A', 2, 2 * MBIT, ['B', 'C'], false);
  const granted = decision.type === 'offered' ? decision.relaying.agreements.get('A.1')?.offered?.legs : undefined;
  t.deepEqual(
    granted?.map(({ receiver }) => receiver),
    ['C'],
  );
});

test('an answer that can only be partial waits for others to let go', (t) => {
  const full = agreed(agreed(EMPTY, 'A', 2 * MBIT, ['C']), 'B', 2 * MBIT, ['C']);
  t.is(ask(full, 'A', 2, 2 * MBIT, ['B', 'C']).type, 'deferred');
});

test('where not all fits, as many slices as fit are granted, each to all receivers', (t) => {
  const half = agreed(EMPTY, 'B', 2 * MBIT, ['C']);
  const decision = ask(half, 'A', 1, 2 * MBIT, ['B', 'C'], false);
  const granted = decision.type === 'offered' ? decision.relaying.agreements.get('A.1')?.offered?.legs : undefined;
  t.deepEqual(
    granted?.map(({ receiver, slices }) => [receiver, slices]),
    [
      ['B', 0x5555],
      ['C', 0x5555],
    ],
  );
});

test('a higher rate that does not fit leaves what runs as it is', (t) => {
  const full = agreed(agreed(EMPTY, 'A', 2 * MBIT, ['C']), 'B', 2 * MBIT, ['C']);
  t.is(ask(full, 'A', 2, 3 * MBIT, ['C'], false).type, 'rejected');
});
