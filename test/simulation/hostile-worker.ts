/** A process that runs hostile rooms for the long command: a seed comes in, what was violated goes out. It ends with its parent. */
import { z } from 'zod';
import { DEPTH_NAMES, simulateHostile } from './hostile-draw.ts';

const order = z.object({ seed: z.int(), depth: z.enum(DEPTH_NAMES) });

process.on('message', (message) => {
  const { seed, depth } = order.parse(message);
  process.send?.({ seed, violations: simulateHostile(seed, depth).violations });
});
process.once('disconnect', () => process.exit());
