/** A simulated router does what RFC 4787 says of its kind: the mapping, the filter, and how both are forgotten. */
import test from 'ava';
import { Internet } from './internet.ts';
import { Router } from './router.ts';

const inside = { host: '192.168.0.2', port: 5000 };
const [one, two] = [
  { host: '203.0.113.1', port: 1 },
  { host: '203.0.113.2', port: 1 },
];
const router = (nat: 'cone' | 'symmetric') => new Router({ router: 'r', nat }, '198.51.100.1');

test('a cone has one port for all, a symmetric router another for each', (t) => {
  const cone = router('cone');
  t.deepEqual(cone.out(inside, one, 0), cone.out(inside, two, 0));
  const symmetric = router('symmetric');
  t.notDeepEqual(symmetric.out(inside, one, 0), symmetric.out(inside, two, 0));
  t.deepEqual(symmetric.out(inside, one, 0), symmetric.out(inside, one, 10));
});

test('it lets in what comes from where something has gone to, port included', (t) => {
  const cone = router('cone');
  const { port } = cone.out(inside, one, 0);
  t.true(cone.letsIn(port, one, 1));
  t.false(cone.letsIn(port, { ...one, port: 2 }, 1));
  t.false(cone.letsIn(port, two, 1));
});

test('it forgets without packets that go out, and all of it when it starts anew', (t) => {
  const cone = router('cone');
  const first = cone.out(inside, one, 0);
  t.false(cone.letsIn(first.port, one, 15_000));
  const second = cone.out(inside, one, 20_000);
  t.not(second.port, first.port);
  cone.rebind();
  t.false(cone.letsIn(second.port, one, 20_001));
  t.notDeepEqual(cone.out(inside, one, 20_002), second);
});

test('nothing comes back from a router to its own inside, and strangers are told from those who have moved', (t) => {
  const internet = new Internet<string>();
  const [home, open] = [internet.siteAt({ router: 'r', nat: 'cone' }, 1), internet.siteAt('open', 2)];
  internet.enter(home, 'home');
  internet.enter(open, 'open');
  const passage = internet.send(home, open.address, 0);
  t.true(typeof passage === 'object' && passage.to === 'open' && passage.from.host === '198.51.100.1');
  const seenAs = typeof passage === 'object' ? passage.from : home.address;
  t.is(internet.send(home, seenAs, 1), 'lost');
  const back = internet.send(open, seenAs, 1);
  t.true(typeof back === 'object' && back.to === 'home' && back.arrives(1) && !back.arrives(15_001));
  internet.leave(open);
  t.is(internet.send(home, open.address, 2), 'lost');
  t.is(internet.send(home, { host: '192.0.2.1', port: 1 }, 2), 'strange');
});
