/** A process that runs hostile rooms for the long command: a seed comes in, what was violated goes out. It ends with its parent. */
import { z } from 'zod';
import { simulateHostile } from './hostile-draw.ts';

const order = z.object({ seed: z.int() });

process.on('message', (message) => {
  const { seed } = order.parse(message);
  process.send?.({ seed, violations: simulateHostile(seed).violations });
});
process.once('disconnect', () => process.exit());
