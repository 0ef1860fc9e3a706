/** Whoever names strangers' addresses has the room send them a few checks a second, and never media. */
import test from 'ava';
import { drawn } from '../../extent.ts';
import { drawScript } from '../script/draw.ts';
import { simulate } from '../simulation.ts';
import { StrangerWatch } from './strangers.ts';

test('of three that forge addresses strangers get no more than 20 checks a second', (t) => {
  const script = drawScript({ seed: 1, preset: 'calm', peers: drawn(6, 8), seconds: drawn(12, 20) });
  const babbles = drawn(['p02', 'p04', 'p06'], ['p02', 'p05', 'p08']).map(
    (peer) => ({ at: 4000, do: 'babble', peer, forMs: 4000 }) as const,
  );
  const { violations } = simulate({ ...script, faults: [...script.faults, ...babbles] });
  t.deepEqual(violations, []);
});

test('media to an address where no member has ever been is a fault, and so is a flood of checks', (t) => {
  const watch = new StrangerWatch();
  const stranger = { host: '192.0.2.1', port: 443 };
  t.regex(watch.sent('media', 'A', stranger, 0) ?? '', /^A sends media to 192\.0\.2\.1:443/);
  const said = Array.from({ length: 21 }, (_, index) => watch.sent('stun', 'A', stranger, index * 40));
  t.deepEqual(
    said.map((text) => text !== undefined),
    [...Array.from({ length: 20 }, () => false), true],
  );
  t.is(watch.sent('stun', 'A', stranger, 5000), undefined);
});
