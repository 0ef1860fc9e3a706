/** A peer's life and its routes: what every event does in every state, whenever it comes. */
import test from 'ava';
import { STAYS, type Table, tableOf } from './tables.ts';
import { FORWARDING, PEER } from './terrains.ts';

/** What the root only passes on to one of its machines. */
const PASSED_ON = {
  'bus.message': STAYS,
  'bus.profiles': STAYS,
  'bus.chat': STAYS,
  'member.unheard': STAYS,
  'bus.connected': STAYS,
  'bus.disconnected': STAYS,
  'claim.free': STAYS,
  'claim.taken': STAYS,
  'media.alive': STAYS,
  'media.silent': STAYS,
  'relay.confirmed': STAYS,
  'relay.silent': STAYS,
  'legs.withheld': STAYS,
  'media.forged': STAYS,
  'legs.lost': STAYS,
  'video.waits': STAYS,
  'candidates.own': STAYS,
  'pair.opened': STAYS,
  'pair.late': STAYS,
  'pair.cut': STAYS,
  'pairs.reached': STAYS,
  'slices.missing': STAYS,
  'keys.tell': STAYS,
  'keys.ask': STAYS,
  'digests.tell': STAYS,
  'digests.ask': STAYS,
  'view.changed': STAYS,
  'members.rerouted': STAYS,
  'routes.own[]': STAYS,
  'routes.relayed': STAYS,
  'routes.settled': STAYS,
  announce: STAYS,
  'profile.changed': STAYS,
};

/** What ends it at any time: a room that turns out to be full, and another process of its id. */
const ANY_TIME = { ...PASSED_ON, 'signaling.refused': 'refused', 'bus.replaced': 'replaced' };

const PEER_TABLE: Table = {
  joining: { ...ANY_TIME, 'signaling.joined': 'joined', 'peer.leave': 'parting' },
  joined: { ...ANY_TIME, 'chat.say': STAYS, 'peer.leave': 'leaving' },
  parting: { ...ANY_TIME, 'signaling.left': 'left' },
  leaving: { ...ANY_TIME, 'negotiation.vacated': 'parting', 'after leaveDeadline': 'parting' },
};

const FORWARDING_TABLE: Table = {
  steady: {
    'view.changed': STAYS,
    'routes.own[[null],[null]]': STAYS,
    'routes.own[[null],["B"]]': STAYS,
    'routes.relayed': STAYS,
    'relay.confirmed': STAYS,
    'relay.silent': STAYS,
    'legs.lost': STAYS,
    'video.waits': STAYS,
  },
  overlapping: {
    'view.changed': STAYS,
    'routes.own[[null],[null]]': 'steady',
    'routes.own[[null],["B"]]': STAYS,
    'routes.relayed': STAYS,
    'relay.confirmed': 'steady',
    'relay.silent': 'steady',
    'legs.lost': STAYS,
    'video.waits': STAYS,
    'after overlap': 'steady',
  },
};

test('peer: every event in every state', (t) => {
  t.deepEqual(tableOf(PEER), PEER_TABLE);
});

test('forwarding: every event in every state', (t) => {
  t.deepEqual(tableOf(FORWARDING), FORWARDING_TABLE);
});
