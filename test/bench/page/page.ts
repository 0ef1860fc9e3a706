/** The command `npm run bench:page-gateway`: what the call page's gateway costs, with Chromium at its other end. */
import { Command } from 'commander';
import { CHROMIUM } from '../../page/browser/chromium.ts';
import { wholeNumber } from '../../simulation/options.ts';
import { type GatewayLoad, measureGateway } from './gateway-load.ts';

interface GatewayCase {
  readonly name: string;
  readonly load: GatewayLoad;
}

/** As many tiles as a page shows, small; and one large picture each way. */
const CASES: readonly GatewayCase[] = [
  { name: 'gateway-25x300k', load: { tiles: 25, bps: 300_000, size: { width: 320, height: 180 } } },
  { name: 'gateway-1.2M', load: { tiles: 1, bps: 1_200_000, size: { width: 640, height: 360 } } },
];

interface Options {
  readonly json?: true;
  readonly seconds: number;
}

async function main({ json, seconds }: Options): Promise<void> {
  if (CHROMIUM === undefined) {
    process.stderr.write('There is no Chromium, without which nothing can be measured.\n');
    process.exitCode = 1;
    return;
  }
  const rows: { case: string; value: number; unit: string }[] = [];
  for (const { name, load } of CASES) {
    const cost = await measureGateway(load, seconds * 1000);
    const percent = Math.round(1000 * cost.processor) / 10;
    rows.push({ case: name, value: percent, unit: '% of a core' });
    const perPacket = (1e6 * cost.processor) / (cost.packetsIn + cost.packetsOut);
    process.stderr.write(
      `${name}: ${percent} % of a core, ${perPacket.toFixed(1)} us a packet, ${cost.packetsOut.toFixed(0)} packets/s out, ` +
        `${cost.packetsIn.toFixed(0)} in, ${(cost.tileBps / 1000).toFixed(0)} kbit/s a tile, ${cost.framesPerSecond.toFixed(1)} frames/s\n`,
    );
  }
  if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
}

await new Command('npm run bench:page-gateway --')
  .description(
    "What the call page's gateway costs: Chromium's camera and voice come back to it on 25 small tiles, and on a large one.",
  )
  .option('--json', 'print the rows as one JSON document as the last line')
  .option('--seconds <n>', 'how long each case is measured', wholeNumber({ least: 1, most: 600 }), 15)
  .action(main)
  .parseAsync();
