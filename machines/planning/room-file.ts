/** A room as a file describes it, for the `plan` command. */
import * as z from 'zod';
import type { PlanInput, PlanPeer, PlanWant } from './contract.ts';

/** Beyond any line that there is; a larger number is a slip of the pen. 1 Tbit/s. */
const MOST_BPS = 1e12;
/** As many as a peer may announce. */
const MOST_STREAMS = 8;
/** What `source` stands for: one video of this name. */
const SOURCE = 'source';

const NAME = '[A-Za-z0-9_-]{1,32}';
const name = z.string().regex(new RegExp(`^${NAME}$`), 'must be 1 to 32 letters, digits, "_" or "-"');
const bps = z.number().min(0, 'must not be negative').max(MOST_BPS, `must not exceed ${MOST_BPS} bit/s`);

const range = { minBps: bps, maxBps: bps };
const inOrder = ({ minBps, maxBps }: { minBps: number; maxBps: number }): boolean => minBps <= maxBps;
const OUT_OF_ORDER = { path: ['maxBps'], message: 'must not be less than minBps' };

const source = z.strictObject(range).refine(inOrder, OUT_OF_ORDER);

const stream = z
  .strictObject({
    name,
    media: z.enum(['audio', 'video'], 'must be "audio" or "video"'),
    ...range,
    group: name.optional(),
    layer: z.int('must be a whole number').min(0, 'must not be negative').optional(),
  })
  .refine(inOrder, OUT_OF_ORDER)
  .superRefine(({ media, group, layer }, context) => {
    const wrong = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message });
    };
    if (group === undefined && layer !== undefined) wrong('layer', 'a layer must be one of a group');
    if (group !== undefined && layer === undefined) wrong('layer', 'a stream of a group must say which layer it is');
    if (group !== undefined && media === 'audio') wrong('group', 'only videos have layers');
  });

const streams = z
  .array(stream)
  .max(MOST_STREAMS, `must not be more than ${MOST_STREAMS}`)
  .superRefine((given, context) => {
    given.forEach(({ name, group, layer }, index) => {
      const twin = given.findIndex((other) => other.name === name);
      const sameLayer = given.findIndex(
        (other) => group !== undefined && other.group === group && other.layer === layer,
      );
      const wrong = (field: string, message: string): void => {
        context.addIssue({ code: 'custom', path: [index, field], message });
      };
      if (twin < index) wrong('name', `"${name}" is streams[${twin}] already`);
      if (sameLayer >= 0 && sameLayer < index)
        wrong('layer', `${layer} of "${group}" is streams[${sameLayer}] already`);
      if (given.some((other) => other.group === name && other !== given[index] && group !== name))
        wrong('name', `"${name}" is the name of a group`);
    });
  });

const want = z.string().regex(new RegExp(`^${NAME}(/${NAME})?$`), 'must be "ID" or "ID/STREAM"');

const peer = z
  .strictObject({
    id: name,
    uploadBps: bps,
    lendBps: bps.optional(),
    downloadBps: bps.optional(),
    compatible: z.boolean().optional(),
    oneAddress: z.boolean().optional(),
    wants: z.array(want).optional(),
    source: source.optional(),
    streams: streams.optional(),
  })
  .refine(({ source, streams }) => source === undefined || streams === undefined, {
    path: ['streams'],
    message: 'a peer has either "source" or "streams"',
  });
type FilePeer = z.infer<typeof peer>;

const pairs = z.array(z.tuple([name, name])).optional();

const room = z.strictObject({
  headroom: z.number().min(0, 'must not be negative').max(1, 'must not exceed 1'),
  cut: pairs,
  costly: pairs,
  peers: z.array(peer).superRefine((peers, context) => {
    const wrong = (path: PropertyKey[], message: string): void => {
      context.addIssue({ code: 'custom', path, message });
    };
    peers.forEach(({ id, source, wants = [] }, index) => {
      const first = peers.findIndex((other) => other.id === id);
      if (first < index) wrong([index, 'id'], `"${id}" is peers[${first}] already`);
      if (source !== undefined && saysStreams(peers))
        wrong([index, 'source'], 'a room has either "source" or "streams"');
      wants.forEach((text, place) => {
        const fault = faultOf(text, peers);
        if (fault !== null) wrong([index, 'wants', place], fault);
      });
    });
  }),
});

/** A room file that can't be planned. `field` is the path of what is wrong, empty for the file as a whole. */
export class RoomFileError extends Error {
  readonly code = 'room-file.invalid';
  readonly field: string;

  constructor(field: string, reason: string, options?: ErrorOptions) {
    super(field === '' ? reason : `${field}: ${reason}`, options);
    this.name = 'RoomFileError';
    this.field = field;
  }
}

export interface RoomFile {
  readonly input: PlanInput;
  /** Whether the file speaks of streams; else every peer has one source at most, and streams need no names. */
  readonly saysStreams: boolean;
}

/**
 * @param text JSON: `{"headroom":1,"peers":[{"id","uploadBps","lendBps"?,"downloadBps"?,"compatible"?,"oneAddress"?,"wants"?,"source"?}],"cut"?:[[ID,ID]],"costly"?:[[ID,ID]]}`, with
 *   `"source":{"minBps","maxBps"}` or `"streams":[{"name","media","minBps","maxBps","group"?,"layer"?}]`
 * @throws RoomFileError on the first thing that is wrong
 */
export function parseRoomFile(text: string): RoomFile {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new RoomFileError('', `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = room.safeParse(data, { reportInput: true });
  if (parsed.success) {
    const { headroom, peers, cut, costly } = parsed.data;
    const input = { headroom, peers: peers.map(planPeer), ...(cut && { cut }), ...(costly && { costly }) };
    return { input, saysStreams: saysStreams(peers) };
  }
  const [issue] = parsed.error.issues;
  throw new RoomFileError(fieldOf(issue?.path ?? []), issue?.message ?? 'not a room');
}

function saysStreams(peers: readonly FilePeer[]): boolean {
  return peers.some(({ streams }) => streams !== undefined);
}

/** In a room of sources a want may be for a peer that has gone: wishes outlive them. */
function faultOf(text: string, peers: readonly FilePeer[]): string | null {
  const { source, stream } = wantOf(text);
  const wanted = peers.find(({ id }) => id === source);
  if (stream === undefined) return wanted === undefined && saysStreams(peers) ? `there is no peer "${source}"` : null;
  if (wanted === undefined) return `there is no peer "${source}"`;
  const isThere = wanted.streams?.some(({ name, group }) => name === stream || group === stream) === true;
  return isThere ? null : `"${source}" has no stream "${stream}"`;
}

function wantOf(text: string): PlanWant {
  const [source = '', stream] = text.split('/');
  return stream === undefined ? { source } : { source, stream };
}

function planPeer({ source, streams, wants, ...peer }: FilePeer): PlanPeer {
  const own = streams ?? (source && [{ name: SOURCE, media: 'video' as const, ...source }]);
  return { ...peer, ...(wants && { wants: wants.map(wantOf) }), ...(own && { streams: own }) };
}

/** `peers[2].source.minBps` */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, key) => {
    if (typeof key === 'number') return `${field}[${key}]`;
    return field === '' ? String(key) : `${field}.${String(key)}`;
  }, '');
}
