/** Rooms whose media is sealed, and in which relays make up packets: nothing of that is ever played, and nobody is locked out. */
import test from 'ava';
import { drawScript } from './script/draw.ts';
import type { Fault, Script } from './script/script.ts';
import { simulate } from './simulation.ts';

function sealedRoom(faultsOf: (peers: readonly string[]) => Fault[]): Script {
  const script = drawScript({ seed: 2, preset: 'calm', peers: 6, seconds: 20 });
  const peers = script.faults.flatMap((fault) => (fault.do === 'join' ? [fault.peer] : []));
  return { ...script, sealed: true, faults: [...script.faults, ...faultsOf(peers)] };
}

test('whoever comes, or starts anew, gets the keys that it lacks', (t) => {
  const restarts = ['p02', 'p04'].map((peer) => ({ at: 5000, do: 'restart', peer, forMs: 700 }) as const);
  const { violations, delivered } = simulate(sealedRoom(() => restarts));
  t.deepEqual(violations, []);
  t.is(delivered, 1);
});

test('what relays make up is not played, and costs no more than they could withhold', (t) => {
  const script = sealedRoom((peers) => peers.map((peer) => ({ at: 5000, do: 'forge', peer, forMs: 3000 })));
  t.deepEqual(simulate(script).violations, []);
});
