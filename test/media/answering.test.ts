/** Who is answered on a NACK, with what, and who is not. */
import test from 'ava';
import type { AddressedTable } from '../../actors/media/addressed-table.ts';
import { Answering } from '../../actors/media/repair/answering.ts';
import type { Again } from '../../actors/media/repair/resend-queue.ts';
import { writeNack } from '../../infra/rtcp/nack.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { addressedAt } from '../actors/transport-members.ts';

const OWN = 1;
const CLIENTS = 2;
const at = (host: number) => ({ host: `192.0.2.${host}`, port: 5000 });

const TABLE: AddressedTable = {
  own: [
    {
      stream: 'camera',
      ssrc: OWN,
      media: 'video',
      codec: 'VP8/90000',
      rateBps: 0,
      holders: [],
      hops: [{ peer: 'B', to: at(2), slices: ALL_SLICES }],
    },
  ],
  relayed: [
    {
      ...{
        client: 'C',
        stream: 'camera',
        ssrc: CLIENTS,
        media: 'video',
        upstream: at(3),
        from: [at(3)],
        promisedBps: 1e6,
        limitBps: 1e6,
      },
      legs: [{ receiver: 'B', slices: 1, address: at(2) }],
    },
  ],
  relays: [],
  members: ['B', 'C', 'D'].map((peer, index) => addressedAt(peer, at(index + 2))),
  plain: 'local' as const,
  resendLimitBps: 1e6,
  paceBps: 0,
};

/** Stored are even numbers; 9 was over the limit. */
function answering() {
  const resent: Again[] = [];
  const asked: { owner: string; ssrc: number; sequences: readonly number[] }[] = [];
  const answers = new Answering({
    path: {
      stored: (_ssrc, sequence) => (sequence % 2 === 0 ? new Uint8Array(12) : undefined),
      wasOverLimit: (_ssrc, sequence) => sequence === 9,
    },
    again: { add: (packets) => void resent.push(...packets) },
    askOwner: ({ host }, ssrc, sequences) => void asked.push({ owner: host, ssrc, sequences }),
  });
  answers.follow(TABLE);
  const take = (peer: string, mediaSsrc: number, sequences: readonly number[], nowMs = 0) =>
    answers.take(writeNack({ senderSsrc: 9, mediaSsrc, sequences }), peer, nowMs);
  return { answers, take, resent, asked };
}

test('a receiver of an own stream gets what is stored, at its own address; of the rest there is nobody to ask', (t) => {
  const { answers, take, resent, asked } = answering();
  take('B', OWN, [1, 2, 4]);
  t.deepEqual(resent, [
    { ssrc: OWN, sequence: 2, to: at(2), asked: 'video' },
    { ssrc: OWN, sequence: 4, to: at(2), asked: 'video' },
  ]);
  t.deepEqual(asked, []);
  t.deepEqual(answers.counts, { answered: 2, escalated: 0, refused: 0 });
});

test('a relay answers from what it has forwarded, and asks the owner for what it never got', (t) => {
  const { answers, take, resent, asked } = answering();
  take('B', CLIENTS, [1, 2, 3, 9]);
  take('B', CLIENTS, [9]);
  t.deepEqual(resent, [{ ssrc: CLIENTS, sequence: 2, to: at(2), asked: 'video' }]);
  t.deepEqual(asked, [{ owner: at(3).host, ssrc: CLIENTS, sequences: [1, 3] }]);
  t.deepEqual(answers.counts, { answered: 1, escalated: 2, refused: 0 });
});

test('whoever does not get the stream from us gets nothing again, and is counted', (t) => {
  const { answers, take, resent, asked } = answering();
  take('D', OWN, [2]);
  take('C', CLIENTS, [2]);
  take('B', 77, [2]);
  t.deepEqual([resent, asked], [[], []]);
  t.is(answers.counts.refused, 3);
});

test('a flood is bounded by its sender, and takes nothing from others', (t) => {
  const { answers, take, resent } = answering();
  const sequences = Array.from({ length: 500 }, (_, index) => 2 * index);
  for (let datagram = 0; datagram < 10_000; datagram++) take('D', OWN, sequences);
  for (let datagram = 0; datagram < 10_000; datagram++) take('B', OWN, sequences, datagram / 10);
  t.true(resent.length >= 2000 && resent.length <= 2048 + 2048, `${resent.length}`);
  t.true(answers.counts.refused > 19_900);
  take('B', CLIENTS, [2], 3000);
  t.like(resent.at(-1), { ssrc: CLIENTS });
});

test('what is no longer sent from here is not answered for', (t) => {
  const { answers, take, resent } = answering();
  answers.follow({ ...TABLE, own: [], relayed: [] });
  take('B', OWN, [2]);
  take('B', CLIENTS, [2]);
  t.deepEqual(resent, []);
});
