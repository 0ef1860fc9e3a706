/** Two routers that refuse each other are known as such before anything is lost on them. */
import test from 'ava';
import type { Nat } from '../../machines/messages.ts';
import { BOTH_FAMILIES } from '../../machines/pairs/contract.ts';
import { refuseEachOther } from '../../machines/pairs/nat.ts';
import { asMember, hostAt, Meeting, placeOf } from './meeting.ts';

const NATS: readonly Nat[] = ['none', 'unknown', 'cone', 'symmetric'];
const REFUSED = new Set(['symmetric symmetric', 'symmetric cone', 'cone symmetric']);
for (const ours of NATS) {
  for (const theirs of NATS) {
    const refused = REFUSED.has(`${ours} ${theirs}`);
    test(`${ours} and ${theirs} ${refused ? 'refuse each other' : 'may reach each other'}`, (t) => {
      t.is(refuseEachOther(ours, theirs), refused);
      const meeting = new Meeting();
      const a = meeting.comes('A').meets(asMember('B', 1, { nat: theirs }));
      a.do((pairing) => pairing.behind(ours, BOTH_FAMILIES));
      t.deepEqual(a.told, refused ? ['pair.cut B'] : []);
      t.is(a.pairing.statusOf('B')?.cut, refused ? 'nat' : null);
    });
  }
}

test('beside each other the routers in front of both are no matter', (t) => {
  const a = new Meeting().comes('A').meets(asMember('B', 1, { nat: 'symmetric', isBeside: true }));
  a.do((pairing) => pairing.behind('symmetric', BOTH_FAMILIES));
  t.deepEqual(a.told, []);
  t.is(a.stateOf('B'), 'idle');
});

test('a member whose nature becomes known later is cut then, once', (t) => {
  const a = new Meeting().comes('A').meets(asMember('B'));
  a.do((pairing) => pairing.behind('symmetric', BOTH_FAMILIES));
  t.deepEqual(a.told, []);
  a.meets(asMember('B', 1, { nat: 'cone' })).meets(asMember('B', 1, { nat: 'cone' }));
  t.deepEqual(a.told, ['pair.cut B']);
});

test('what is foretold is tried nevertheless, and is a way when it answers', (t) => {
  const meeting = new Meeting();
  const [a, b] = [meeting.comes('A', { epoch: 2 }), meeting.comes('B')];
  b.meets(a);
  a.meets(asMember('B', 1, { nat: 'cone' })).do((pairing) => pairing.behind('symmetric', BOTH_FAMILIES));
  a.isTold('B', 1, hostAt(placeOf(2)));
  meeting.run(100);
  t.deepEqual(a.told, ['pair.cut B', 'pair.opened B']);
  t.is(a.stateOf('B'), 'open');
});

test('a way that is open is not cut for what is told of routers', (t) => {
  const meeting = new Meeting();
  const [a, b] = [meeting.comes('A', { epoch: 2 }), meeting.comes('B')];
  b.meets(a);
  a.meets(b).isTold('B', 1, hostAt(placeOf(2)));
  meeting.run(100);
  a.do((pairing) => pairing.behind('symmetric', BOTH_FAMILIES)).meets(asMember('B', 1, { nat: 'symmetric' }));
  t.deepEqual(a.told, ['pair.opened B']);
});

test('one of another kind of address is cut at once, and it is said: of a peer by what it names, of a plain endpoint by its claim', (t) => {
  const onlyIpv6 = { host: '2001:db8::7', port: 5000 };
  for (const claim of [null, onlyIpv6]) {
    const a = new Meeting().comes('A');
    a.do((pairing) => pairing.behind('none', new Set(['ipv4'])));
    a.meets(asMember('B', 1, { claim }));
    if (claim === null) a.isTold('B', 1, hostAt(onlyIpv6));
    t.deepEqual(a.told, ['pair.cut B']);
    t.is(a.pairing.statusOf('B')?.cut, 'family');
  }
});
