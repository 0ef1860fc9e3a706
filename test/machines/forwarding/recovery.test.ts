import test from 'ava';
import fc from 'fast-check';
import type { Paths, Via } from '../../../machines/forwarding/paths.ts';
import { recover, swallowedBy, withoutPeer } from '../../../machines/forwarding/recovery.ts';
import { ALL_SLICES } from '../../../machines/slices.ts';

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
  const streams = new Map([
    ['camera', paths],
    ['voice', new Map([['D', through('R')]])],
    ['screen', new Map([['D', through('R')]])],
  ]);
  const acknowledged = (stream: string) => ({ camera: 77, voice: 5 })[stream];
  t.deepEqual(swallowedBy('R', streams, acknowledged), [
    { stream: 'camera', receiver: 'R', slices: ALL_SLICES, afterSequence: 77, isRelay: true },
    { stream: 'camera', receiver: 'B', slices: ALL_SLICES, afterSequence: 77 },
    { stream: 'camera', receiver: 'C', slices: 0x00ff, afterSequence: 77 },
    { stream: 'voice', receiver: 'D', slices: ALL_SLICES, afterSequence: 5 },
  ]);
  t.deepEqual(
    withoutPeer(streams, 'R').get('camera'),
    new Map([
      ['B', new Map()],
      ['C', through('S', 0xff00)],
      ['D', direct],
    ]),
  );
  t.deepEqual(withoutPeer(streams, 'D').get('voice'), new Map());
});

test('what was swallowed is sent again to the first hop of the new way, from the oldest loss on', (t) => {
  const swallowed = [
    { stream: 'camera', receiver: 'B', slices: ALL_SLICES, afterSequence: 77 },
    { stream: 'camera', receiver: 'C', slices: 0x00ff, afterSequence: 70 },
    { stream: 'camera', receiver: 'D', slices: 0x00f0, afterSequence: 90 },
    { stream: 'voice', receiver: 'B', slices: ALL_SLICES, afterSequence: 3 },
  ];
  const paths: Paths = new Map([
    ['B', through('S')],
    ['C', through('S')],
    ['D', direct],
  ]);
  const streams = new Map([
    ['camera', paths],
    ['voice', paths],
  ]);
  t.deepEqual(recover(swallowed, streams), {
    resends: [
      { stream: 'camera', hop: 'S', slices: ALL_SLICES, afterSequence: 70, isAhead: true },
      { stream: 'camera', hop: 'D', slices: 0x00f0, afterSequence: 90, isAhead: true },
      { stream: 'voice', hop: 'S', slices: ALL_SLICES, afterSequence: 3, isAhead: true },
    ],
    rest: [],
  });
});

test('what has no way yet waits for one', (t) => {
  const lost = { stream: 'camera', receiver: 'B', slices: ALL_SLICES, afterSequence: 7 };
  const half: Paths = new Map([['B', through('S', 0x00ff)]]);
  t.deepEqual(recover([lost], new Map([['camera', half]])).rest, [{ ...lost, slices: 0xff00 }]);
  t.deepEqual(recover([lost], new Map([['voice', half]])).rest, [lost], 'the way of another stream is none');
  t.deepEqual(recover([lost], new Map()).rest, [lost]);
});

test('what went through a relay that had not granted it is sent again where it does not, and not where it does', (t) => {
  const lost = { stream: 'camera', receiver: 'B', slices: ALL_SLICES, afterSequence: 7 };
  const asked = new Map([['camera', new Map([['B', through('S')]])]]);
  const first = recover([lost], asked, new Set(['S']));
  t.deepEqual(first.resends, [{ stream: 'camera', hop: 'S', slices: ALL_SLICES, afterSequence: 7, isAhead: true }]);
  t.deepEqual(first.rest, [{ ...lost, presuming: 'S' }]);
  const unanswered = recover(first.rest, asked, new Set(['S']));
  t.deepEqual(unanswered, { resends: [], rest: first.rest });
  const inPart: Paths = new Map([
    [
      'B',
      new Map<Via, number>([
        ['S', 0x00ff],
        [null, 0xff00],
      ]),
    ],
  ]);
  t.deepEqual(recover(unanswered.rest, new Map([['camera', inPart]])), {
    resends: [{ stream: 'camera', hop: 'B', slices: 0xff00, afterSequence: 7, isAhead: true }],
    rest: [],
  });
  t.deepEqual(recover(unanswered.rest, asked), { resends: [], rest: [] });
});

test('a relay that has stood still gets its own copy directly, after what is new, or asks whoever relays to it', (t) => {
  const own = { stream: 'camera', receiver: 'R', slices: ALL_SLICES, afterSequence: 7, isRelay: true } as const;
  const behind = { stream: 'camera', receiver: 'B', slices: ALL_SLICES, afterSequence: 90 };
  const nothing = { resends: [], rest: [] };
  const streams = (...ways: readonly (readonly [string, ReadonlyMap<Via, number>])[]) =>
    new Map([['camera', new Map(ways)]]);
  const again = { stream: 'camera', hop: 'R', slices: ALL_SLICES, afterSequence: 7, isAhead: false };
  t.deepEqual(recover([own], streams(['R', direct])), { ...nothing, resends: [again] });
  t.deepEqual(recover([own], streams(['R', through('S')])), nothing);
  const both = streams(['R', direct], ['B', through('R')]);
  for (const lost of [
    [own, behind],
    [behind, own],
  ])
    t.deepEqual(recover(lost, both), { ...nothing, resends: [{ ...again, isAhead: true }] });
});

const isVoice = ({ stream }: { readonly stream: string }) => stream === 'voice';

test('every slice that was swallowed is either sent again or still waits', (t) => {
  const peer = fc.constantFrom('A', 'B', 'C', 'D');
  const mask = fc.integer({ min: 1, max: ALL_SLICES });
  const stream = fc.constantFrom('camera', 'voice');
  const lost = fc.record({ stream, receiver: peer, slices: mask, afterSequence: fc.nat(1000) });
  const ways = fc.dictionary(peer, fc.record({ via: fc.option(peer), slices: mask }));
  const property = fc.property(fc.array(lost), ways, (swallowed, choices) => {
    const paths: Paths = new Map(
      Object.entries(choices).map(([id, { via, slices }]) => [id, new Map([[via, slices]])]),
    );
    const { resends, rest } = recover(swallowed, new Map([['camera', paths]]));
    t.true(rest.filter(({ stream }) => stream === 'voice').length === swallowed.filter(isVoice).length);
    for (const { receiver, slices, afterSequence } of swallowed.filter((lost) => !isVoice(lost))) {
      const [via, mask] = [...(paths.get(receiver) ?? [])][0] ?? [null, 0];
      const resend = resends.find(({ hop }) => hop === (via ?? receiver));
      const waits = rest.find((one) => !isVoice(one) && one.receiver === receiver && one.slices === (slices & ~mask));
      const again = slices & mask;
      if (again !== 0)
        t.true(resend !== undefined && (resend.slices & again) === again && resend.afterSequence <= afterSequence);
      t.is(waits !== undefined, again !== slices);
    }
  });
  t.notThrows(() => fc.assert(property, { seed: 1, numRuns: 1000 }));
});

test('what a relay withholds waits for a way that does not lead through it', (t) => {
  const lost = { stream: 'camera', receiver: 'C', slices: ALL_SLICES, afterSequence: 5, avoiding: 'R' };
  const through = (relay: string) => new Map([['camera', new Map([['C', new Map([[relay, ALL_SLICES]])]])]]);
  t.deepEqual(recover([lost], through('R')), { resends: [], rest: [lost] });
  const { resends, rest } = recover([lost], through('S'));
  t.deepEqual(
    resends.map(({ hop, afterSequence }) => [hop, afterSequence]),
    [['S', 5]],
  );
  t.deepEqual(rest, []);
});
