/** Sessions and membership: what every event does in every state, whenever it comes. */
import test from 'ava';
import { STAYS, type Table, tableOf } from './tables.ts';
import { SESSION, SIGNALING } from './terrains.ts';

const SESSION_TABLE: Table = {
  inviting: {
    established: 'established',
    heard: STAYS,
    unheard: STAYS,
    end: 'ended',
    'after inviteRetry': STAYS,
  },
  established: {
    established: STAYS,
    heard: STAYS,
    unheard: STAYS,
    end: 'ended',
  },
};

const SIGNALING_TABLE: Table = {
  claiming: {
    'claim.free': 'waiting + told',
    'claim.taken': 'refused',
    'media.alive': STAYS,
    'media.silent': STAYS,
    'bus.connected': STAYS,
    'bus.disconnected': STAYS,
    'profile.changed': STAYS,
    announce: STAYS,
    leave: 'left',
    'after claimTimeout': 'waiting + told',
  },
  'waiting + told': {
    message: STAYS,
    reroutings: STAYS,
    'session.invites': STAYS,
    'media.alive': STAYS,
    'media.silent': STAYS,
    'bus.connected': STAYS,
    'bus.disconnected': STAYS,
    'profile.changed': 'waiting + changed',
    announce: 'waiting + changed',
    leaving: STAYS,
    leave: 'left',
    'after presenceInterval': STAYS,
  },
  'waiting + changed': {
    message: STAYS,
    reroutings: STAYS,
    'session.invites': STAYS,
    'media.alive': STAYS,
    'media.silent': STAYS,
    'bus.connected': STAYS,
    'bus.disconnected': STAYS,
    'profile.changed': STAYS,
    announce: STAYS,
    leaving: 'waiting + told',
    leave: 'left',
    'after presenceInterval': STAYS,
    'after presenceCoalesce': 'waiting + told',
  },
};

test('session: every event in every state', (t) => {
  t.deepEqual(tableOf(SESSION), SESSION_TABLE);
});

test('signaling: every event in every state', (t) => {
  t.deepEqual(tableOf(SIGNALING), SIGNALING_TABLE);
});
