/** Whose uplinks are measured, and which lines they are: slow enough for packets as on the wire to be played one by one. */
import { MBIT } from '../../../planning/rooms.ts';
import type { Measured } from '../../script/presets.ts';
import type { Fault, Join } from '../../script/script.ts';
import type { Random } from '../random.ts';

const LINE_BPS = { least: 1.5 * MBIT, most: 10 * MBIT };
/** Cameras that such lines carry to a few. */
const MOST_CAMERA_BPS = 0.8 * MBIT;
/** Of another program. */
const MOST_FOREIGN_BPS = 4 * MBIT;

export class Lines {
  /** Whether anybody in the room measures. */
  readonly areMeasured: boolean;
  readonly #random: Random;
  readonly #members: number;

  /** @param random of the room, with so many members at the start */
  constructor(random: Random, { rooms, upTo, members }: Measured, size: number) {
    this.#random = random.fork('lines');
    this.#members = members;
    this.areMeasured = size <= upTo && this.#random.chance(rooms);
  }

  /** What has been drawn for any room as it is in one whose lines are measured. */
  fit(fault: Fault): Fault {
    if (!this.areMeasured) return fault;
    if (fault.do === 'join') return this.#join(fault);
    if (fault.do === 'upload') return { ...fault, uploadBps: lineOf(fault.uploadBps) };
    return fault.do === 'foreign' ? { ...fault, bps: fault.bps % MOST_FOREIGN_BPS } : fault;
  }

  #join(join: Join): Join {
    if (!join.compatible) return join;
    const streams = join.streams.map((stream) => ({ ...stream, maxBps: Math.min(stream.maxBps, MOST_CAMERA_BPS) }));
    const uploadBps = lineOf(join.uploadBps);
    const auto = this.#random.fork(join.peer).chance(this.#members);
    const lendBps = join.lendBps === 0 ? 0 : auto ? Number.MAX_SAFE_INTEGER : uploadBps;
    return { ...join, auto, streams, uploadBps, lendBps };
  }
}

function lineOf(uploadBps: number): number {
  return LINE_BPS.least + (uploadBps % (LINE_BPS.most - LINE_BPS.least));
}
