/** Everybody shows one camera of a fixed rate, wants all others', and joins in turn. */
import type { PeerId } from '../../../machines/messages.ts';
import type { Fault, SimulatedStream } from './script.ts';

const MBIT = 1_000_000;
const CAMERA: SimulatedStream = { name: 'camera', media: 'video', minBps: MBIT, maxBps: MBIT, group: null, layer: 0 };

/** @param uploads of each, in Mbit/s, all of which it lends; in the order in which they join */
export function camerasJoin(uploads: Readonly<Record<PeerId, number>>, everyMs = 100): Fault[] {
  return Object.entries(uploads).map(([peer, mbit], index) => {
    const uploadBps = mbit * MBIT;
    return {
      ...{ at: index * everyMs, do: 'join', peer, uploadBps, lendBps: uploadBps, compatible: true },
      ...{ streams: [CAMERA], wants: 'all', downloadBps: null },
    };
  });
}
