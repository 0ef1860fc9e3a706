/** Sessions and membership: what every event does in every state, whenever it comes. */
import test from 'ava';
import { type AnyMachineSnapshot, transition } from 'xstate';
import { getStateNodes } from 'xstate/graph';
import { STAYS, type Table, tableOf } from '../tables.ts';
import { SESSION, SIGNALING } from '../terrains.ts';
import { reach } from '../walk.ts';

const SESSION_TABLE: Table = {
  'coming + sure': {
    described: 'known + sure',
    contested: 'coming + doubted',
    'after inviteRetry': 'asking + sure',
  },
  'known + sure': {
    described: STAYS,
    lacks: 'asking + sure',
    contested: 'known + doubted',
  },
  'coming + doubted': {
    described: 'known + doubted',
    upheld: 'coming + sure',
    'after inviteRetry': 'asking + doubted',
    'after contestPatience': 'coming + disputed',
  },
  'asking + sure': {
    described: 'known + sure',
    contested: 'asking + doubted',
    'after inviteRetry': STAYS,
  },
  'known + doubted': {
    described: STAYS,
    lacks: 'asking + doubted',
    upheld: 'known + sure',
    'after contestPatience': 'known + disputed',
  },
  'asking + doubted': {
    described: 'known + doubted',
    upheld: 'asking + sure',
    'after inviteRetry': STAYS,
    'after contestPatience': 'asking + disputed',
  },
  'coming + disputed': {
    described: 'known + disputed',
    upheld: 'coming + sure',
    contested: 'coming + sure',
    'after inviteRetry': 'asking + disputed',
    'after contestPatience': 'coming + sure',
  },
  'known + disputed': {
    described: STAYS,
    lacks: 'asking + disputed',
    upheld: 'known + sure',
    contested: 'known + sure',
    'after contestPatience': 'known + sure',
  },
  'asking + disputed': {
    described: 'known + disputed',
    upheld: 'asking + sure',
    contested: 'asking + sure',
    'after inviteRetry': STAYS,
    'after contestPatience': 'asking + sure',
  },
};

/** Of each part of a peer that has joined, where events lead, whatever the other parts do; and to which end all of it comes. */
const SIGNALING_PARTS: Table = {
  'heartbeat.waiting': { 'bus.connected': 'returning' },
  'heartbeat.returning': { 'after returnPause': 'waiting' },
  'announcing.told': { announce: 'later', 'profile.changed': 'soon', 'self.changed': 'soon' },
  'announcing.later': {
    'profile.changed': 'soon',
    'self.changed': 'soon',
    leaving: 'told',
    'after profileLater': 'told',
  },
  'announcing.soon': { leaving: 'told', 'after profileSoon': 'told' },
  'answering.idle': { 'profile.wanted': 'open', message: 'open' },
  'answering.open': { 'after answerWindow': 'idle' },
  'age.newcomer': { 'after newcomer': 'settled', 'room.full': 'refused' },
  'age.settled': {},
  joined: { leave: 'left', 'bus.replaced': 'replaced' },
};

/** Each part's moves, found in every configuration that the machine can rest in; one that is not the same in all says so. */
function partsOf(): Table {
  const delays = getStateNodes(SIGNALING.machine.root).flatMap(({ after }) => after.map(({ eventType }) => eventType));
  const events = [...SIGNALING.events, ...delays.map((type) => ({ type }))];
  const parts = new Map([...Object.keys(SIGNALING_PARTS)].map((part) => [part, new Map<string, Set<string>>()]));
  for (const snapshot of reach(SIGNALING).values()) {
    const joined = joinedIn(snapshot);
    if (joined.size === 0) continue;
    for (const event of events) {
      const [next] = transition(SIGNALING.machine, snapshot, event);
      const label = event.type.replace(/^xstate\.after\.(\w+)\..*$/, 'after $1');
      for (const { part, to } of movesTo(joined, next)) {
        const row = parts.get(part) ?? new Map<string, Set<string>>();
        parts.set(part, row.set(label, (row.get(label) ?? new Set()).add(to)));
      }
    }
  }
  const rowOf = (row: ReadonlyMap<string, ReadonlySet<string>>) =>
    Object.fromEntries([...row].map(([event, to]) => [event, [...to].join(' or ')]));
  return Object.fromEntries([...parts].map(([part, row]) => [part, rowOf(row)]));
}

function movesTo(joined: ReadonlyMap<string, string>, next: AnyMachineSnapshot) {
  if (next.matches('refused')) return [{ part: `age.${joined.get('age')}`, to: 'refused' }];
  if (next.status !== 'active') return [{ part: 'joined', to: String(next.value) }];
  const after = joinedIn(next);
  return [...joined].flatMap(([part, state]) => {
    const to = after.get(part) ?? '';
    return to === state ? [] : [{ part: `${part}.${state}`, to }];
  });
}

/** The state of each part of a peer that has joined. */
function joinedIn({ value }: AnyMachineSnapshot): ReadonlyMap<string, string> {
  return new Map(Object.entries(value?.joined ?? {}).map(([part, state]) => [part, String(state)]));
}

test('session: every event in every state', (t) => {
  t.deepEqual(tableOf(SESSION), SESSION_TABLE);
});

test('signaling: a claim is granted, refused or given up', (t) => {
  const { claiming = {} } = tableOf(SIGNALING);
  const leads = Object.entries(claiming).filter(([, to]) => to !== STAYS);
  const joined = 'waiting + told + idle + newcomer';
  t.deepEqual(Object.fromEntries(leads), {
    'claim.free': joined,
    'claim.taken': 'refused',
    'bus.replaced': 'replaced',
    leave: 'left',
    'after claimTimeout': joined,
  });
});

test('signaling: every event in every state of each part', (t) => {
  t.deepEqual(partsOf(), SIGNALING_PARTS);
});
