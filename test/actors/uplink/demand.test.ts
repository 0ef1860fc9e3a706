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

test('who is on this machine tells nothing against a figure, and is all that is measured where there is none', (t) => {
  const watch = new DemandWatch((host) => host === '192.0.2.2');
  const at = (peer: string, host: string) => ({ peer, compatible: true, address: { host, port: 1 } });
  const members = [at('B', '127.0.0.1'), at('C', '192.0.2.1'), at('D', '::1'), at('E', '192.0.2.2')];
  const passing = (uploadBps: number | null) => {
    const { legs } = watch.of(undefined, members, { ...MEASURED, uploadBps });
    t.deepEqual(
      ['B', 'C', 'D', 'E'].filter((peer) => watch.passesLine(peer)),
      legs,
    );
    return legs;
  };
  t.deepEqual(passing(1_000_000), ['C']);
  t.deepEqual(passing(null), ['B', 'C', 'D', 'E']);
});
