/** The value of `--want`: `all`, `none`, or a list of `ID[/STREAM][@RATE]`. */
import { InvalidArgumentError } from 'commander';
import { MESSAGES, streamNameSchema, type Want, type Wants } from '../../machines/messages.ts';
import { isId } from '../../machines/subjects.ts';
import { parseUsefulRate } from './values.ts';

const WANT = /^(?<source>[^/@]*)(?:\/(?<stream>[^/@]*))?(?:@(?<rate>.*))?$/;
const ACCEPTED = 'Write all, none, or a list like A,B/screen,C@800k: ID, ID/STREAM, each with @RATE if you like.';

/**
 * Reads `A,B/screen@2mbit`. Who is not there may be named all the same: it may come later.
 *
 * @throws {InvalidArgumentError} with what is accepted
 */
export function parseWants(text: string): Wants {
  if (text === 'all') return 'all';
  if (text === 'none') return [];
  const wants = text.split(',').map(parseWant);
  const twice = wants.find((want, index) => wants.slice(0, index).some((other) => isSame(want, other)));
  if (twice !== undefined) throw new InvalidArgumentError(`${nameOf(twice)} is named twice.`);
  const checked = MESSAGES.profile.shape.wants.safeParse(wants);
  if (checked.success) return checked.data;
  throw new InvalidArgumentError(`${wants.length} of them are more than a room could hold.`);
}

function parseWant(text: string): Want {
  const { source = '', stream, rate } = WANT.exec(text)?.groups ?? {};
  if (source === 'all' || (source === 'none' && stream === undefined)) {
    throw new InvalidArgumentError(`"${source}" stands alone.`);
  }
  if (!isId(source)) throw new InvalidArgumentError(`"${text}" names no peer. ${ACCEPTED}`);
  if (stream !== undefined && !streamNameSchema.safeParse(stream).success) {
    throw new InvalidArgumentError(`"${text}" names no stream. ${ACCEPTED}`);
  }
  return {
    source,
    ...(stream === undefined ? {} : { stream }),
    ...(rate === undefined ? {} : { maxBps: parseUsefulRate(rate) }),
  };
}

function isSame(a: Want, b: Want): boolean {
  return a.source === b.source && a.stream === b.stream;
}

function nameOf({ source, stream }: Want): string {
  return stream === undefined ? source : `${source}/${stream}`;
}
