/** What phones must get, as data. */
import { manyCalls, nothingLeft } from './cases/calls.ts';
import { alone, leaves, relayGoes, switches } from './cases/in-room.ts';
import { messageBytes, packetCost } from './cases/own-code.ts';
import type { PhoneCase } from './contract.ts';

const THOUSAND = { count: 1000, perSecond: 100, lostPercent: 0 };
const LOSSY = { count: 200, perSecond: 20, lostPercent: 10 };
const BARESIPS = ['VP8', 'H264'] as const;

export const CASES: readonly PhoneCase[] = [
  {
    ...{ name: 'calls', phone: 'sipp', asks: 'of 1,000 calls at 100 a second: failed, at most 0' },
    play: (signal) => manyCalls(THOUSAND, signal),
  },
  {
    ...{ name: 'lossy-calls', phone: 'sipp', asks: 'of 200 calls, 10 % lost both ways: failed, at most 0' },
    play: (signal) => manyCalls(LOSSY, signal),
  },
  {
    ...{ name: 'nothing-left', phone: 'sipp', asks: 'dialogs and transactions 35 s after 1,000 calls, at most 0' },
    play: (signal) => nothingLeft(THOUSAND, signal),
  },
  ...BARESIPS.map(
    (video): PhoneCase => ({
      ...{ name: 'switches', phone: `baresip ${video}` },
      asks: 'ten switches without garbage: ms to a clean picture, at most 400 after the key frame',
      play: (signal) => switches(video, signal),
    }),
  ),
  {
    ...{ name: 'alone', phone: 'baresip VP8', asks: 's in an empty room, at least 60' },
    play: (signal) => alone('VP8', signal),
  },
  {
    ...{ name: 'hangs-up', phone: 'baresip VP8', asks: 'ms until the others see it leave, at most 1,000' },
    play: (signal) => leaves('hangs up', 'VP8', signal),
  },
  {
    ...{ name: 'killed', phone: 'baresip VP8', asks: 'ms until the others see it leave, at most 10,000' },
    play: (signal) => leaves('is killed', 'VP8', signal),
  },
  {
    ...{ name: 'relay-leaves', phone: 'baresip VP8', asks: 'packets that it reports lost, at most 0' },
    play: (signal) => relayGoes('leave', signal),
  },
  {
    ...{ name: 'relay-killed', phone: 'baresip VP8', asks: 'packets that it reports lost, at most 0' },
    play: (signal) => relayGoes('kill', signal),
  },
  {
    ...{ name: 'packet-cost', phone: 'none', asks: 'us a packet at the median, at most 50' },
    play: packetCost,
  },
  {
    ...{ name: 'message-size', phone: 'none', asks: 'bytes of our longest message, at most 1,300' },
    play: messageBytes,
  },
];
