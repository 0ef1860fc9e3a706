/** How much of the bound each way to share a room's upload reaches, over random rooms. */
import { type PlanInput, planRoom } from '../../../machines/plan.ts';
import { boundOf } from '../../../machines/planning/bound.ts';
import { roomOf } from '../../../machines/planning/room.ts';
import { homeRoom, seededRandom } from '../../planning/rooms.ts';
import { type Carries, mesh, oneClientEach, wholeStreams } from './schemes.ts';

export const ROOM_SIZES = [3, 5, 8, 12, 20, 40];
export const SCHEMES = ['full mesh', 'one relay a client, one client a relay', 'whole streams', 'RPR'] as const;
export type Scheme = (typeof SCHEMES)[number];

/** Shares are tried from 1 downwards in steps of a thousandth. */
const STEPS = 1000;

export interface Shares {
  readonly scheme: Scheme;
  readonly size: number;
  /** Over all rooms, 0..1. */
  readonly mean: number;
  readonly least: number;
}

/** `rooms` random rooms of every size; the same ones for every scheme, and in every run. */
export function measureShares(rooms: number, say: (line: string) => void): Shares[] {
  return ROOM_SIZES.flatMap((size) => {
    say(`shares of the bound: ${rooms} rooms of ${size}`);
    const random = seededRandom(size);
    const shares = Array.from({ length: rooms }, () => sharesIn(homeRoom(random, size)));
    return SCHEMES.map((scheme): Shares => {
      const own = shares.map((each) => each[scheme]);
      return { scheme, size, mean: own.reduce((sum, share) => sum + share, 0) / rooms, least: Math.min(...own) };
    });
  });
}

/** Of the rates that the bound gives the sources, the highest share that all of them get at once. */
function sharesIn(input: PlanInput): Readonly<Record<Scheme, number>> {
  const room = roomOf(input);
  const uploads = room.peers.map(({ usableBps }) => usableBps);
  const bound = boundOf(room).rates;
  const { rates } = planRoom(input);
  return {
    'full mesh': highestShare(mesh, uploads, bound),
    'one relay a client, one client a relay': highestShare(oneClientEach, uploads, bound),
    'whole streams': highestShare(wholeStreams, uploads, bound),
    RPR: Math.min(...room.peers.map(({ id }, index) => (rates[`${id}/camera`] ?? 0) / (bound[index] ?? 0))),
  };
}

function highestShare(carries: Carries, uploads: readonly number[], bound: readonly number[]): number {
  for (let step = STEPS; step > 0; step -= 1) {
    const share = step / STEPS;
    const rates = bound.map((bps) => bps * share);
    if (carries(uploads, rates)) return share;
  }
  return 0;
}
