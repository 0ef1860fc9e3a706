/**
 * Every message on the bus: its schema, its type, who sends it and when. The reference in PROTOCOL.md is generated from
 * this file. A message is JSON in an envelope that carries the sender's epoch and a sequence number; its kind is in the
 * subject (see subjects.ts). All sizes are bounded: whatever comes from the network is hostile.
 */
import { z } from 'zod';

/** More members than this are not a call; it bounds every list in a message. */
export const MAX_MEMBERS = 256;
/** A message larger than this is dropped unread. A presence of 256 members with a route each fits. */
export const MAX_MESSAGE_BYTES = 65_536;
/** 100 Gbit/s: above any uplink, far below where bit/s lose precision in a double. */
const MAX_BPS = 100_000_000_000;

export const peerIdSchema = z
  .string()
  .regex(/^(?!all$)[A-Za-z0-9_-]{1,32}$/)
  .describe('id: 1 to 32 of A-Z a-z 0-9 _ -, not the word all');
const counter = z.int().min(0).max(Number.MAX_SAFE_INTEGER);
const bps = z.number().min(0).max(MAX_BPS).describe('bit/s');
const slices = z.int().min(1).max(0xffff).describe('16-bit mask; bit k: packets with sequence number mod 16 = k');
const ssrc = z.int().min(0).max(0xffff_ffff).describe('RTP SSRC');

export const endpointSchema = z.object({
  host: z
    .string()
    .regex(/^[0-9A-Fa-f.:]{2,45}$/)
    .describe('IPv4 or IPv6 literal'),
  port: z.int().min(1).max(65_535),
});

export const sourceSchema = z.object({
  ssrc,
  payloadType: z.int().min(0).max(127),
  codec: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,32}\/[0-9]{1,6}(\/[0-9]{1,2})?$/)
    .describe('encoding name and clock rate as in SDP rtpmap, e.g. VP8/90000'),
  media: z.enum(['audio', 'video']),
  minBps: bps,
  maxBps: bps,
  rateBps: bps.describe('what it sends now'),
});

const capabilities = {
  // Shown to people: nothing in it may steer a terminal.
  software: z.string().regex(/^[\x20-\x7e]{1,64}$/),
  version: z.string().regex(/^[\x20-\x7e]{1,32}$/),
  compatible: z.boolean().describe('speaks RPR'),
  media: endpointSchema.describe('where it receives RTP and RTCP'),
  source: sourceSchema.nullable(),
};

const leg = z.object({ receiver: peerIdSchema, slices });
const addressedLeg = leg.extend({ address: endpointSchema });
const legs = z.array(leg).max(MAX_MEMBERS);
const agreement = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,96}$/)
  .describe('agreement id, made by the client');
const revision = counter.describe('which version of the terms; the client counts up');

/** Why a relay said no. Stable: programs switch on them. */
export const rejectCodeSchema = z.enum([
  'capacity.exhausted',
  'lending.off',
  'agreement.unknown',
  'source.unknown',
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
    .describe(
      'A joiner to all; any peer to one it has no session with; both ways between sessions with an incompatible endpoint, as a refresh.',
    ),
  answer: z.object(capabilities).describe('To whoever invited and does not list the answerer as known. Idempotent.'),
  bye: z.object({ reason: z.enum(['left', 'replaced']) }).describe('To all: the sender leaves.'),
  presence: z
    .object({
      ...capabilities,
      uploadBps: bps,
      usableBps: bps.describe('upload times headroom: what the sender lets itself use'),
      lendBps: bps.describe('how much of the upload others may use'),
      leaving: z.boolean(),
      routes: z
        .array(
          z.object({
            relay: peerIdSchema.nullable(),
            slices,
            receivers: z.array(peerIdSchema).max(MAX_MEMBERS).readonly(),
          }),
        )
        .max(MAX_MEMBERS)
        .describe("how the sender's own source runs now"),
      promisedBps: bps.describe('what its agreements as a relay hold of its upload'),
    })
    .describe('A compatible peer to all on change and every second, and to a new compatible member at once.'),
  'relay.request': z
    .object({
      agreement,
      revision,
      ssrc,
      rateBps: bps.describe('rate of the whole source'),
      legs: z.array(addressedLeg).min(1).max(MAX_MEMBERS),
    })
    .describe(
      'Client to relay: forward these slices of my source to these receivers. A higher revision of a known agreement amends it.',
    ),
  'relay.offer': z
    .object({
      agreement,
      revision,
      legs,
      spareBps: bps,
      holdMs: counter.describe('how long the reservation waits for an accept'),
    })
    .describe('Relay to client: reserved. May cover only part of the legs. Packets that arrive already are forwarded.'),
  'relay.reject': z
    .object({ agreement, revision, code: rejectCodeSchema, spareBps: bps })
    .describe(
      'Relay to client: no, and why. An agreement in force keeps its terms, unless the code is agreement.unknown.',
    ),
  'relay.accept': z
    .object({ agreement, revision })
    .describe('Client to relay: start with the terms offered; the same again renews the lease.'),
  'media.missing': z
    .object({ ssrc, slices })
    .describe(
      "Receiver to a source's owner, every second: these slices of your source do not come though you send them.",
    ),
  'relay.release': z
    .object({
      agreement,
      reason: releaseReasonSchema,
      noticeMs: counter.describe(
        '0: ended now. Else the sender still forwards this long, so that the client can move first',
      ),
    })
    .describe('Either side: the agreement ends.'),
} as const;

export type Kind = keyof typeof MESSAGES;
export const KINDS = Object.keys(MESSAGES) as readonly Kind[];
/** What a plain RTP endpoint takes part in. All other kinds are RPR's own and never reach it. */
export const SESSION_KINDS: readonly Kind[] = ['invite', 'answer', 'bye'];

export type Body<K extends Kind> = z.infer<(typeof MESSAGES)[K]>;
export type Endpoint = z.infer<typeof endpointSchema>;
export type SourceInfo = z.infer<typeof sourceSchema>;
export type Capabilities = Body<'answer'>;
export type Leg = z.infer<typeof leg>;
export type AddressedLeg = z.infer<typeof addressedLeg>;
/** How part of a source runs: these slices to these receivers, directly (null) or through a relay. */
export interface RouteInfo {
  readonly relay: PeerId | null;
  readonly slices: number;
  readonly receivers: readonly PeerId[];
}
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
