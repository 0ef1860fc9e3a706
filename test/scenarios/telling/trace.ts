/** A run on the bus as a Mermaid sequence diagram: every message, in the order in which the server handled them. */
import { rename, writeFile } from 'node:fs/promises';
import { textOf } from '../../../actors/room-picture/message-text.ts';
import type { BusMessage } from '../../../actors/watch/bus-tap.ts';
import { ALL } from '../../../machines/subjects.ts';

/** Something that happened off the bus: the script's doing. */
export interface TraceNote {
  /** ms since the Unix epoch. */
  readonly at: number;
  readonly text: string;
}

/** The diagram's text. Peers stand in the order of their names, and `everyone` takes what goes to all. */
export function sequenceDiagram(messages: readonly BusMessage[], notes: readonly TraceNote[] = []): string {
  const peers = [...new Set(messages.flatMap(({ from, to }) => (to === ALL ? [from] : [from, to])))].sort();
  // Mermaid reads some words (end, loop) as its own: no peer's name may stand where it looks for those.
  const alias = new Map([...peers.map((peer, place) => [peer, `p${place}`] as const), [ALL, 'everyone'] as const]);
  const start = Math.min(...messages.map(({ at }) => at), ...notes.map(({ at }) => at));
  const nameOf = (id: string) => alias.get(id) ?? id;
  const events = [
    ...messages.map(({ at, from, to, message }) => ({
      at,
      line: `${nameOf(from)}->>${nameOf(to)}: ${textOf(message)} [${Math.round(at - start)} ms]`,
    })),
    ...notes.map(({ at, text }) => ({
      at,
      line: `Note over ${nameOf(peers[0] ?? ALL)},everyone: ${plain(text)} [${Math.round(at - start)} ms]`,
    })),
  ].sort((a, b) => a.at - b.at);
  const lines = [
    ...peers.map((peer) => `participant ${nameOf(peer)} as ${peer}`),
    'participant everyone',
    ...events.map(({ line }) => line),
  ];
  return `sequenceDiagram\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

/** Writes the diagram so that whoever reads the file sees all of it or the one before. */
export async function writeTrace(file: string, diagram: string): Promise<void> {
  const draft = `${file}.${process.pid}.tmp`;
  await writeFile(draft, diagram);
  await rename(draft, file);
}

/** Mermaid ends a statement at a semicolon and reads # as the start of a character's code. */
function plain(text: string): string {
  return text.replaceAll(/[;#\n]/g, ' ');
}
