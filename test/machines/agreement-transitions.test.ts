/** Agreements: what every event does in every state, whenever it comes. */
import test from 'ava';
import { STAYS, type Table, tableOf } from './tables.ts';
import { CLIENT_AGREEMENT, RELAY_AGREEMENT } from './terrains.ts';

const CLIENT_AGREEMENT_TABLE: Table = {
  'requesting.asking': {
    terms: STAYS,
    'relay.offer of revision 1': 'inForce.confirming',
    'relay.reject of revision 1: capacity.exhausted': 'over',
    'relay.release with notice': 'over',
    'relay.release now': 'over',
    end: 'ended',
    'after requestTimeout': 'over',
    'after requestRetry': STAYS,
  },
  'inForce.confirming': {
    terms: 'inForce.amending.asking',
    'relay.reject of revision 1: capacity.exhausted': 'inForce.steady',
    'relay.reject of revision 2: agreement.unknown': 'over',
    'relay.release with notice': STAYS,
    'relay.release now': 'over',
    'relay.confirmed': 'inForce.steady',
    'relay.silent': 'over',
    end: 'ended',
    'after acceptRetry': STAYS,
  },
  'inForce.amending.asking': {
    terms: STAYS,
    'relay.offer of revision 2': 'inForce.steady',
    'relay.reject of revision 2: agreement.unknown': 'over',
    'relay.release with notice': STAYS,
    'relay.release now': 'over',
    'relay.silent': 'over',
    end: 'ended',
    'after requestTimeout': 'inForce.steady',
    'after requestRetry': STAYS,
  },
  'inForce.steady': {
    terms: 'inForce.amending.asking',
    'relay.reject of revision 1: capacity.exhausted': STAYS,
    'relay.reject of revision 2: agreement.unknown': 'over',
    'relay.release with notice': STAYS,
    'relay.release now': 'over',
    'relay.silent': 'over',
    end: 'ended',
    'after leaseRenewal': STAYS,
  },
};

const RELAY_AGREEMENT_TABLE: Table = {
  offered: {
    offered: STAYS,
    'accepted of an amendment': 'held + none',
    'accepted as before': 'held + none',
    notice: 'noticed',
    end: 'over',
    'after offerHold': 'over',
  },
  'held + none': {
    offered: 'held + offered',
    'accepted of an amendment': STAYS,
    'accepted as before': STAYS,
    notice: 'noticed',
    end: 'over',
    'after lease': 'expired + none',
  },
  noticed: { offered: 'held + offered', end: 'over', 'after notice': 'over' },
  'held + offered': {
    offered: STAYS,
    'accepted of an amendment': 'held + none',
    'accepted as before': STAYS,
    notice: 'noticed',
    end: 'over',
    'after lease': 'expired + offered',
    'after offerHold': 'held + none',
  },
  'expired + none': {
    offered: 'expired + offered',
    'accepted of an amendment': 'held + none',
    'accepted as before': 'held + none',
    proven: 'proven + none',
    notice: 'noticed',
    end: 'over',
  },
  'expired + offered': {
    offered: STAYS,
    'accepted of an amendment': 'held + none',
    'accepted as before': 'held + offered',
    proven: 'proven + offered',
    notice: 'noticed',
    end: 'over',
    'after offerHold': 'expired + none',
  },
  'proven + none': {
    offered: 'proven + offered',
    'accepted of an amendment': 'held + none',
    'accepted as before': 'held + none',
    notice: 'noticed',
    end: 'over',
    'after leaseRenewal': 'expired + none',
  },
  'proven + offered': {
    offered: STAYS,
    'accepted of an amendment': 'held + none',
    'accepted as before': 'held + offered',
    notice: 'noticed',
    end: 'over',
    'after offerHold': 'proven + none',
    'after leaseRenewal': 'expired + offered',
  },
};

test('client agreement: every event in every state', (t) => {
  t.deepEqual(tableOf(CLIENT_AGREEMENT), CLIENT_AGREEMENT_TABLE);
});

test('relay agreement: every event in every state', (t) => {
  t.deepEqual(tableOf(RELAY_AGREEMENT), RELAY_AGREEMENT_TABLE);
});
