/** The command `npm run bench:planner-share`: how much of the bound plans reach over random rooms of homes with free rates. */
import Table from 'cli-table3';
import { Command } from 'commander';
import { planRoom } from '../../../machines/plan.ts';
import { homeRoom, seededRandom } from '../../planning/rooms.ts';
import { wholeNumber } from '../../simulation/options.ts';

const SIZES = [3, 5, 8, 12, 20, 40];
const ROOMS = 1000;

const command = new Command('npm run bench:planner-share --')
  .description('Share of the bound that plans reach over random rooms.')
  .option('--rooms <count>', 'rooms of each size', wholeNumber({ least: 1, most: 1_000_000 }), ROOMS)
  .parse();
const { rooms } = command.opts<{ rooms: number }>();

const table = new Table({
  head: ['N', 'mean share', 'least share', 'unserved pairs'],
  style: { head: [], border: [] },
});
for (const size of SIZES) {
  const random = seededRandom(size);
  let sum = 0;
  let least = 1;
  let unserved = 0;
  for (let run = 0; run < rooms; run += 1) {
    const plan = planRoom(homeRoom(random, size));
    sum += plan.ratio;
    least = Math.min(least, plan.ratio);
    unserved += plan.unserved.length;
  }
  table.push([size, (sum / rooms).toFixed(4), least.toFixed(4), unserved]);
}
process.stdout.write(`Share of the bound, ${rooms} random rooms of each size\n${table.toString()}\n`);
