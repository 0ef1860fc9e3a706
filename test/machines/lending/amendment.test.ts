/** What a client no longer asks for is free for others at once, and what it has comes before what it wants. */
import test from 'ava';
import { decide } from '../../../machines/negotiation/answering.ts';
import { promisedBps } from '../../../machines/negotiation/ledger.ts';
import { ofStream, type Terms } from '../../../machines/negotiation/legs.ts';
import { NOT_RELAYING, type Relaying } from '../../../machines/negotiation/relaying.ts';
import { camera, request } from '../fresh-negotiation.ts';
import { member, stream, VOICE_BPS, viewOf, voice } from '../members.ts';

const MBIT = 1_000_000;
const streams = (id: string) => [stream(id), voice(id)];
const view = viewOf(
  member('R'),
  member('A', { streams: streams('A') }),
  member('B', { streams: streams('B') }),
  member('C'),
);
const EMPTY: Relaying = {
  ...NOT_RELAYING,
  ledger: { ...NOT_RELAYING.ledger, usableBps: 4 * MBIT, lendBps: 4 * MBIT },
};

function ask(relaying: Relaying, client: string, revision: number, terms: Terms, patient = true) {
  return decide(relaying, client, request(client, revision, terms).body, {
    view,
    reached: new Set(),
    leaving: false,
    patient,
  });
}

function agreed(relaying: Relaying, client: string, terms: Terms): Relaying {
  const decision = ask(relaying, client, 1, terms);
  if (decision.type !== 'granted') throw new Error(`the first request was ${decision.type}`);
  return decision.relaying;
}

/** What the client has after its request was granted. */
function granted(decision: ReturnType<typeof ask>, client = 'A') {
  return decision.type === 'granted' ? decision.relaying.agreements.get(client)?.streams : undefined;
}

const video = (rateBps: number, ...receivers: string[]) => camera(receivers, { rateBps });
const audio = (...receivers: string[]) => camera(receivers, { rateBps: VOICE_BPS, stream: 'voice' });
/** All of the upload, half of it for each. */
const full = agreed(agreed(EMPTY, 'A', [video(2 * MBIT, 'C')]), 'B', [video(2 * MBIT, 'C')]);

test('a lower rate is free at once', (t) => {
  const before = agreed(EMPTY, 'A', [video(2 * MBIT, 'B', 'C')]);
  const decision = ask(before, 'A', 2, [video(MBIT, 'B', 'C')]);
  t.is(promisedBps(before.ledger), 4 * MBIT);
  t.is(decision.type === 'granted' ? promisedBps(decision.relaying.ledger) : undefined, 2 * MBIT);
});

test('legs that are not asked for any more are free at once', (t) => {
  const decision = ask(agreed(EMPTY, 'A', [video(2 * MBIT, 'B', 'C')]), 'A', 2, [video(2 * MBIT, 'C')]);
  t.is(decision.type === 'granted' ? promisedBps(decision.relaying.ledger) : undefined, 2 * MBIT);
});

test('also where what is asked for instead must wait, or is refused', (t) => {
  const before = agreed(EMPTY, 'A', [video(2 * MBIT, 'B', 'C')]);
  for (const patient of [true, false]) {
    const decision = ask(before, 'A', 2, [video(5 * MBIT, 'C')], patient);
    t.is(decision.type, patient ? 'deferred' : 'rejected');
    if (decision.type === 'stale') continue;
    t.is(promisedBps(decision.relaying.ledger), 2 * MBIT);
    t.is(decision.relaying.agreements.get('A')?.revision, 1, 'the terms in force are those of before');
  }
});

test('where not all fits, what runs is granted before what is new', (t) => {
  t.deepEqual(granted(ask(full, 'A', 2, [video(2 * MBIT, 'B', 'C')], false)), [video(2 * MBIT, 'C')]);
});

test('an answer that can only be partial waits for others to let go', (t) => {
  t.is(ask(full, 'A', 2, [video(2 * MBIT, 'B', 'C')]).type, 'deferred');
});

test('where not all fits, as many slices as fit are granted, each to all receivers', (t) => {
  const half = agreed(EMPTY, 'B', [video(2 * MBIT, 'C')]);
  t.deepEqual(granted(ask(half, 'A', 1, [video(2 * MBIT, 'B', 'C')], false)), [
    camera(['B', 'C'], { rateBps: 2 * MBIT, slices: 0x5555 }),
  ]);
});

test('a higher rate that does not fit leaves what runs as it is', (t) => {
  const decision = ask(full, 'A', 2, [video(3 * MBIT, 'C')], false);
  t.is(decision.type, 'rejected');
  if (decision.type === 'rejected') t.deepEqual(decision.relaying.agreements.get('A'), full.agreements.get('A'));
});

test('one agreement carries both streams, and amending one leaves the other as it is', (t) => {
  const both = agreed(EMPTY, 'A', [audio('B', 'C'), video(MBIT, 'B')]);
  t.is(promisedBps(both.ledger), 2 * VOICE_BPS + MBIT);
  const decision = ask(both, 'A', 2, [audio('B', 'C'), video(MBIT, 'C')]);
  t.deepEqual(granted(decision), [audio('B', 'C'), video(MBIT, 'C')]);
  t.deepEqual(decision.type === 'granted' ? decision.relaying.draining.get('A') : undefined, [video(MBIT, 'B')]);
});

test('a stream that is asked for no more is given back, and the other stays', (t) => {
  const both = agreed(EMPTY, 'A', [audio('B', 'C'), video(MBIT, 'B')]);
  const decision = ask(both, 'A', 2, [audio('B', 'C')]);
  t.deepEqual(granted(decision), [audio('B', 'C')]);
  t.is(decision.type === 'granted' ? promisedBps(decision.relaying.ledger) : undefined, 2 * VOICE_BPS);
});

test('of a voice whole legs are granted or none, whatever is left over', (t) => {
  const ledger = { ...EMPTY.ledger, lendBps: 2.5 * VOICE_BPS };
  const receivers = ['B', 'C', 'R'];
  const crowd = viewOf(member('Q'), ...['A', ...receivers].map((id) => member(id, { streams: streams(id) })));
  const decision = decide({ ...EMPTY, ledger }, 'A', request('A', 1, [audio(...receivers)]).body, {
    ...{ view: crowd, reached: new Set(), leaving: false, patient: false },
  });
  t.deepEqual(granted(decision), [audio('B', 'C')]);
  const poor = { ...EMPTY, ledger: { ...ledger, lendBps: 0.9 * VOICE_BPS } };
  t.is(ask(poor, 'A', 1, [audio('B')], false).type, 'rejected');
});

test('what comes first in a request is served first: a voice before any video gets a slice', (t) => {
  const ledger = { ...EMPTY.ledger, lendBps: 2 * VOICE_BPS + MBIT / 2 };
  const given = granted(ask({ ...EMPTY, ledger }, 'A', 1, [audio('B', 'C'), video(MBIT, 'B', 'C')], false)) ?? [];
  t.deepEqual(ofStream(given, 'voice'), audio('B', 'C'));
  t.deepEqual(ofStream(given, 'camera'), camera(['B', 'C'], { rateBps: MBIT, slices: 0x1111 }));
});
