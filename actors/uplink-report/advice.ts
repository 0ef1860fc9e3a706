/** What a measured line means for `--upload` and `--lend`, and how a person reads it. Pure. */
import Table from 'cli-table3';
import { formatRate } from '../../infra/units/rate.ts';
import { PAYLOAD_SHARE } from '../uplink/prober.ts';
import type { Reading } from './measuring.ts';

/** What a person types has no more digits than are sure. */
const DIGITS = 2;
/** The rest is for what else leaves this home: a line that is lent whole is full for everybody. */
const LENT = 0.8;

export interface Advice {
  /** For `--upload`, in bit/s. */
  readonly uploadBps: number;
  /** For `--lend`. */
  readonly lendBps: number;
  /** The line may carry more: what was agreed has ended the search, not the line. */
  readonly isAtLeast: boolean;
}

export function adviceOf({ lineBps, limitedBy }: Reading): Advice {
  // `--headroom` leaves some of it free.
  const uploadBps = roundedDown(PAYLOAD_SHARE * lineBps);
  return { uploadBps, lendBps: roundedDown(LENT * uploadBps), isAtLeast: limitedBy === 'plan' || limitedBy === 'cap' };
}

export function reportText(reading: Reading, room: string): string {
  const { lineBps, limitedBy, agreed, tookMs } = reading;
  const { uploadBps, lendBps, isAtLeast } = adviceOf(reading);
  const table = new Table({ style: { head: [], border: [] } });
  table.push(
    ['line', `${isAtLeast ? 'at least ' : ''}${formatRate(lineBps)} upwards, on the wire`],
    ['measured with', `${agreed.join(', ')} in room ${room}, in ${(tookMs / 1000).toFixed(1)} s`],
    ['--upload', `auto, or ${formatRate(uploadBps)}: what can be sent of it`],
    ['--lend', `${formatRate(lendBps)}: leaves a fifth to what else goes out here`],
  );
  return [
    table.toString(),
    ...(isAtLeast
      ? ['The line was not full: more was not agreed. Give --accept at the other end, and --up-to here.']
      : []),
    ...(limitedBy === 'foreign' ? ['Another program filled the line too: measure again when it is quiet.'] : []),
  ].join('\n');
}

/** In the digits that are sure. */
function roundedDown(bps: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, bps))) + 1 - DIGITS);
  return Math.floor(bps / step) * step;
}
