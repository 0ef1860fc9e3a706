/** The commands behind `npm run docs` and `npm run charts`: write the generated documents, or check that they are fresh. */
import { Command } from 'commander';
import { CHARTS, compare, DOCUMENTS, write } from './documents.ts';

interface Options {
  readonly check?: boolean;
  readonly charts?: boolean;
}

async function main({ check, charts }: Options): Promise<void> {
  for (const document of charts ? CHARTS : DOCUMENTS) {
    const { path, text, isFresh } = await compare(document);
    if (isFresh) continue;
    if (check) {
      process.stderr.write(`${path} is stale: run \`npm run docs\` to write it anew.\n`);
      process.exitCode = 1;
    } else {
      await write(path, text);
      process.stdout.write(`${path} is written.\n`);
    }
  }
}

await new Command('npm run docs --')
  .description('Writes what is generated of the documentation: charts, protocol reference, tables of options.')
  .option('--charts', 'only machines/CHARTS.md, and where the pages draw what is in it; this is `npm run charts`')
  .option('--check', 'write nothing; exit with 1 if a document is stale')
  .action(main)
  .parseAsync();
