/** Agreements: what every event does in every state, whenever it comes. */
import test from 'ava';
import { STAYS, type Table, tableOf } from './tables.ts';
import { CLIENT_AGREEMENT, RELAY_AGREEMENT } from './terrains.ts';

const CLIENT_AGREEMENT_TABLE: Table = {
  'requesting.asking': {
    terms: STAYS,
    'relay.offer of revision 1': 'inForce.steady',
    'relay.reject of revision 1: capacity.exhausted': 'over',
    'relay.release with notice': 'over',
    'relay.release now': 'over',
    end: 'ended',
    'after requestTimeout': 'over',
    'after requestRetry': STAYS,
  },
  'inForce.steady': {
    terms: 'inForce.amending.asking',
    'relay.reject of revision 1: capacity.exhausted': STAYS,
    'relay.release with notice': STAYS,
    'relay.release now': 'over',
    'relay.silent': 'over',
    end: 'ended',
  },
  'inForce.amending.asking': {
    terms: STAYS,
    'relay.offer of revision 2': 'inForce.steady',
    'relay.reject of revision 2: lending.off': 'inForce.steady',
    'relay.release with notice': STAYS,
    'relay.release now': 'over',
    'relay.silent': 'over',
    end: 'ended',
    'after requestTimeout': 'inForce.amending.unanswered',
    'after requestRetry': STAYS,
  },
  'inForce.amending.unanswered': {
    terms: 'inForce.amending.asking',
    'relay.offer of revision 2': 'inForce.steady',
    'relay.reject of revision 2: lending.off': 'inForce.steady',
    'relay.release with notice': STAYS,
    'relay.release now': 'over',
    'relay.silent': 'over',
    end: 'ended',
    'after requestTimeout': STAYS,
  },
};

const RELAY_AGREEMENT_TABLE: Table = {
  'inForce.unlisted': {
    granted: STAYS,
    'listed now': 'inForce.listed',
    'listed no more': STAYS,
    notice: 'noticed',
    end: 'over',
    'after lease': 'inForce.expired',
  },
  'inForce.listed': {
    granted: 'inForce.unlisted',
    'listed no more': 'inForce.unlisted',
    notice: 'noticed',
    end: 'over',
  },
  noticed: { granted: 'inForce.unlisted', end: 'over', 'after notice': 'over' },
  'inForce.expired': {
    granted: 'inForce.unlisted',
    'listed now': 'inForce.listed',
    'listed no more': 'inForce.unlisted',
    proven: 'inForce.unlisted',
    notice: 'noticed',
    end: 'over',
  },
};

test('client agreement: every event in every state', (t) => {
  t.deepEqual(tableOf(CLIENT_AGREEMENT), CLIENT_AGREEMENT_TABLE);
});

test('relay agreement: every event in every state', (t) => {
  t.deepEqual(tableOf(RELAY_AGREEMENT), RELAY_AGREEMENT_TABLE);
});
