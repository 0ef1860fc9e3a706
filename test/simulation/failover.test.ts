/** A relay goes, and the bus or the next relay with it: what its client's receivers miss. */
import test from 'ava';
import { CLIENT, type Failover, failover, processOf } from './failover.ts';

/** Of the network's delays. */
const SEED = 1;
/** Noticed within 80 ms, two hops of 30 ms each, and those of the request; a packet comes each 10 ms. */
const SWITCH_MS = 180;
/** One packet may overtake the request that it follows. Whoever misses it asks for it, which is not simulated. */
const OVERTAKING = 1;
const STALL_MS = 1000;
const AWAY_MS = 60_000;
/** By when everybody has noticed, one after the other. */
const NOTICED_MS = 700;
/** By when what was missed while the bus was away has been told, and who is gone for good is known to be. */
const TOLD_MS = 6000;

const crash = ({ world, relay }: Failover) => {
  processOf(world, relay).end();
  return [relay];
};

/** The bus is away for everybody, and each notices when it notices. */
function loseBus({ world }: Failover): void {
  const { bus, clock } = world;
  for (const [index, { id }] of world.alive.entries()) {
    const restore = bus.cutOff(id);
    const notice = (connected: boolean) => world.alive.find((process) => process.id === id)?.bus.notice(connected);
    clock.setTimeout(() => notice(false), (NOTICED_MS * index) / world.alive.length);
    clock.setTimeout(() => {
      restore();
      notice(true);
    }, AWAY_MS);
  }
}

test('a relay that dies costs one switch, and no packet', (t) => {
  const { gapsMs, lost, violations } = failover(SEED, 3000, crash);
  t.true(Math.max(...gapsMs.values()) <= SWITCH_MS, JSON.stringify([...gapsMs]));
  t.deepEqual([[...lost], violations], [[], []]);
});

test('so does one that stands still for a second', (t) => {
  const { gapsMs, lost, violations } = failover(SEED, 3000, ({ world, relay }) => {
    processOf(world, relay).clock.stall(STALL_MS);
    return [relay];
  });
  t.true(Math.max(...gapsMs.values()) <= SWITCH_MS, JSON.stringify([...gapsMs]));
  t.deepEqual([[...lost], violations], [[], []]);
});

test('two that die together cost two switches at most, and what was sent through one that had no room for it comes again', (t) => {
  const { gapsMs, lost, violations } = failover(SEED, 3000, (room) => {
    const next = room.relay === 'A' ? 'B' : 'A';
    processOf(room.world, next).end();
    return [...crash(room), next];
  });
  t.true(Math.max(...gapsMs.values()) <= 2 * SWITCH_MS, JSON.stringify([...gapsMs]));
  t.true(Math.max(0, ...lost.values()) <= OVERTAKING, JSON.stringify([...lost]));
  t.deepEqual(violations, []);
});

test('a relay that forwards to all but one is left for that one as fast, and the others miss nothing', (t) => {
  const { gapsMs, lost, violations } = failover(SEED, 3000, ({ world, relay }) => {
    const { sending, table } = processOf(world, relay).transport;
    const [of] = table.relayed.filter(({ client }) => client === CLIENT);
    sending.withholdsFrom = of?.legs.at(-1)?.receiver ?? null;
    t.not(sending.withholdsFrom, null);
    return [];
  });
  t.true(Math.max(...gapsMs.values()) <= SWITCH_MS, JSON.stringify([...gapsMs]));
  t.is([...gapsMs.values()].filter((ms) => ms > 50).length, 1, JSON.stringify([...gapsMs]));
  t.deepEqual([[...lost], violations], [[], []]);
});

test('while the bus is away nobody is asked to reach the dead, and what lives on the media path stands, then and when it is back', (t) => {
  const told: string[] = [];
  const { gapsMs, lost, violations } = failover(
    SEED,
    AWAY_MS + TOLD_MS,
    (room) => {
      loseBus(room);
      told.length = 0;
      return crash(room);
    },
    (line) => told.push(line),
  );
  t.true(Math.max(...gapsMs.values()) <= SWITCH_MS, JSON.stringify([...gapsMs]));
  t.deepEqual([[...lost], violations], [[], []]);
  const asked = told.filter((line) => line.includes(' relay.request '));
  t.is(asked.length, 1, asked.join('\n'));
  t.deepEqual(
    told.filter((line) => line.includes('lease.expired')),
    [],
  );
  t.is(told.filter((line) => line.includes('member.left')).length, 4, 'in the end all know that it is gone');
});
