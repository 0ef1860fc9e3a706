/** A run of the simulator as text: one JSON line for the room, then one for each thing that happens to it. */
import { z } from 'zod';
import { MAX_STREAMS, MESSAGES, peerIdSchema, streamNameSchema } from '../../../machines/messages.ts';
import { LIES } from '../hostile/misreport.ts';
import { placeSchema } from '../world/network/place.ts';
import { isPresetName, PRESET_NAMES, type PresetName } from './presets.ts';

const at = z.number().min(0).describe('virtual ms');
const forMs = z.number().min(0);
const bps = z.number().min(0);
const peer = peerIdSchema;
const wants = MESSAGES.profile.shape.wants.default('all');
const downloadBps = bps.nullable().default(null).describe('null: no matter');

const stream = z.object({
  name: streamNameSchema,
  media: z.enum(['audio', 'video']),
  minBps: bps,
  maxBps: bps,
  group: streamNameSchema.nullable().default(null),
  layer: z.int().min(0).default(0),
});
/** What a member shows. */
export type SimulatedStream = z.infer<typeof stream>;

const join = z.object({
  at,
  do: z.literal('join'),
  peer,
  uploadBps: bps,
  lendBps: bps,
  compatible: z.boolean(),
  streams: z.array(stream).max(MAX_STREAMS),
  wants,
  downloadBps,
  auto: z
    .boolean()
    .optional()
    .describe('measures its uplink, which carries `uploadBps`; packets are as on the wire then'),
  downlinkBps: z
    .number()
    .positive()
    .optional()
    .describe('what its line carries towards it, where it measures; left out: no matter'),
  bucketBytes: z.number().min(0).optional().describe('what its line lets through at once: a token bucket'),
  place: placeSchema.optional().describe('left out: `lan`'),
});
export type Join = z.infer<typeof join>;

const fault = z.discriminatedUnion('do', [
  join,
  z.object({ at, do: z.literal('leave'), peer }),
  z.object({ at, do: z.literal('crash'), peer }),
  z.object({ at, do: z.literal('restart'), peer, forMs }).describe('down for so long, then a new process'),
  z.object({ at, do: z.literal('upload'), peer, uploadBps: bps }),
  z
    .object({ at, do: z.literal('downlink'), peer, downlinkBps: z.number().positive() })
    .describe('of a member that has one'),
  z.object({ at, do: z.literal('misreport'), peer, forMs, lie: z.enum(LIES) }).describe('lies of what has arrived'),
  z.object({ at, do: z.literal('vanish'), peer, forMs }).describe('its uplink carries nothing'),
  z.object({ at, do: z.literal('foreign'), peer, forMs, bps }).describe('another program fills its line by so much'),
  z.object({ at, do: z.literal('overclaim'), peer, forMs, share: z.number().min(0).max(1) }),
  z.object({ at, do: z.literal('lie'), peer, forMs }).describe('takes what it should relay, and forwards nothing'),
  z
    .object({ at, do: z.literal('intercept'), by: z.union([z.literal('server'), peer]), forMs })
    .describe('the server, or a member whom it lets write what it likes, forges, repeats, cuts and redirects messages'),
  z
    .object({ at, do: z.literal('tamper'), from: peer, to: peer, forMs })
    .describe('somebody on the way makes up packets beside those that pass, with no key'),
  z
    .object({ at, do: z.literal('impersonate'), peer, owner: peer, to: peer, forMs })
    .describe('makes up packets of a stream that it gets, as if they came from its owner, with the keys that it has'),
  z
    .object({ at, do: z.literal('rekey'), peer, forMs })
    .describe('starts anew under another key, which the others trust after so long'),
  z
    .object({ at, do: z.literal('counterfeit'), peer, forMs })
    .describe('makes up packets of streams that it relays, with the keys that it has, and tells others keys of them'),
  z.object({ at, do: z.literal('forge'), peer, forMs }).describe('makes up packets beside those that it relays'),
  z.object({ at, do: z.literal('stall'), peer, forMs }).describe('the process stands still'),
  z.object({ at, do: z.literal('away'), peers: z.array(peer), forMs }).describe('cut off from the bus'),
  z.object({
    at,
    do: z.literal('link'),
    from: peer,
    to: peer,
    forMs,
    loss: z.number(),
    latencyMs: z.number(),
    narrowBps: bps.optional(),
  }),
  z.object({ at, do: z.literal('want'), peer, wants, downloadBps }).describe('it looks at others from now on'),
  z
    .object({ at, do: z.literal('show'), peer, streams: z.array(streamNameSchema).max(MAX_STREAMS) })
    .describe('of what it joined with it shows this from now on'),
  z
    .object({ at, do: z.literal('twin'), peer, forMs })
    .describe('the process sleeps for so long, and meanwhile another one starts under its id'),
  z
    .object({ at, do: z.literal('clockback'), peer, forMs, backMs: z.number().min(0) })
    .describe('a restart after which the clock stands so much earlier than before it'),
  z
    .object({ at, do: z.literal('move'), peer, place: placeSchema })
    .describe('another network, in the middle of the call'),
  z.object({ at, do: z.literal('rebind'), peer }).describe('its router starts anew, and nobody is told'),
  z
    .object({ at, do: z.literal('babble'), peer, forMs })
    .describe('sends garbled copies of what it sent before, and names addresses that are not its own'),
]);
export type Fault = z.infer<typeof fault>;

/** Scripts of when a peer had one source, or none: it is a camera. */
function withStreams(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('source' in value)) return value;
  const { source, ...rest } = value;
  const camera = { name: 'camera', media: 'video' };
  return { ...rest, streams: source === null ? [] : [{ ...camera, ...(source as object) }] };
}

const event = z.preprocess(withStreams, fault);

const presetName = z.string().refine(isPresetName, { error: `a preset is one of ${PRESET_NAMES.join(', ')}` });
const head = z.strictObject({
  seed: z.int().min(0),
  preset: presetName,
  seconds: z.number().positive(),
  sealed: z.boolean().optional().describe('media is sealed as in a real room; left out: it is not'),
  signed: z
    .enum(['open', 'locked'])
    .optional()
    .describe('members sign what they say, in a room without a key or with one; left out: they do not'),
});

export interface Script {
  readonly seed: number;
  readonly preset: PresetName;
  readonly seconds: number;
  /** Media is sealed; left out: it is not. */
  readonly sealed?: boolean | undefined;
  /** Members sign what they say on the bus, in a room without a key or with one, and RTCP is sealed; left out: they do not. */
  readonly signed?: 'open' | 'locked' | undefined;
  /** In the order of their times. */
  readonly faults: readonly Fault[];
}

/** A script file that is none. The text says which line and what is wrong with it. */
export class ScriptError extends Error {
  override readonly name = 'ScriptError';
  readonly code = 'script.invalid';
}

/** When a fault is over, in virtual ms. */
export function endOf(fault: Fault): number {
  return fault.at + ('forMs' in fault ? fault.forMs : 0);
}

/** What others must be told over the bus; the rest shows on the media path. */
const TOLD: ReadonlySet<Fault['do']> = new Set([
  'move',
  'rebind',
  'join',
  'crash',
  'restart',
  'rekey',
  'clockback',
  'twin',
  'babble',
  'upload',
  'want',
  'show',
]);

/** When all can know that a fault is over, in virtual ms: whoever is away from the bus then learns it when it is back. */
export function knownOf(fault: Fault, { faults }: Script): number {
  const outages = faults.filter((other) => other.do === 'away');
  let atMs = endOf(fault);
  if (!TOLD.has(fault.do)) return atMs;
  for (;;) {
    const backMs = Math.max(atMs, ...outages.filter(({ at }) => at <= atMs).map(endOf));
    if (backMs === atMs) return atMs;
    atMs = backMs;
  }
}

export function printScript({ faults, ...head }: Script): string {
  return [JSON.stringify(head), ...faults.map(printFault)].join('\n');
}

/** Drawn or read: the same fault is the same text. */
export function printFault(fault: Fault): string {
  const { at, do: what, ...rest } = fault;
  const details = Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ at, do: what, ...Object.fromEntries(details) });
}

/** @throws {ScriptError} */
export function parseScript(text: string): Script {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const [first, ...rest] = lines.filter(({ line }) => line !== '');
  if (first === undefined) throw new ScriptError('The script is empty. Its first line names seed, preset and seconds.');
  const room = parseLine(head, first);
  const faults = rest.map((line) => parseLine(event, line)).sort((a, b) => a.at - b.at);
  return { ...room, faults };
}

function parseLine<T>(schema: z.ZodType<T>, { line, number }: { line: string; number: number }): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ScriptError(`Line ${number} of the script is not JSON: ${line.slice(0, 80)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ScriptError(`Line ${number} of the script: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
