/** Nobody is sent padding who has not agreed to it, and nobody more than that. */
import test from 'ava';
import { agreedMembers, probeDemand, SERVING } from '../../../actors/uplink-report/agreed.ts';
import { soloView, withMember } from '../../../machines/view.ts';
import { member } from '../../machines/members.ts';

const MBIT = 1e6;
const ANY = { with: null, upToBps: 50 * MBIT };
const place = { host: '192.0.2.1', port: 1 };
const room = [
  member('S', { software: SERVING, downloadBps: 20 * MBIT }),
  member('T', { software: SERVING, downloadBps: 8 * MBIT }),
  member('B', { downloadBps: 3 * MBIT }),
  member('C'),
  member('P', { software: SERVING, downloadBps: MBIT, compatible: false }),
].reduce(withMember, soloView(member('A')));
const members = ['S', 'T', 'B', 'C', 'P'].map((peer) => ({ peer, address: place }));

test('who serves has agreed, and who is named and tells what it can receive', (t) => {
  const agreed = (id: string | null) => agreedMembers(room, { ...ANY, with: id }).map((one) => one.id);
  t.deepEqual(agreed(null), ['S', 'T']);
  t.deepEqual(agreed('B'), ['B']);
  t.deepEqual([...agreed('C'), ...agreed('P'), ...agreed('X')], []);
});

test('no more is looked for than all together take of what goes to them in turn', (t) => {
  t.like(probeDemand(room, members, ANY), { legs: ['S', 'T'], wantBps: 16 * MBIT, capBps: undefined });
  t.is(probeDemand(room, members, { ...ANY, upToBps: 5 * MBIT }).wantBps, 5 * MBIT);
  t.like(probeDemand(room, members, { ...ANY, with: 'B' }), { legs: ['B'], wantBps: 3 * MBIT });
});

test('who cannot be reached is sent nothing', (t) => {
  const unreached = members.map((one) => ({ ...one, address: one.peer === 'S' ? null : place }));
  t.like(probeDemand(room, unreached, ANY), { legs: ['T'], wantBps: 8 * MBIT });
  t.like(probeDemand(room, [], ANY), { legs: [], wantBps: 0 });
  t.like(probeDemand(undefined, members, ANY), { legs: [], wantBps: 0 });
});
