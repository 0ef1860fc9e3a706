/** What our page needs beside what a bare one does, in turns: the rest is the browser's, and the machine's. */
import { median } from '../../median.ts';
import type { Effort, Figure } from '../contract.ts';
import { rounded } from '../figures.ts';

/** @param ours and `bare`: each makes it happen once, and gives how long it took, in ms */
export async function besideBare(
  { runs, say }: Pick<Effort, 'runs' | 'say'>,
  ours: () => Promise<number>,
  bare: () => Promise<number>,
): Promise<readonly Figure[]> {
  const times: number[] = [];
  const bareTimes: number[] = [];
  for (let run = 0; run < runs; run++) {
    const [ms, bareMs] = [await ours(), await bare()];
    times.push(ms);
    bareTimes.push(bareMs);
    say(`${rounded(ms)} ms, a bare page ${rounded(bareMs)} ms`);
  }
  return [
    { value: rounded(median(times)), unit: 'ms' },
    { part: 'bare-page', value: rounded(median(bareTimes)), unit: 'ms' },
  ];
}
