/** The command `npm run bench:page`: how soon, how late and at what price the page of a call shows the others, in Chromium. */
import { Command, Option } from 'commander';
import { CHROMIUM } from '../../page/browser/chromium.ts';
import { wholeNumber } from '../../simulation/command/options.ts';
import { positive } from '../options.ts';
import { GATEWAY_LARGE, GATEWAY_MANY } from './cases/gateway.ts';
import { GROWTH } from './cases/growth.ts';
import { FIRST_FRAME, FIRST_FRAME_LATE, FIRST_FRAME_ONE_PAGE } from './cases/joining.ts';
import { LIPS } from './cases/lips.ts';
import { LOSS } from './cases/loss.ts';
import { PAGE_25, SCRIPT } from './cases/page-cost.ts';
import { GLASS_TO_GLASS, RELAY_KILLED } from './cases/relayed.ts';
import { RELOAD, RELOAD_ONE_PAGE } from './cases/reload.ts';
import type { Effort, PageCase, Row } from './contract.ts';

const CASES: readonly PageCase[] = [
  ...[FIRST_FRAME, FIRST_FRAME_LATE, FIRST_FRAME_ONE_PAGE, GLASS_TO_GLASS, RELAY_KILLED, RELOAD, RELOAD_ONE_PAGE],
  ...[GATEWAY_MANY, GATEWAY_LARGE, PAGE_25, SCRIPT, LOSS, LIPS, GROWTH],
];
const FAILED = 1;

interface Options extends Omit<Effort, 'say'> {
  readonly json?: true;
  readonly case: readonly string[];
}

const say = (line: string) => void process.stderr.write(`${line}\n`);

async function main({ json, case: names, ...effort }: Options): Promise<void> {
  if (CHROMIUM === undefined) {
    say('There is no Chromium, without which nothing can be measured (Debian: apt-get install chromium).');
    process.exitCode = FAILED;
    return;
  }
  const rows: Row[] = [];
  for (const each of CASES.filter(({ name }) => names.length === 0 || names.includes(name))) {
    try {
      rows.push(...(await measure(each, effort)));
    } catch (error) {
      // What programs and the browser say has its reason in the first line, and a log below.
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
      say(`${each.name} could not be measured: ${reason}`);
      process.exitCode = FAILED;
    }
  }
  if (json) process.stdout.write(`${JSON.stringify({ rows })}\n`);
}

async function measure({ name, goal, whyNot, measure }: PageCase, effort: Omit<Effort, 'say'>): Promise<Row[]> {
  const reason = await whyNot?.();
  if (reason !== undefined) {
    say(`${name} is left out: ${reason}`);
    return [];
  }
  const measured = await measure({ ...effort, say: (line) => say(`  ${name}: ${line}`) });
  const rows = [measured].flat().map(({ part, value, unit }) => {
    return { case: part === undefined ? name : `${name}-${part}`, value, unit };
  });
  for (const row of rows) say(`${row.case}: ${row.value} ${row.unit} (goal: ${goal})`);
  return rows;
}

await new Command('npm run bench:page --')
  .description('How soon, how late and at what price the page of a call shows the others. Needs Chromium.')
  .option('--json', 'print the rows as one JSON document as the last line')
  .option(
    '--runs <n>',
    'how often joining, reloading and killing a relay is done',
    wholeNumber({ least: 1, most: 200 }),
    9,
  )
  .option('--seconds <n>', 'how long what goes on is measured', wholeNumber({ least: 1, most: 600 }), 15)
  .option('--minutes <n>', 'how long the call of the case growth is; 60 shows an hour', positive, 2)
  .addOption(
    new Option('--case <names...>', 'some of the cases')
      .choices(CASES.map(({ name }) => name))
      .default([], 'all of them'),
  )
  .action(main)
  .parseAsync();
