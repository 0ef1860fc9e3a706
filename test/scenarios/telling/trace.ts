/** A run on the bus as a Mermaid sequence diagram: every message, in the order in which the server handled them. */
import { rename, writeFile } from 'node:fs/promises';
import { endpointText } from '../../../infra/path/addresses.ts';
import { formatRate } from '../../../infra/units/rate.ts';
import type { Incoming } from '../../../machines/messages.ts';
import { unpackRoutes } from '../../../machines/signaling/routes-on-wire.ts';
import { sliceHex } from '../../../machines/slices.ts';
import { ALL } from '../../../machines/subjects.ts';
import type { BusMessage } from '../playing/bus-tap.ts';
import { relayed } from './narrator.ts';

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
      line: `${nameOf(from)}->>${nameOf(to)}: ${describe(message)} [${Math.round(at - start)} ms]`,
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

function describe(message: Incoming): string {
  switch (message.kind) {
    case 'invite':
    case 'answer': {
      const { compatible, streams } = message.body;
      const shows = streams.map(({ name, codec, rateBps }) => `${name} ${codec} ${formatRate(rateBps)}`).join(', ');
      return `${message.kind} (${compatible ? '' : 'plain RTP, '}${shows || 'no stream'})`;
    }
    case 'bye':
      return `bye (${message.body.reason})`;
    case 'beat':
      return `beat (profile ${message.body.profile})`;
    case 'profile.ask':
      return message.kind;
    case 'profile': {
      const { number, uploadBps, promisedBps, streams, receivers, routes, leaving } = message.body;
      const ways = unpackRoutes(streams, receivers, routes).map(
        (route) =>
          `${route.stream} to ${route.receivers.join(' ')} ${route.relay === null ? 'direct' : `via ${route.relay}`}`,
      );
      const promised = promisedBps > 0 ? `, ${formatRate(promisedBps)} promised` : '';
      const state = `${leaving ? 'leaving, ' : ''}${formatRate(uploadBps)}${promised}`;
      return `profile ${number} (${state}${ways.map((way) => `, ${way}`).join('')})`;
    }
    case 'chat':
      return `chat (${message.body.text.length} characters)`;
    case 'relay.request':
    case 'relay.offer':
      return `${message.kind} ${message.body.agreement} r${message.body.revision} (${relayed(message.body.streams)})`;
    case 'relay.reject':
      return `${message.kind} ${message.body.agreement} r${message.body.revision} (${message.body.code})`;
    case 'pair.candidates': {
      const places = message.body.candidates.map(({ kind, host, port }) => `${kind} ${endpointText({ host, port })}`);
      return `${message.kind} (${places.join(', ') || 'none'})`;
    }
    case 'media.missing':
      return `${message.kind} (${message.body.stream}, slices ${sliceHex(message.body.slices)})`;
    case 'relay.release':
      return `${message.kind} ${message.body.agreement} (${message.body.reason}${message.body.noticeMs > 0 ? `, in ${message.body.noticeMs} ms` : ''})`;
  }
}

/** Mermaid ends a statement at a semicolon and reads # as the start of a character's code. */
function plain(text: string): string {
  return text.replaceAll(/[;#\n]/g, ' ');
}
