/** What a relay's journal is told of its agreements. */
import test from 'ava';
import { consider, dropAgreement } from '../../../machines/negotiation/lending.ts';
import type { Context, Outcome } from '../../../machines/negotiation/state.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';
import { after, camera, freshNegotiation, lending, request } from '../fresh-negotiation.ts';
import { member, RATE_BPS, viewOf } from '../members.ts';

const relay = lending(freshNegotiation(viewOf(member('R'), member('C'), member('D'))), RATE_BPS);
const asking = (context: Context, agreement: string) =>
  consider(context, { request: request('C', 1, [camera(['D'])], agreement) });
const notes = ({ commands = [] }: Outcome) =>
  commands.flatMap((command) => (command.do === 'note' ? [command.entry] : []));

const ofClient = { type: 'agreement.changed', role: 'relay', peer: 'C' } as const;
const legs = [{ stream: 'camera', receiver: 'D', slices: ALL_SLICES }];

test('of one that begins: what is forwarded to whom', (t) => {
  t.deepEqual(notes(asking(relay, 'C.1.1')), [{ ...ofClient, agreement: 'C.1.1', state: 'active', legs }]);
});

test('of one that is over: why', (t) => {
  const context = after(relay, asking(relay, 'C.1.1'));
  const over = dropAgreement(context, { client: 'C', agreement: 'C.1.1', reason: 'lease.expired' });
  t.deepEqual(notes(over), [{ ...ofClient, agreement: 'C.1.1', state: 'ended', legs: [], reason: 'lease.expired' }]);
});

test('of one that its client has put another in the place of: both', (t) => {
  const context = after(relay, asking(relay, 'C.1.1'));
  t.deepEqual(notes(asking(context, 'C.1.2')), [
    { ...ofClient, agreement: 'C.1.1', state: 'ended', legs: [], reason: 'client.done' },
    { ...ofClient, agreement: 'C.1.2', state: 'active', legs },
  ]);
});
