/** One SSRC, one stream; and nobody can drive another from SSRC to SSRC. */
import test from 'ava';
import type { Incoming, StreamInfo } from '../../../machines/messages.ts';
import { type Membership, receive, soloMembership } from '../../../machines/signaling/membership.ts';
import { MOST_YIELDS, withFreeSsrcs, withKeptSsrcs } from '../../../machines/signaling/unique-ssrc.ts';
import { selfOf } from '../../../machines/view.ts';
import { member, profile, stream, viewOf, voice } from '../members.ts';

const SELF = member('C', { epoch: 5, streams: [stream('C'), voice('C')] });
const alone = soloMembership(viewOf(SELF));
const ssrcsOf = ({ view }: Membership) => selfOf(view).streams.map(({ ssrc }) => ssrc);

/** The member says that it has these SSRCs. */
function told(membership: Membership, from: string, epoch: number, ssrcs: readonly number[], number = 1): Membership {
  const streams = ssrcs.map((ssrc, at) => stream(from, { name: `s${at}`, ssrc }));
  const body = profile(member(from, { streams }), number);
  const message = { kind: 'profile', from, epoch, seq: number, body } satisfies Incoming;
  return receive(membership, message).membership;
}

function left(membership: Membership, from: string, epoch: number): Membership {
  const { membership: after } = receive(membership, { kind: 'bye', from, epoch, seq: 99, body: { reason: 'left' } });
  return { ...after, byes: new Map() };
}

test('of two that meet with one SSRC, whoever started later takes another for that stream alone', (t) => {
  const [camera = 0, voiceSsrc = 0] = ssrcsOf(alone);
  const yielded = told(alone, 'B', 4, [camera]);
  t.not(ssrcsOf(yielded)[0], camera);
  t.is(ssrcsOf(yielded)[1], voiceSsrc);
  t.deepEqual(ssrcsOf(told(alone, 'B', 6, [camera])), ssrcsOf(alone));
  t.deepEqual(ssrcsOf(told(alone, 'D', 5, [camera])), ssrcsOf(alone), 'C comes before D');
  t.notDeepEqual(ssrcsOf(told(alone, 'B', 5, [camera])), ssrcsOf(alone));
});

test('a known member that takes our SSRC later does not move us, whenever it started', (t) => {
  const known = told(alone, 'B', 1, [77]);
  t.deepEqual(ssrcsOf(told(known, 'B', 1, ssrcsOf(alone), 2)), ssrcsOf(alone));
});

test('one that restarts without end under an older epoch with whatever SSRC we have moves us once', (t) => {
  let membership = alone;
  const had = new Set([ssrcsOf(alone)[0]]);
  for (let epoch = 1; epoch <= 4; epoch++) {
    membership = told(membership, 'B', epoch, ssrcsOf(membership));
    had.add(ssrcsOf(membership)[0]);
    if (epoch % 2 === 0) membership = left(membership, 'B', epoch);
  }
  t.is(had.size, 2);
});

test('many that do so under ever new ids move us so often and no more', (t) => {
  let membership = alone;
  const had = new Set([ssrcsOf(alone)[0]]);
  for (let liar = 0; liar < 5 * MOST_YIELDS; liar++) {
    membership = told(membership, `L${liar}`, 1, ssrcsOf(membership));
    had.add(ssrcsOf(membership)[0]);
  }
  t.is(had.size, 1 + MOST_YIELDS);
});

test('a new stream of ours takes no SSRC that is known to be taken, and none of our others', (t) => {
  const B = member('B', { epoch: 9 });
  const view = viewOf(SELF, B);
  const [taken] = B.streams;
  const wanted: StreamInfo[] = [stream('C'), stream('C', { name: 'screen', ssrc: taken?.ssrc ?? 0 })];
  const free = withFreeSsrcs(view, wanted);
  t.is(new Set([...free.map(({ ssrc }) => ssrc), taken?.ssrc]).size, 3);
  t.is(free[0], wanted[0]);
  const untouched = [stream('C')];
  t.is(withFreeSsrcs(view, untouched), untouched);
});

test('a stream that we have keeps its SSRC when others come, whoever says which, and whoever has taken it since', (t) => {
  const [camera = 0] = ssrcsOf(alone);
  const view = viewOf(SELF, member('B', { streams: [stream('B', { ssrc: camera }), voice('B', { ssrc: 4242 })] }));
  const screen = stream('C', { name: 'screen', ssrc: 4242 });
  const [kept, added] = withKeptSsrcs(view, [stream('C', { ssrc: 77, maxBps: 2e6 }), screen]);
  t.like(kept, { name: 'camera', ssrc: camera, maxBps: 2e6 });
  t.like(added, { name: 'screen' });
  t.false([camera, 77, 4242].includes(added?.ssrc ?? 77));
});

test('there is another one also for SSRC 0', (t) => {
  const zero = [stream('C', { ssrc: 0 })];
  const view = viewOf(SELF, member('B', { streams: [stream('B', { ssrc: 0 })] }));
  t.not(withFreeSsrcs(view, zero)[0]?.ssrc, 0);
});
