import test from 'ava';
import { DemandWatch, demandOf } from '../../../actors/uplink/demand.ts';
import type { UploadChoice } from '../../../actors/uplink/upload.ts';
import { soloView, type View, withMember } from '../../../machines/view.ts';
import { member, RATE_BPS, stream, VOICE_BPS, voice } from '../../machines/members.ts';

/** Headers and resends on top of media. */
const WIRE = 1.1;
const roomOf = (...members: readonly ReturnType<typeof member>[]): View => {
  const [self = member('A'), ...others] = members;
  return others.reduce(withMember, soloView(self));
};
const MEASURED: UploadChoice = { uploadBps: null, lendBps: null, headroom: 0.95 };
const rounded = (bps: number) => Math.round(bps / WIRE);

test('what a peer wants is a copy of each stream at its best for each that wants it, of layers the highest alone', (t) => {
  const layers = [1, 2].map((layer) =>
    stream('A', { name: `camera-${layer}`, ssrc: layer, group: 'camera', layer, maxBps: layer * RATE_BPS }),
  );
  const self = member('A', { streams: [...layers, voice('A')] });
  const deaf = member('C', { wants: [{ source: 'A', stream: 'voice' }] });
  const { wantBps, audioBps, legs } = demandOf(roomOf(self, member('B'), deaf), { ...MEASURED, lendBps: 0 }, ['B']);
  t.is(rounded(wantBps), 2 * RATE_BPS + 2 * VOICE_BPS);
  t.is(rounded(audioBps), 2 * VOICE_BPS);
  t.deepEqual(legs, ['B']);
});

test('what others lack is wanted too, as far as it is lent', (t) => {
  const poor = { uploadBps: 500_000, usableBps: 500_000 };
  const room = roomOf(member('A'), member('B', poor), member('C', poor), member('D'));
  const lacking = 2 * (3 * RATE_BPS - 500_000);
  t.is(rounded(demandOf(room, MEASURED, []).wantBps), 3 * RATE_BPS + lacking);
  t.is(rounded(demandOf(room, { ...MEASURED, lendBps: 1_000_000 }, []).wantBps), 3 * RATE_BPS + 1_000_000);
});

test('alone a peer wants nothing', (t) => {
  t.is(demandOf(roomOf(member('A')), MEASURED, []).wantBps, 0);
});

test('a figure is the most that is used of it, on the wire and less the headroom, alone and in company', (t) => {
  const told: UploadChoice = { ...MEASURED, uploadBps: 1_200_000, headroom: 0.5 };
  t.is(demandOf(roomOf(member('A')), told, []).capBps, 614_000);
  const watch = new DemandWatch(() => false);
  t.is(watch.of(undefined, [], told).capBps, 614_000);
  t.is(watch.of(undefined, [], MEASURED).capBps, undefined);
});

const at = (peer: string, host: string, channel?: number) => ({
  ...{ peer, compatible: true },
  address: { host, port: 1, ...(channel === undefined ? {} : { channel }) },
});

test('who is on this machine or in its network is no part of the line, with a figure and without, unless nobody else is there', (t) => {
  const watch = new DemandWatch((host) => host === '192.0.2.2');
  const near = [at('B', '127.0.0.1'), at('D', '::1'), at('E', '192.0.2.2'), at('F', '192.168.1.9'), at('G', 'fd00::9')];
  const far = [at('C', '192.0.2.1'), at('H', '192.168.1.9', 0x4000)];
  const legs = (members: typeof near, uploadBps: number | null) => {
    const demand = watch.of(undefined, members, { ...MEASURED, uploadBps });
    t.deepEqual(
      members.map(({ peer }) => peer).filter((peer) => !watch.near.has(peer)),
      demand.legs,
    );
    return demand.legs;
  };
  t.deepEqual(legs([...near, ...far], 1_000_000), ['C', 'H']);
  t.deepEqual(legs([...near, ...far], null), ['C', 'H']);
  t.deepEqual(legs(near, 1_000_000), []);
  t.deepEqual(legs(near, null), ['B', 'D', 'E', 'F', 'G']);
});

test('only what goes to others than those who are near is looked for on the line', (t) => {
  const watch = new DemandWatch(() => false);
  const poor = { uploadBps: 0, usableBps: 0, streams: [] };
  const room = roomOf(member('A'), member('B', poor), member('C', poor), member('D', poor));
  const members = [at('B', '10.0.0.2'), at('C', '192.0.2.1'), at('D', '192.0.2.2')];
  t.is(rounded(watch.of(room, members, MEASURED).wantBps), 2 * RATE_BPS);
});

test('a member that was measured and turns out to be near makes another line of it, and so do others where all were near', (t) => {
  const watch = new DemandWatch(() => false);
  const look = (...members: ReturnType<typeof at>[]) => {
    watch.of(undefined, members, MEASURED);
    return watch.line;
  };
  const first = look(at('B', '198.51.100.1'), at('C', '192.0.2.1'));
  t.is(look(at('B', '198.51.100.1')), first, 'one of them has gone');
  const second = look(at('B', '192.168.1.9'), at('C', '192.0.2.1'));
  t.not(second, first, 'packets to B find a way within the home');
  const alone = look(at('B', '192.168.1.9'));
  t.is(alone, second, 'the home is measured from what the line was known to carry');
  t.not(look(at('B', '192.168.1.9'), at('C', '192.0.2.1')), alone, 'what the home carries is not what the line does');
});
