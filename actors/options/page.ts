/** Options of commands that have a page on this machine. */
import { InvalidArgumentError, Option } from 'commander';

/** Of a room that is watched. Beside those of calls, which keep what the browser was allowed. */
const ROOM_PAGE_PORT = 4870;
const MAX_PORT = 65_535;

export function portOption(): Option {
  return new Option('--port <PORT>', 'of the page, or the next free one above; 0: any')
    .argParser(parsePort)
    .default(ROOM_PAGE_PORT);
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= MAX_PORT) return port;
  throw new InvalidArgumentError(`Write a number from 0 to ${MAX_PORT}.`);
}
