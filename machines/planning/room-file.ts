/** A room as a file describes it, for the `plan` command. */
import * as z from 'zod';
import type { PlanInput } from './contract.ts';

/** Beyond any line that there is; a larger number is a slip of the pen. 1 Tbit/s. */
const MOST_BPS = 1e12;

const id = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, 'must be 1 to 32 letters, digits, "_" or "-"');
const bps = z.number().min(0, 'must not be negative').max(MOST_BPS, `must not exceed ${MOST_BPS} bit/s`);

const source = z
  .strictObject({ minBps: bps, maxBps: bps })
  .refine(({ minBps, maxBps }) => minBps <= maxBps, { path: ['maxBps'], message: 'must not be less than minBps' });

const peer = z.strictObject({
  id,
  uploadBps: bps,
  lendBps: bps.optional(),
  downloadBps: bps.optional(),
  compatible: z.boolean().optional(),
  /** Of peers that have gone, too: wishes outlive them. */
  wants: z.array(id).optional(),
  source: source.optional(),
});

const room = z.strictObject({
  headroom: z.number().min(0, 'must not be negative').max(1, 'must not exceed 1'),
  peers: z.array(peer).superRefine((peers, context) => {
    const first = new Map<string, number>();
    peers.forEach((peer, index) => {
      const before = first.get(peer.id);
      if (before === undefined) first.set(peer.id, index);
      else
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `"${peer.id}" is peers[${before}] already` });
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

/**
 * @param text JSON: `{"headroom":1,"peers":[{"id","uploadBps","lendBps"?,"downloadBps"?,"compatible"?,"wants"?,"source"?}]}`
 * @throws RoomFileError on the first thing that is wrong
 */
export function parseRoomFile(text: string): PlanInput {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch (cause) {
    throw new RoomFileError('', `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
  const parsed = room.safeParse(data, { reportInput: true });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RoomFileError(fieldOf(issue?.path ?? []), issue?.message ?? 'not a room');
}

/** `peers[2].source.minBps` */
function fieldOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((field, key) => {
    if (typeof key === 'number') return `${field}[${key}]`;
    return field === '' ? String(key) : `${field}.${String(key)}`;
  }, '');
}
