/** Of whom no packets of a member are taken any more, and what is said of whoever brings others. */
import test from 'ava';
import { HopFaults } from '../../../machines/digests/hop-faults.ts';

const BROUGHT = { owner: 'A', stream: 'camera', via: 'R' };
const DIRECTLY = { ...BROUGHT, via: 'A' };

test('one forged packet is enough: nothing of that owner is taken from there, and all of others', (t) => {
  const faults = new HopFaults();
  t.deepEqual(faults.faulty(BROUGHT, 'forged', 0), [{ ...BROUGHT, fault: 'forged' }]);
  t.true(faults.isRefused('A', 'R'));
  t.false(faults.isRefused('B', 'R'));
  t.false(faults.isRefused('A', 'Q'));
  t.deepEqual(faults.forgeries, [{ owner: 'A', via: 'R', packets: 1 }]);
});

test('what comes as from the owner itself is said, and taken nevertheless: there is no other way', (t) => {
  const faults = new HopFaults();
  t.is(faults.faulty(DIRECTLY, 'forged', 0).length, 1);
  t.false(faults.isRefused('A', 'A'));
});

test('the same is said every ten seconds at most', (t) => {
  const faults = new HopFaults();
  const said = Array.from({ length: 300 }, (_, each) => faults.faulty(DIRECTLY, 'forged', 100 * each).length);
  t.is(
    said.reduce((sum, each) => sum + each, 0),
    3,
  );
});

test('packets that no key opens are many before they are a fault, and nobody is refused for them: others may have sent them', (t) => {
  const faults = new HopFaults();
  const said = Array.from({ length: 17 }, () => faults.faulty(BROUGHT, 'broken', 0).length);
  t.is(said.indexOf(1), 16);
  t.false(faults.isRefused('A', 'R'));
  const seldom = Array.from(
    { length: 40 },
    (_, each) => faults.faulty({ ...BROUGHT, via: 'Q' }, 'broken', 300 * each).length,
  );
  t.deepEqual(new Set(seldom), new Set([0]));
});

test('packets of which nothing is known are a fault after some seconds without one that is genuine', (t) => {
  const faults = new HopFaults();
  faults.genuine(BROUGHT, 0);
  const said: number[] = [];
  for (let nowMs = 20; nowMs < 5000; nowMs += 20)
    if (faults.faulty(BROUGHT, 'unchecked', nowMs).length > 0) said.push(nowMs);
  t.deepEqual(said, [3000]);
  const mended = new HopFaults();
  for (let nowMs = 20; nowMs < 9000; nowMs += 20) {
    if (nowMs % 2000 === 0) mended.genuine(BROUGHT, nowMs);
    t.deepEqual(mended.faulty(BROUGHT, 'unchecked', nowMs), []);
  }
});

test('all is forgotten with the owner, or its process', (t) => {
  const faults = new HopFaults();
  faults.faulty(BROUGHT, 'forged', 0);
  faults.keepOnly(new Set(['A', 'R']));
  t.true(faults.isRefused('A', 'R'));
  faults.forget('A');
  t.false(faults.isRefused('A', 'R'));
  faults.faulty(BROUGHT, 'forged', 0);
  faults.keepOnly(new Set(['R']));
  t.deepEqual(faults.forgeries, []);
});
