import test from 'ava';
import { hasPage } from '../scenario.ts';
import { findingsOf } from './expectations.ts';
import { pair, run, SCENARIO, snapshot } from './made-up.ts';
import { type DecodedPicture, decodedBetween } from './pictures.ts';
import { judgementOf } from './verdict.ts';

const picture = (source: string, receiver: string, frames: number): DecodedPicture => ({
  ...{ source, stream: 'camera', receiver, frames },
});

/** A and B have pages, and what each decodes of the other in ten seconds. */
function watched(decoded: readonly DecodedPicture[] | null) {
  const inPage = (id: string) => ({
    ...({ id, uploadBps: 5e6, source: 'page', bitrate: { minBps: 1e6, maxBps: 1e6 } } as const),
  });
  const scenario = { ...SCENARIO, peers: [inPage('A'), inPage('B')], expect: [{ see: 'decoded' }] as const };
  return run({ scenario, seconds: 10, decoded });
}

test('what was decoded between two looks', (t) => {
  const before = [picture('A', 'B', 100), picture('B', 'A', 40)];
  const after = [picture('A', 'B', 130), picture('B', 'A', 12), picture('C', 'A', 5)];
  t.deepEqual(
    decodedBetween(before, after).map(({ frames }) => frames),
    [30, 12, 5],
  );
});

test('pictures move where every page decodes enough frames of everybody', (t) => {
  const [moving] = findingsOf(watched([picture('A', 'B', 200), picture('B', 'A', 50)]));
  t.deepEqual(moving, { met: true, text: '2 of 2 pictures move in the pages, at 5.0 frames a second or more' });
});

test('a picture that stands still, and one that is not there, fail the run', (t) => {
  for (const decoded of [[picture('A', 'B', 200), picture('B', 'A', 49)], [picture('A', 'B', 200)], [], null]) {
    const { verdict, findings } = judgementOf(watched(decoded));
    t.false(verdict.ok, findings[0]?.text);
  }
});

test('the frames stand with their pair, also where a layer carried them', (t) => {
  const streams = [{ stream: 'camera-large', group: 'camera', sent: 9, rateBps: 1e6 }];
  const pairs = [pair('A', 'B', { stream: 'camera-large' }), pair('B', 'A', { stream: 'voice' })];
  const judged = { ...watched([picture('A', 'B', 200)]), reports: [snapshot({ A: { streams }, B: {} })], pairs };
  t.deepEqual(
    judgementOf(judged).verdict.pairs.map(({ framesDecoded }) => framesDecoded),
    [200, undefined],
  );
  t.true(judged.scenario.peers.every(hasPage));
});
