/** What a server, or a member that it lets write what it likes, does to a room by what it forges: nothing. */
import test from 'ava';
import { camerasJoin } from '../script/cameras.ts';
import type { Fault } from '../script/script.ts';
import { simulate } from '../simulation.ts';

const JOINS = camerasJoin({ A: 16, B: 16, C: 2 });

for (const signed of ['open', 'locked'] as const) {
  for (const by of ['server', 'B']) {
    test(`${by} forges, repeats, cuts and redirects messages in a room that is ${signed}`, (t) => {
      const faults: Fault[] = [...JOINS, { at: 500, do: 'intercept', by, forMs: 3000 }];
      const { violations, delivered } = simulate({
        ...{ seed: 1, preset: 'forgers', seconds: 6, sealed: true, signed, faults },
      });
      t.deepEqual(violations, []);
      t.true(delivered > 0.9, 'but for what links lose');
    });
  }
}

test('whoever starts anew under another key is heard by nobody until all say that it is right', (t) => {
  const rekeyed: Fault = { at: 1500, do: 'rekey', peer: 'B', forMs: 60_000 };
  const room = { seed: 1, preset: 'forgers', seconds: 6, sealed: true, signed: 'open' } as const;
  const { violations } = simulate({ ...room, faults: [...JOINS, rekeyed] });
  t.true(violations.length > 0, 'nobody has said so');
  t.true(violations.every((violation) => violation.includes('B')));
  t.deepEqual(simulate({ ...room, faults: [...JOINS, { ...rekeyed, forMs: 500 }] }).violations, []);
});
