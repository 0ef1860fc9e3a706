/** The documents of the repository that are generated, in whole or between marks. */
import { readFile, writeFile } from 'node:fs/promises';
import { callCommand } from '../../actors/options/call-command.ts';
import { peerCommand } from '../../actors/options/command.ts';
import { chartsDocument } from './charts.ts';
import { layoutsDocument } from './layouts.ts';
import { fillIn } from './markdown.ts';
import { differenceTable, optionTable } from './option-table.ts';
import { PROTOCOL_PARTS } from './protocol.ts';

const ROOT = new URL('../../', import.meta.url);

interface GeneratedDocument {
  /** Path from the project's root. */
  readonly path: string;
  /** The text it should have, given the one it has. */
  readonly generate: (before: string) => string | Promise<string>;
}

/** The machines' charts, to be read and to be drawn. */
export const CHARTS: readonly GeneratedDocument[] = [
  { path: 'machines/CHARTS.md', generate: chartsDocument },
  { path: 'actors/page/app/picture/charts/layouts.json', generate: layoutsDocument },
];

const PROTOCOL: GeneratedDocument = {
  path: 'machines/PROTOCOL.md',
  generate: (before) => fillIn(before, PROTOCOL_PARTS),
};

const README: GeneratedDocument = {
  path: 'README.md',
  generate: (before) =>
    fillIn(
      before,
      new Map([
        ['options', optionTable(peerCommand())],
        ['call-options', differenceTable(callCommand(), peerCommand())],
      ]),
    ),
};

export const DOCUMENTS: readonly GeneratedDocument[] = [...CHARTS, PROTOCOL, README];

/** What a document is and what it should be; `isFresh` where these are the same. */
export async function compare({ path, generate }: GeneratedDocument) {
  const before = await readFile(new URL(path, ROOT), 'utf8').catch(emptyIfMissing);
  const text = await generate(before);
  return { path, text, isFresh: before === text };
}

export async function write(path: string, text: string): Promise<void> {
  await writeFile(new URL(path, ROOT), text);
}

function emptyIfMissing(error: unknown): string {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
  throw error;
}
