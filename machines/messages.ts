/**
 * Every message on the bus: its schema, its type, who sends it and when. The reference in PROTOCOL.md is generated from
 * this file. A message is JSON in an envelope that carries the sender's epoch and a sequence number; its kind is in the
 * subject (see subjects.ts). All sizes are bounded: whatever comes from the network is hostile.
 */
import { z } from 'zod';

/** More members than this are not a call; it bounds every list in a message. */
export const MAX_MEMBERS = 256;
/** A person has a voice, a face, a screen, and each picture perhaps in two sizes. */
export const MAX_STREAMS = 8;
/** So many digests of a stream one message tells: what is sent within a second at 10 Mbit/s. */
export const MOST_DIGESTS = 8;
/** Routes of all streams of one peer together: more relays than any plan gives a stream. */
export const MAX_ROUTES = 1024;
/** A member that says more of its legs are narrow has a narrow line. */
export const MAX_NARROW = 16;
/** A message larger than this is dropped unread. The largest profile that its schema takes fits (tested). */
export const MAX_MESSAGE_BYTES = 311_296;
/** 100 Gbit/s: above any uplink, far below where bit/s lose precision in a double. */
const MAX_BPS = 100_000_000_000;
/** A picture and a sound of each member, named one by one; who wants more of somebody wants all of it. */
export const MAX_WANTS = 2 * MAX_MEMBERS;

export const peerIdSchema = z
  .string()
  .regex(/^(?!all$)[A-Za-z0-9_-]{1,32}$/)
  .describe('id: 1 to 32 of A-Z a-z 0-9 _ -, not the word all');
const counter = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const bps = z.number().min(0).max(MAX_BPS).describe('bit/s');
const slices = z.int().min(1).max(0xffff).describe('16-bit mask; bit k: packets with sequence number mod 16 = k');
const ssrc = z.int().min(0).max(0xffff_ffff).describe('RTP SSRC');

/** A stream or a datagram sent to such an address would reach everybody, nobody, or whoever is beside the receiver. */
const NO_PEER_AT = /^(0\.|22[4-9]\.|2[3-5]\d\.|ff|fe[89ab][0-9a-f]:|::$)/;

const hostSchema = z
  .union([z.ipv4(), z.ipv6().overwrite(canonicalHost)])
  .refine((host) => !NO_PEER_AT.test(host), { error: 'not an address of one peer' })
  .describe('IPv4 or IPv6 literal; no multicast, broadcast, link-local or unspecified one');

const port = z.int().min(1).max(65_535);
const endpointSchema = z.object({ host: hostSchema, port });

/** Where a plain RTP endpoint receives RTP, and RTCP. */
export const mediaSchema = endpointSchema.extend({
  rtcpPort: port
    .optional()
    .describe('where it receives RTCP; left out: at `port` + 1; the same as `port`: it takes both there (RFC 5761)'),
});

/** How one of a peer's addresses is known: of an interface, given by the router, seen from outside, lent by a TURN server. */
export const candidateKindSchema = z.enum(['host', 'mapped', 'reflexive', 'relayed']);

/** What the routers in front of a peer do with its packets; `symmetric`: each receiver sees another port (RFC 5780 section 4.3). */
export const natSchema = z.enum(['unknown', 'none', 'cone', 'symmetric']);

/** What a person writes at once, in UTF-16 code units. */
export const MAX_CHAT_TEXT = 2000;
/** Nothing in it may steer a terminal or, by overriding its direction (UAX 9), pass for another text. */
export const chatTextSchema = z
  .string()
  .min(1)
  .max(MAX_CHAT_TEXT)
  .regex(/^(?:[\n\t]|[^\p{Cc}\p{Cs}\u202a-\u202e])*$/u)
  .describe(
    'plain text of 1 to 2000 UTF-16 code units; line feeds and tabs, no other control characters, no bidi overrides',
  );

/** More addresses than a peer has. Each is checked by everybody, so they are few; of one host fewer still. */
const MAX_CANDIDATES = 16;
const MAX_CANDIDATES_OF_HOST = 2;

/** Of a stream or of a group of them; unique among the streams of one peer. */
export const streamNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,32}$/)
  .describe('name: 1 to 32 of A-Z a-z 0-9 _ -');

/** Line and paragraph separators, what a terminal obeys, halves of characters, and what makes text run the other way (UAX 9). */
const NO_NAME = '\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Bidi_Control}';

/** What a person wants to be called: for people to read, and to tell nobody apart by. */
export const personNameSchema = z
  .string()
  .regex(new RegExp(`^[^${NO_NAME}]{0,64}$`, 'u'))
  .describe('one line of 0 to 64 characters, no control or bidi control characters');

export const streamSchema = z.object({
  name: streamNameSchema,
  ssrc,
  payloadType: z.int().min(0).max(127),
  codec: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,32}\/[0-9]{1,6}(\/[0-9]{1,2})?$/)
    .describe('encoding name and clock rate as in SDP rtpmap, e.g. VP8/90000'),
  // Goes into SDP files: nothing in it may end a line.
  fmtp: z
    .string()
    .regex(/^[\x20-\x7e]{0,1024}$/)
    .describe('format parameters as in SDP fmtp; empty: none'),
  media: z.enum(['audio', 'video']),
  minBps: bps,
  maxBps: bps,
  rateBps: bps.describe('what it sends now'),
  group: streamNameSchema.nullable().describe('streams of one group show the same; a receiver gets one of them'),
  layer: z
    .int()
    .min(0)
    .max(MAX_STREAMS - 1)
    .describe('of a group, the higher the more bit/s'),
});

/** Whom a source lets have its streams as plain RTP, which whoever is on the way can hear. */
const plainPolicySchema = z.enum(['allow', 'local', 'refuse']);

/** Which stream of whom a peer receives; of a group the best layer within `maxBps`. */
const want = z.object({
  source: peerIdSchema,
  stream: streamNameSchema.optional().describe('a stream or a group; left out: all of the source'),
  maxBps: bps.optional().describe('at most at this rate, bit/s'),
});
const wants = z.union([z.literal('all'), z.array(want).max(MAX_WANTS)]).describe('what it receives of whom');

const capabilities = {
  name: personNameSchema
    .default('')
    .describe('how people call it, at most 64 characters of one line; empty: by its id'),
  // Shown to people: nothing in it may steer a terminal.
  software: z.string().regex(/^[\x20-\x7e]{1,64}$/),
  version: z.string().regex(/^[\x20-\x7e]{1,32}$/),
  compatible: z.boolean().describe('speaks RPR'),
  oneAddress: z
    .boolean()
    .optional()
    .describe('a plain RTP endpoint that ties a stream to the address that it comes from first: each comes on one way'),
  media: mediaSchema.describe('where it receives, if it is a plain RTP endpoint'),
  key: z
    .string()
    .regex(/^[A-Za-z0-9_-]{43}$/)
    .nullable()
    .default(null)
    .describe(
      'X25519 public key (RFC 7748) in base64url, of which the keys of its pairs are made; null: it answers no checks',
    ),
  outside: hostSchema.nullable().default(null).describe('its address as the internet sees it; null: not known'),
  wants: wants.default('all'),
  plain: plainPolicySchema
    .default('local')
    .describe(
      'whom plain endpoints its streams go to: all; those at loopback, RFC 1918, RFC 3927 and RFC 4193 addresses; or none',
    ),
  streams: z
    .array(streamSchema)
    .max(MAX_STREAMS)
    .refine((streams) => isDistinct(streams.map(({ name }) => name)), { error: 'two streams of one name' })
    .refine((streams) => isDistinct(streams.map(({ ssrc }) => ssrc)), { error: 'two streams of one SSRC' }),
};

const legGroup = z.object({ slices, receivers: z.array(peerIdSchema).min(1).max(MAX_MEMBERS) });
/** Slices to receivers; who gets the same slices stands together. */
const legs = z.array(legGroup).max(MAX_MEMBERS);
const agreement = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,96}$/)
  .describe('agreement id, made by the client');
const revision = counter.describe('which version of the terms; the client counts up');

/** Why a relay said no. Stable: programs switch on them. */
export const rejectCodeSchema = z.enum([
  'capacity.exhausted',
  'receiver.unreachable',
  'lending.off',
  'stream.unknown',
  'peer.leaving',
  'request.invalid',
]);

/** Why an agreement ended. Stable: programs switch on them. */
export const releaseReasonSchema = z.enum([
  'client.done',
  'client.left',
  'relay.leaving',
  'relay.reclaimed',
  'relay.silent',
  'lease.expired',
]);

/** One schema a kind. The description is the protocol reference's text. */
export const MESSAGES = {
  invite: z
    .object({
      ...capabilities,
      known: z
        .array(z.object({ id: peerIdSchema, epoch: counter }))
        .max(MAX_MEMBERS)
        .describe('members whose session with the sender stands: they need not answer'),
    })
    .describe('A joiner to all; both ways between sessions with an incompatible endpoint, as a refresh.'),
  answer: z.object(capabilities).describe('To whoever invited and does not list the answerer as known. Idempotent.'),
  bye: z.object({ reason: z.enum(['left', 'replaced']) }).describe('To all: the sender leaves.'),
  beat: z
    .object({ profile: counter.describe("the number of the sender's profile") })
    .describe('A compatible peer to all, rarely in large rooms: I am here, and this is the number of my profile.'),
  'profile.ask': z
    .object({})
    .describe('To a member whose profile of the number that its beat names is not known: send it.'),
  profile: z
    .object({
      ...capabilities,
      number: counter.describe('counts up with every change'),
      uploadBps: bps,
      usableBps: bps.describe('upload times headroom: what the sender lets itself use'),
      lendBps: bps.describe('how much of the upload others may use'),
      downloadBps: bps.nullable().describe('what it can receive; null: no matter'),
      wants,
      leaving: z.boolean(),
      nat: natSchema
        .default('unknown')
        .describe('what the routers in front of it do with its packets; symmetric: each receiver sees another port'),
      cut: z.array(peerIdSchema).max(MAX_MEMBERS).default([]).describe('members that it has no way to, nor they to it'),
      costly: z
        .array(peerIdSchema)
        .max(MAX_MEMBERS)
        .default([])
        .describe('members that it reaches over a TURN server only: plans use that way where nobody relays'),
      narrow: z
        .array(z.object({ peer: peerIdSchema, bps }))
        .max(MAX_NARROW)
        .default([])
        .describe('members to whom its packets find a way of so little room: plans put no more on it where others can'),
      line: z
        .object({ bps, isShort: z.boolean() })
        .nullable()
        .default(null)
        .describe(
          'what it has found of its line, and whether it could use more: others behind its router share it; null: not measured',
        ),
      receivers: z
        .array(peerIdSchema)
        .max(MAX_MEMBERS)
        .describe('all receivers of its streams; the bitmaps of routes are over this list'),
      routes: z
        .array(
          z.object({
            stream: z
              .int()
              .min(0)
              .max(MAX_STREAMS - 1)
              .describe('place in `streams`'),
            relay: peerIdSchema.nullable(),
            slices,
            to: z
              .string()
              .regex(/^[0-9a-f]{0,64}$/)
              .describe('bitmap in hex over `receivers`: bit k mod 4 of digit k div 4 is receiver k'),
          }),
        )
        .max(MAX_ROUTES)
        .describe("how the sender's own streams run now"),
      agreements: z
        .array(z.object({ relay: peerIdSchema, agreement, revision }))
        .max(MAX_MEMBERS)
        .describe('what the sender holds as a client: what is listed is renewed with each beat, the rest runs out'),
      promisedBps: bps.describe('what its agreements as a relay hold of its upload'),
    })
    .describe('A compatible peer to all on change, to a new compatible member at once, and to whoever asks.'),
  'pair.candidates': z
    .object({
      generation: counter.describe('counts up with every change of its addresses'),
      candidates: z
        .array(
          endpointSchema.extend({
            kind: candidateKindSchema.describe(
              'of an interface, given by its router, as others see it, lent by a TURN server',
            ),
          }),
        )
        .max(MAX_CANDIDATES)
        .refine((candidates) => isSpread(candidates.map(({ host }) => host)), { error: 'too many of one host' }),
    })
    .describe(
      'A compatible peer to another, when they meet, on change, and again while no way is found: where it may be reached.',
    ),
  'relay.request': z
    .object({
      agreement,
      revision,
      streams: z
        .array(
          z.object({ stream: streamNameSchema, rateBps: bps.describe('rate of the whole stream'), legs: legs.min(1) }),
        )
        .min(1)
        .max(MAX_STREAMS)
        .refine((streams) => isDistinct(streams.map(({ stream }) => stream)), { error: 'a stream twice' }),
    })
    .describe(
      'Client to relay: forward these slices of my streams to these receivers. A higher revision amends what is agreed.',
    ),
  'relay.offer': z
    .object({
      agreement,
      revision,
      streams: z.array(z.object({ stream: streamNameSchema, legs })).max(MAX_STREAMS),
      spareBps: bps,
    })
    .describe('Relay to client: granted, and in force. May cover only part of the legs; a larger one may follow.'),
  'relay.reject': z
    .object({ agreement, revision, code: rejectCodeSchema, spareBps: bps })
    .describe('Relay to client: no, and why. An agreement in force keeps its terms.'),
  'media.missing': z
    .object({ stream: streamNameSchema, slices })
    .describe("Receiver to a stream's owner, every second: these slices of it do not come though you send them."),
  'media.forged': z
    .object({ stream: streamNameSchema, relay: peerIdSchema })
    .describe(
      "Receiver to a stream's owner: what this relay brings me of it is not what you have sent. Send me nothing through it any more.",
    ),
  'media.keys': z
    .object({
      keys: z
        .array(
          z.object({
            to: peerIdSchema,
            box: z
              .string()
              .regex(/^[A-Za-z0-9_-]{82,862}$/)
              .describe('base64url, see "Keys of media"'),
          }),
        )
        .min(1)
        .max(MAX_MEMBERS)
        .refine((keys) => isDistinct(keys.map(({ to }) => to)), { error: 'two boxes for one' }),
    })
    .describe(
      'A compatible peer to another, when they meet, and to all when its keys change: the keys of its streams, sealed for each that receives them.',
    ),
  'media.keys.ask': z.object({}).describe('To a member whose packets none of its keys opens: send them.'),
  'media.digests': z
    .object({
      digests: z
        .array(
          z
            .string()
            .regex(/^[A-Za-z0-9_-]{128,1494}$/)
            .describe('base64url of an RTCP packet, see "Digests of what was sent"'),
        )
        .min(1)
        .max(MOST_DIGESTS),
    })
    .describe("A stream's owner to a receiver that has asked: what it has sent."),
  'media.digests.ask': z
    .object({ ssrc, after: counter.describe('the number of the last one that it has, or 0') })
    .describe("Receiver to a stream's owner that no way leads to but through relays: tell me what you have sent."),
  'relay.release': z
    .object({
      agreement,
      reason: releaseReasonSchema,
      noticeMs: counter.describe(
        '0: ended now. Else the sender still forwards this long, so that the client can move first',
      ),
    })
    .describe('Either side: the agreement ends.'),
  chat: z
    .object({ text: chatTextSchema })
    .describe('A member to all or to one: what a person writes. It may be lost, and nobody tells it again.'),
} as const;

export type Kind = keyof typeof MESSAGES;
export const KINDS = Object.keys(MESSAGES) as readonly Kind[];
/** What a plain RTP endpoint takes part in. All other kinds are RPR's own and never reach it. */
export const SESSION_KINDS: readonly Kind[] = ['invite', 'answer', 'bye'];

export type Body<K extends Kind> = z.infer<(typeof MESSAGES)[K]>;
/** `channel`: at a TURN server, whoever it has bound to that channel for us; no message tells of it. */
export type Endpoint = Readonly<z.infer<typeof endpointSchema>> & { readonly channel?: number };
export type Media = Readonly<z.infer<typeof mediaSchema>>;
export type CandidateKind = z.infer<typeof candidateKindSchema>;
export type Candidate = Body<'pair.candidates'>['candidates'][number];
export type PlainPolicy = z.infer<typeof plainPolicySchema>;
export type Nat = z.infer<typeof natSchema>;
export type StreamInfo = z.infer<typeof streamSchema>;
export type StreamName = string;
export type Want = z.infer<typeof want>;
export type Wants = Body<'profile'>['wants'];
export type Capabilities = Body<'answer'>;
/** What a peer has of a line that others may fill too, in bit/s of what is used. */
export type LinePart = NonNullable<Body<'profile'>['line']>;
/** To whom a way of little room leads, and what it carries. */
export type NarrowLeg = Body<'profile'>['narrow'][number];
export type LegGroup = z.infer<typeof legGroup>;
/** Slices of one stream to one receiver. */
export interface Leg {
  readonly receiver: PeerId;
  readonly slices: number;
}
/** How part of a stream runs: these slices to these receivers, directly (null) or through a relay. */
export interface RouteInfo {
  readonly stream: StreamName;
  readonly relay: PeerId | null;
  readonly slices: number;
  readonly receivers: readonly PeerId[];
}
/** What a client holds of a relay. */
export type HeldAgreement = Body<'profile'>['agreements'][number];
export type RejectCode = z.infer<typeof rejectCodeSchema>;
export type ReleaseReason = z.infer<typeof releaseReasonSchema>;
export type PeerId = string;

/** A message to send: the envelope is the bus's affair. */
export type Outgoing = { [K in Kind]: { readonly kind: K; readonly body: Body<K> } }[Kind];
/** A message that has passed its schema. `seq` grows with every message of one epoch; an epoch grows with every start. */
export type Incoming = {
  [K in Kind]: {
    readonly kind: K;
    readonly from: PeerId;
    readonly epoch: number;
    readonly seq: number;
    readonly body: Body<K>;
  };
}[Kind];

/** Why a payload was dropped. */
export type MessageFault = 'oversized' | 'not-json' | 'invalid';

/**
 * One address has one text: who is at another's must not look as if it were elsewhere. IPv6 as RFC 5952 section 4 writes it, and an
 * IPv4-mapped one (RFC 4291 section 2.5.5.2) as the IPv4 address that its packets go to. What is no address stays as it is.
 */
function canonicalHost(host: string): string {
  const url = `http://[${host}]`;
  if (!URL.canParse(url)) return host;
  const text = new URL(url).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(text);
  if (mapped === null) return text;
  const words = mapped.slice(1).map((word) => Number.parseInt(word, 16));
  return words.flatMap((word) => [word >> 8, word & 0xff]).join('.');
}

function isDistinct(keys: readonly (string | number)[]): boolean {
  return new Set(keys).size === keys.length;
}

/** Whoever names many ports of one host has it checked by everybody at each. */
function isSpread(hosts: readonly string[]): boolean {
  return hosts.every((host) => hosts.filter((other) => other === host).length <= MAX_CANDIDATES_OF_HOST);
}

const envelope = z.object({ epoch: counter, seq: counter });

/** Write a message as the JSON text that goes on the bus. */
export function encodeMessage(message: Outgoing, epoch: number, seq: number): string {
  return JSON.stringify({ epoch, seq, ...message.body });
}

/** Read a payload of a known kind and sender; a fault is returned, never thrown. */
export function decodeMessage(
  kind: Kind,
  from: PeerId,
  text: string,
): Incoming | { readonly fault: MessageFault; readonly detail: string } {
  if (text.length > MAX_MESSAGE_BYTES)
    return { fault: 'oversized', detail: `${text.length} bytes, at most ${MAX_MESSAGE_BYTES}` };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { fault: 'not-json', detail: error instanceof Error ? error.message : String(error) };
  }
  const head = envelope.safeParse(value);
  const body = MESSAGES[kind].safeParse(value);
  if (!head.success) return { fault: 'invalid', detail: describeIssue(head.error) };
  if (!body.success) return { fault: 'invalid', detail: describeIssue(body.error) };
  return { kind, from, epoch: head.data.epoch, seq: head.data.seq, body: body.data } as Incoming;
}

function describeIssue(error: z.ZodError): string {
  const [issue] = error.issues;
  return issue ? `${issue.path.join('.') || '(message)'}: ${issue.message}` : 'does not fit the schema';
}
