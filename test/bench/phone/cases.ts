/** What phones must get, as data. */

import type { PhoneProgram } from '../../phone/programs/video-phone.ts';
import { manyCalls, nothingLeft } from './cases/calls.ts';
import { alone, holds, leaves, relayGoes, switches, type WithPhone } from './cases/in-room.ts';
import { messageBytes, packetCost } from './cases/own-code.ts';
import type { PhoneCase } from './contract.ts';

const THOUSAND = { count: 1000, perSecond: 100, lostPercent: 0 };
const LOSSY = { count: 200, perSecond: 20, lostPercent: 10 };
const PROGRAMS = ['baresip', 'linphonec'] as const;
const VIDEOS = ['VP8', 'H264'] as const;

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
  ...PROGRAMS.flatMap((program) => VIDEOS.map((video) => switching({ program, video }))),
  ...PROGRAMS.flatMap(inRoom),
  {
    ...{ name: 'packet-cost', phone: 'none', asks: 'us a packet at the median, at most 50' },
    play: packetCost,
  },
  {
    ...{ name: 'message-size', phone: 'none', asks: 'bytes of our longest message, at most 1,300' },
    play: messageBytes,
  },
];

function switching(phone: WithPhone): PhoneCase {
  return {
    ...{ name: 'switches', phone: `${phone.program} ${phone.video}` },
    asks: 'ten switches without garbage: ms to a clean picture, at most 400 after the key frame',
    play: (signal) => switches(phone, signal),
  };
}

/** With pictures in VP8. */
function inRoom(program: PhoneProgram): PhoneCase[] {
  const called = { program, video: 'VP8' } as const;
  const phone = `${program} VP8` as const;
  return [
    {
      ...{ name: 'alone', phone, asks: 's in an empty room, at least 60' },
      play: (signal) => alone(called, signal),
    },
    {
      ...{ name: 'holds', phone, asks: 'ms from the return of its person to a clean picture, at most 1,400' },
      play: (signal) => holds(called, signal),
    },
    {
      ...{ name: 'hangs-up', phone, asks: 'ms until the others see it leave, at most 1,000' },
      play: (signal) => leaves('hangs up', called, signal),
    },
    {
      ...{ name: 'killed', phone, asks: 'ms until the others see it leave, at most 10,000' },
      play: (signal) => leaves('is killed', called, signal),
    },
    {
      ...{ name: 'relay-leaves', phone, asks: 'packets that it reports lost, at most 0' },
      play: (signal) => relayGoes('leave', program, signal),
    },
    {
      ...{ name: 'relay-killed', phone, asks: 'packets that it reports lost, at most 0' },
      play: (signal) => relayGoes('kill', program, signal),
    },
  ];
}
