import test from 'ava';
import fc from 'fast-check';
import { recover, swallowedBy, withoutPeer } from '../../machines/forwarding/recovery.ts';
import type { Paths, Via } from '../../machines/paths.ts';
import { ALL_SLICES } from '../../machines/slices.ts';

const direct = new Map<Via, number>([[null, ALL_SLICES]]);
const through = (relay: string, slices = ALL_SLICES) => new Map<Via, number>([[relay, slices]]);

test('a relay that dies swallows what went through it and its own copy', (t) => {
  const paths: Paths = new Map([
    ['R', direct],
    ['B', through('R')],
    [
      'C',
      new Map<Via, number>([
        ['R', 0x00ff],
        ['S', 0xff00],
      ]),
    ],
    ['D', direct],
  ]);
  t.deepEqual(swallowedBy('R', paths, 77), [
    { receiver: 'R', slices: ALL_SLICES, afterSequence: 77 },
    { receiver: 'B', slices: ALL_SLICES, afterSequence: 77 },
    { receiver: 'C', slices: 0x00ff, afterSequence: 77 },
  ]);
  t.deepEqual(
    withoutPeer(paths, 'R'),
    new Map([
      ['B', new Map()],
      ['C', through('S', 0xff00)],
      ['D', direct],
    ]),
  );
});

test('what was swallowed is sent again to the first hop of the new way, from the oldest loss on', (t) => {
  const swallowed = [
    { receiver: 'B', slices: ALL_SLICES, afterSequence: 77 },
    { receiver: 'C', slices: 0x00ff, afterSequence: 70 },
    { receiver: 'D', slices: 0x000f, afterSequence: 90 },
  ];
  const paths: Paths = new Map([
    ['B', through('S')],
    ['C', through('S')],
    ['D', direct],
  ]);
  t.deepEqual(recover(swallowed, paths), {
    resends: [
      { hop: 'S', slices: ALL_SLICES, afterSequence: 70 },
      { hop: 'D', slices: 0x000f, afterSequence: 90 },
    ],
    rest: [],
  });
});

test('what has no way yet waits for one', (t) => {
  const lost = { receiver: 'B', slices: ALL_SLICES, afterSequence: 7 };
  t.deepEqual(recover([lost], new Map([['B', through('S', 0x00ff)]])).rest, [{ ...lost, slices: 0xff00 }]);
  t.deepEqual(recover([lost], new Map()).rest, [lost]);
});

test('every slice that was swallowed is either sent again or still waits', (t) => {
  const peer = fc.constantFrom('A', 'B', 'C', 'D');
  const mask = fc.integer({ min: 1, max: ALL_SLICES });
  const lost = fc.record({ receiver: peer, slices: mask, afterSequence: fc.nat(1000) });
  const ways = fc.dictionary(peer, fc.record({ via: fc.option(peer), slices: mask }));
  const property = fc.property(fc.array(lost), ways, (swallowed, choices) => {
    const paths: Paths = new Map(
      Object.entries(choices).map(([id, { via, slices }]) => [id, new Map([[via, slices]])]),
    );
    const { resends, rest } = recover(swallowed, paths);
    for (const { receiver, slices, afterSequence } of swallowed) {
      const [via, mask] = [...(paths.get(receiver) ?? [])][0] ?? [null, 0];
      const resend = resends.find(({ hop }) => hop === (via ?? receiver));
      const waits = rest.find((one) => one.receiver === receiver && one.slices === (slices & ~mask));
      const again = slices & mask;
      if (again !== 0)
        t.true(resend !== undefined && (resend.slices & again) === again && resend.afterSequence <= afterSequence);
      t.is(waits !== undefined, again !== slices);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 1000 }));
});
