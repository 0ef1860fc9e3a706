/** Members behind routers, that move, and whose routers start anew: everybody who can be reached over anybody is. */
import test from 'ava';
import { drawn } from '../extent.ts';
import type { Fault } from './script/script.ts';
import { PACKETS_PER_SECOND, WINDOW_MS } from './simulation.ts';
import { verdictOf } from './verdict/verdict.ts';
import type { Place } from './world/network/place.ts';
import { World } from './world/world.ts';

const MBIT = 1_000_000;
const cone = (router: string): Place => ({ router, nat: 'cone' });
const symmetric = (router: string): Place => ({ router, nat: 'symmetric' });
/** The room has settled by then, in ms. */
const TROUBLE_MS = 5000;

function played(places: Readonly<Record<string, Place>>, trouble: readonly Fault[] = []) {
  const camera = { name: 'camera', media: 'video' as const, minBps: 0.2 * MBIT, maxBps: MBIT, group: null, layer: 0 };
  const joins = Object.entries(places).map(([peer, place], index): Fault => {
    return {
      ...{ at: index * 100, do: 'join', peer, uploadBps: 20 * MBIT, lendBps: 20 * MBIT, compatible: true },
      ...{ streams: [camera], wants: 'all', downloadBps: null, place },
    };
  });
  const script = { seed: 1, preset: 'calm', seconds: 20, faults: [...joins, ...trouble] } as const;
  const world = new World({ script, packetsPerSecond: PACKETS_PER_SECOND, windowMs: WINDOW_MS });
  world.run();
  const { violations, delivered } = verdictOf(world);
  const cut = world.alive.flatMap(({ id, view }) => view?.members.get(id)?.cut.map((other) => `${id}${other}`) ?? []);
  world.end();
  return { violations, delivered, cut };
}

test('routers that keep a port for all meet over somebody who tells how they are seen', (t) => {
  t.deepEqual(played({ A: 'open', B: cone('b'), C: cone('c') }), { violations: [], delivered: 1, cut: [] });
});

test('routers that refuse each other are served over somebody whom both reach', (t) => {
  const { violations, delivered, cut } = played({ A: 'open', B: symmetric('b'), C: symmetric('c'), D: cone('d') });
  t.deepEqual({ violations, delivered }, { violations: [], delivered: 1 });
  t.deepEqual([...cut].sort(), ['BC', 'BD', 'CB', 'CD', 'DB', 'DC']);
});

test('two behind one router reach each other, whatever it does', (t) => {
  const { violations, cut } = played({ A: 'open', B: symmetric('home'), C: symmetric('home') });
  t.deepEqual({ violations, cut }, { violations: [], cut: [] });
});

test('who was a relay, and now sits where its clients cannot reach it, gets what they send over another', (t) => {
  const trouble = { at: TROUBLE_MS, do: 'move', peer: 'D', place: symmetric('d') } as const;
  const { violations } = played({ A: 'open', B: symmetric('b'), C: symmetric('c'), D: 'open' }, [trouble]);
  t.deepEqual(violations, []);
});

test('who moves is found again, wherever from and to', (t) => {
  const there: readonly Place[] = ['open', cone('x'), symmetric('y')];
  for (const from of there) {
    for (const to of there.slice(0, drawn(1, there.length))) {
      const place = typeof to === 'string' ? to : { ...to, router: `${to.router}2` };
      const trouble = { at: TROUBLE_MS, do: 'move', peer: 'B', place } as const;
      t.deepEqual(played({ A: 'open', B: from, C: cone('c') }, [trouble]).violations, []);
    }
  }
});

test('a router that starts anew is not taken for one that has another port for each', (t) => {
  const places = { A: 'open', B: cone('home'), C: cone('home'), D: cone('d') } as const;
  const { violations, cut } = played(places, [{ at: TROUBLE_MS, do: 'rebind', peer: 'B' }]);
  t.deepEqual({ violations, cut }, { violations: [], cut: [] });
});
