/**
 * What the page of a peer and its peer say to each other, as JSON over a WebSocket of this machine. The page is believed no more than
 * the network is: each of its messages is checked against its schema, and what does not fit is answered by `error` and changes nothing.
 */
import { z } from 'zod';
import { peerIdSchema, personNameSchema, streamNameSchema } from '../../machines/messages.ts';
import { UPLINK_LIMITS } from '../../machines/uplink/contract.ts';
import type { ToPage } from '../watch/page-messages.ts';

/** Tiles that a page can show: a picture and a sound each. */
export const MAX_SLOTS = 25;
/** Names of people, in UTF-16 units, as the room takes them. */
const MAX_NAME = 64;
/** A chat message, in UTF-16 units, as the room takes it. */
const MAX_CHAT = 2000;
/** An invitation is a link with the server and the room in it. */
const MAX_INVITE = 2048;
/** An offer of 25 tiles has 150 kB. */
const MAX_SDP = 240 * 1024;
/** Of each kind of track one, and that with as many layers as a group of ours has. */
const MAX_TRACKS = 4;
const MAX_LAYERS = 2;
/** Longer names of machines are cut where they are told. */
const MAX_MACHINE = 160;
/** 10 Gbit/s: no uplink of a person has more. */
const MAX_BPS = 10_000_000_000;

const bps = z.number().min(0).max(MAX_BPS).describe('bit/s');
/** Of an m-line, as browsers choose them. */
const mid = z.string().regex(/^[A-Za-z0-9_.-]{1,32}$/);
const rid = z.string().regex(/^[A-Za-z0-9]{1,16}$/);
/** What the page can show: a camera's layers are one to it. */
const trackSchema = z.enum(['camera', 'voice', 'screen', 'screen-sound']);

/** What the page sends, by m-line. */
const tracksSchema = z
  .array(
    z.object({
      mid,
      stream: trackSchema,
      layers: z
        .array(z.object({ rid, maxHeight: z.int().min(1).max(10_000) }))
        .max(MAX_LAYERS)
        .describe('simulcast, the smallest first; empty: one encoding'),
    }),
  )
  .max(MAX_TRACKS)
  .refine((tracks) => new Set(tracks.map(({ stream }) => stream)).size === tracks.length, { error: 'one stream twice' })
  .describe('what the page sends, by m-line');

/** From the page. */
export const PAGE_MESSAGES = {
  hello: z
    .object({ takeOver: z.boolean() })
    .describe('The first word of a tab. `takeOver`: also where another tab has the call, which then loses it.'),
  join: z
    .object({
      name: z
        .string()
        .trim()
        .min(1)
        .max(MAX_NAME)
        .pipe(personNameSchema)
        .describe('of the person, as the room takes it'),
      room: peerIdSchema,
      id: peerIdSchema.optional().describe('left out: made of the name'),
      invite: z.string().min(1).max(MAX_INVITE).optional().describe('the line or link that somebody has sent'),
      upload: bps
        .min(1000)
        .optional()
        .describe('what the uplink carries at most, bit/s; left out: as the command says'),
    })
    .describe('Join a room, from the lobby; answered by `welcome` or by `ended`.'),
  offer: z
    .object({
      sdp: z.string().min(1).max(MAX_SDP),
      tracks: tracksSchema,
    })
    .describe('A session description; answered by `answer`.'),
  send: z
    .object({ tracks: tracksSchema })
    .describe('What comes and goes on the m-lines that were offered: it needs no other description.'),
  show: z
    .object({
      slots: z
        .array(
          z.object({
            mid: mid.describe('an m-line on which the page receives'),
            peer: peerIdSchema,
            stream: streamNameSchema.describe('a stream or a group'),
            maxBps: bps.optional().describe('no more than this is worth showing there'),
          }),
        )
        .max(2 * MAX_SLOTS)
        .refine((slots) => new Set(slots.map((slot) => slot.mid)).size === slots.length, { error: 'one slot twice' }),
    })
    .describe('All slots that show or play something. What is in none is not received.'),
  mute: z
    .object({ stream: trackSchema, muted: z.boolean() })
    .describe('A muted stream sends nothing; a picture that is muted is not in the room at all.'),
  chat: z.object({ text: z.string().min(1).max(MAX_CHAT), to: peerIdSchema.optional() }).describe('To all, or to one.'),
  saver: z.object({ on: z.boolean() }).describe('Receive sounds only.'),
  watch: z
    .object({ on: z.boolean() })
    .describe('The picture of the room is shown, or no more; anew with each connection. Answered by `picture`.'),
  look: z.object({ peer: peerIdSchema.nullable() }).describe('While it is shown: whose machines are.'),
  context: z
    .object({ peer: peerIdSchema, machine: z.string().max(MAX_MACHINE) })
    .describe('While it is shown: what one of the machines remembers.'),
  leave: z.object({}).describe('Leave the room; answered by `ended`.'),
} as const;

/** What a message says beside its type; one that says no more is not a message of which nothing may be said. */
type Body<S extends z.ZodObject> = [keyof S['shape']] extends [never] ? unknown : Readonly<z.infer<S>>;

export type PageMessageType = keyof typeof PAGE_MESSAGES;
export type PageMessage = {
  [T in PageMessageType]: { readonly type: T } & Body<(typeof PAGE_MESSAGES)[T]>;
}[PageMessageType];
export type TrackName = z.infer<typeof trackSchema>;
/** What one of the page's m-lines sends. */
export type SentTrack = z.infer<typeof tracksSchema>[number];
/** What one slot shows. */
export type ShownSlot = z.infer<(typeof PAGE_MESSAGES)['show']>['slots'][number];

const identity = z.object({ id: peerIdSchema, name: z.string().max(MAX_NAME), room: peerIdSchema });

/** One of our own streams, as the room has it. */
const ownStreamState = z.object({
  stream: streamNameSchema.describe('`camera-small` and `camera-large` are the layers of `camera`'),
  track: trackSchema,
  rateBps: bps.describe('planned; 0: nobody receives it'),
  sentBps: bps,
  receivers: z.int().min(0),
  muted: z.boolean(),
  relays: z.array(peerIdSchema),
});

const remoteStreamState = z.object({
  stream: streamNameSchema,
  group: streamNameSchema.nullable(),
  layer: z.int(),
  media: z.enum(['audio', 'video']),
  codec: z.string().describe('as in SDP: VP8/90000'),
  playable: z.boolean().describe('the page can decode it'),
  bps: bps.describe('what comes now'),
  loss: z.number().min(0).max(1).nullable().describe('null: nothing was due'),
  via: z.array(peerIdSchema).describe('relays that it comes through; empty: directly'),
  freezes: z.int().min(0),
  frozenMs: z.number().min(0).describe('it stands still now, for so long; 0: it moves'),
  silent: z.boolean().describe('a voice that is wanted, and nothing comes of it: it is muted'),
});

/** Of members that one is told of beside its streams. */
export const MOST_NAMED = 8;

const memberState = z.object({
  id: peerIdSchema,
  name: z.string().max(MAX_NAME),
  state: z.string().describe("as in the peer's table: connected, silent, leaving …"),
  pair: z.enum(['direct', 'lan', 'turn', 'via', 'none', 'looking']).describe('how the two reach each other'),
  relays: z.array(peerIdSchema).describe('where `pair` is `via`'),
  reason: z.string().nullable().describe('where there is no way'),
  plain: z
    .enum(['hears', 'refused'])
    .nullable()
    .describe(
      'a plain endpoint: hears somebody in the clear, or hears nothing of us as we do not let it; null: neither',
    ),
  sealed: z.boolean().describe('all that it and we send each other is encrypted'),
  heardBy: z.array(peerIdSchema).max(MOST_NAMED).describe('plain endpoints that may hear its streams in the clear'),
  forgedBy: z
    .array(peerIdSchema)
    .max(MOST_NAMED)
    .describe('who has brought packets of its streams that it has not sent: a relay, or its own id'),
  streams: z.array(remoteStreamState),
});

const chatLine = z.object({
  from: peerIdSchema,
  name: z.string().max(MAX_NAME),
  text: z.string(),
  at: z.number().describe('ms since the Unix epoch'),
  mine: z.boolean(),
  to: peerIdSchema.optional(),
});

/** To the page. */
export const SERVER_MESSAGES = {
  welcome: z
    .object({
      state: z.enum(['lobby', 'call']),
      self: identity.describe('in the lobby: suggestions for the form; an empty name: none'),
      uploadBps: bps.nullable().describe('null: it is measured'),
      codecs: z.array(z.string()).describe('that the peer carries, the best first: `video/VP8`, `audio/opus`'),
      slots: z.int().describe('the most that are worth making'),
      limits: z.object({ name: z.int(), chat: z.int() }),
    })
    .describe('To `hello` and to `join`. In a call `state` follows at once, and then what has been said in it.'),
  occupied: z.object({}).describe('Another tab has the call: ask, and then say `hello` with `takeOver`.'),
  answer: z.object({ sdp: z.string() }),
  state: z
    .object({
      at: z.number().describe('ms since the Unix epoch'),
      self: identity.extend({
        uploadBps: bps,
        usedBps: bps,
        lentBps: bps,
        line: z
          .object({
            bps: bps.nullable().describe('what it carries, on the wire; null: not known yet'),
            limit: z.enum(UPLINK_LIMITS),
            overratedBps: bps.nullable().describe('what was said of it, where it carries less'),
          })
          .nullable()
          .describe('the uplink as it is measured; null: what was said of it is believed'),
        downlinkBps: bps
          .nullable()
          .describe('what the line carries towards the peer, on the wire; null: all that it wants, as far as is known'),
        bus: z.enum(['connected', 'lost']),
      }),
      own: z.array(ownStreamState),
      members: z.array(memberState),
      invite: z.string().describe('what others type to join'),
    })
    .describe('On change, at most four times a second.'),
  rate: z
    .object({ mid, rid: rid.nullable(), maxBps: bps })
    .describe('Set the encoder to this. 0: nobody receives it, pause it.'),
  chat: chatLine,
  picture: z
    .object({ told: z.custom<ToPage>((told) => typeof told === 'object' && told !== null) })
    .describe('While the page watches: what the page of a watched room is told, at most twice a second.'),
  ended: z
    .object({ code: z.enum(['left', 'replaced', 'refused', 'failed', 'taken-over']), text: z.string() })
    .describe('The call is over, and the page is in the lobby; `taken-over`: in this tab alone, which is closed.'),
  error: z
    .object({ code: z.string(), text: z.string(), field: z.string().optional() })
    .describe('What was wrong with a message. It has changed nothing.'),
} as const;

export type ServerMessageType = keyof typeof SERVER_MESSAGES;
export type ServerMessage = {
  [T in ServerMessageType]: { readonly type: T } & Body<(typeof SERVER_MESSAGES)[T]>;
}[ServerMessageType];
export type RoomState = Extract<ServerMessage, { type: 'state' }>;
export type OwnStreamState = RoomState['own'][number];
export type MemberState = RoomState['members'][number];
export type RemoteStreamState = MemberState['streams'][number];
export type ChatLine = z.infer<typeof chatLine>;
export const LIMITS = { name: MAX_NAME, chat: MAX_CHAT } as const;

/** What is wrong with a message: the field that a person may mend, and why. */
export interface PageFault {
  readonly type: 'fault';
  readonly field: string;
  readonly text: string;
}

/** Reads what a page has sent. Never throws. */
export function readPageMessage(value: unknown): PageMessage | PageFault {
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string' || !Object.hasOwn(PAGE_MESSAGES, type)) {
    return {
      type: 'fault',
      field: 'type',
      text: `There is no such message. Types are ${Object.keys(PAGE_MESSAGES).join(', ')}.`,
    };
  }
  const read = PAGE_MESSAGES[type as PageMessageType].safeParse(value);
  if (read.success) return { type, ...read.data } as PageMessage;
  const [issue] = read.error.issues;
  const text = issue?.message ?? 'does not fit the schema';
  return { type: 'fault', field: issue?.path.join('.') ?? '', text };
}
