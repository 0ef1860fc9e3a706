/** A process that runs hostile rooms for the long command: a seed comes in, what was violated goes out. It ends with its parent. */
import { z } from 'zod';
import { KINDS, simulateSeed } from './hostile-draw.ts';

const order = z.object({ kind: z.enum(KINDS), seed: z.int() });

process.on('message', (message) => {
  const { kind, seed } = order.parse(message);
  // Nobody may be there any more to hear it.
  process.send?.({ seed, violations: simulateSeed(kind, seed).violations }, () => undefined);
});
process.once('disconnect', () => process.exit());
