/** A change of this machine's network is noticed within a quarter of a second, and nothing else is. */
import test from 'ava';
import { InterfaceWatch, type NetworkChange } from '../../actors/reach/addresses/interface-watch.ts';
import type { InterfaceAddress } from '../../infra/network/interfaces.ts';
import { VirtualClock } from '../actors/virtual-clock.ts';

/** A watch over addresses that the test sets. */
function watching(...hosts: readonly string[]) {
  return watchingFrom(undefined, hosts);
}

/** @param known as they were read before */
function watchingFrom(known: readonly InterfaceAddress[] | undefined, hosts: readonly string[]) {
  const clock = new VirtualClock();
  const seen: { readonly atMs: number; readonly hosts: string; readonly change: NetworkChange }[] = [];
  const machine = { hosts: [...hosts], flags: '', reads: 0, sleptMs: 0 };
  const watch = new InterfaceWatch({
    ...(known === undefined ? {} : { addresses: known }),
    clock,
    wallMs: () => clock.now() + machine.sleptMs,
    mark: () => machine.hosts.join() + machine.flags,
    read: () => {
      machine.reads += 1;
      return machine.hosts.map((host): InterfaceAddress => ({ host, scope: 'private' }));
    },
    onChange: (addresses, change) =>
      seen.push({ atMs: clock.now(), hosts: addresses.map(({ host }) => host).join(), change }),
  });
  return { clock, seen, machine, watch };
}

test('another address is told within 250 ms, once', (t) => {
  const { clock, seen, machine, watch } = watching('10.0.0.2');
  clock.advance(1010);
  machine.hosts = ['10.9.9.2'];
  clock.advance(250);
  t.deepEqual(seen, [{ atMs: 1250, hosts: '10.9.9.2', change: 'addresses' }]);
  t.deepEqual(watch.addresses, [{ host: '10.9.9.2', scope: 'private' }]);
  clock.advance(5000);
  t.is(seen.length, 1);
});

test('what was read at the start is not read again before it changes', (t) => {
  const known: InterfaceAddress[] = [{ host: '10.0.0.2', scope: 'private' }];
  const { clock, seen, machine, watch } = watchingFrom(known, ['10.0.0.2']);
  clock.advance(1000);
  t.deepEqual([watch.addresses, machine.reads, seen], [known, 0, []]);
  machine.hosts = ['10.9.9.2'];
  clock.advance(250);
  t.is(machine.reads, 1);
  t.is(seen.length, 1);
});

test('an address more or less is a change, another order is none', (t) => {
  const { clock, seen, machine } = watching('10.0.0.2', '10.0.0.3');
  for (const hosts of [['10.0.0.3', '10.0.0.2'], ['10.0.0.3'], ['10.0.0.3', '10.0.0.4'], []]) {
    machine.hosts = hosts;
    clock.advance(250);
  }
  t.deepEqual(
    seen.map(({ hosts }) => hosts),
    ['10.0.0.3', '10.0.0.3,10.0.0.4', ''],
  );
});

test('addresses are read in full only when their mark is another', (t) => {
  const { clock, seen, machine } = watching('10.0.0.2');
  clock.advance(10_000);
  t.is(machine.reads, 1);
  machine.flags = 'a lifetime ended';
  clock.advance(10_000);
  t.is(machine.reads, 2);
  t.deepEqual(seen, []);
});

test('a machine that slept is told as woken, whether its monotonic clock went on or not', (t) => {
  const { clock, seen, machine } = watching('10.0.0.2');
  clock.advance(1000);
  machine.sleptMs = 3000;
  clock.advance(250);
  t.deepEqual(seen, [{ atMs: 1250, hosts: '10.0.0.2', change: 'woken' }]);
  clock.stall(60_000);
  clock.advance(250);
  t.is(seen.length, 2);
  clock.advance(10_000);
  t.is(seen.length, 2, 'once each');
});

test('a machine that wakes in another network tells its new addresses', (t) => {
  const { clock, seen, machine } = watching('10.0.0.2');
  machine.sleptMs = 3_600_000;
  machine.hosts = ['10.9.9.2'];
  clock.advance(250);
  t.deepEqual(seen, [{ atMs: 250, hosts: '10.9.9.2', change: 'addresses' }]);
});

test('a look that is a second late, and a clock set back, are no sleep', (t) => {
  const { clock, seen, machine } = watching('10.0.0.2');
  clock.advance(1000);
  clock.stall(1200);
  clock.advance(250);
  machine.sleptMs = -86_400_000;
  clock.advance(1000);
  t.deepEqual(seen, []);
});

test('a watch that is closed looks no more', (t) => {
  const { clock, seen, machine, watch } = watching('10.0.0.2');
  watch.close();
  machine.hosts = ['10.9.9.2'];
  clock.advance(1000);
  t.deepEqual(seen, []);
});
