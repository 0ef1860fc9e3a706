/**
 * How a scenario script drives a peer over the bus, and asks it what it saw. Outside the protocol: a peer obeys only the
 * one sender it was started with (`--controller ID`), and such a peer waits for `control.join` before it joins.
 *
 * Subjects are the bus's: `rpr.v2.<room>.<controller>.<peer>.control.<command>` one way,
 * `rpr.v2.<room>.<peer>.<controller>.control.<news>` the other.
 */
import { z } from 'zod';
import type { NatsBus } from '../../infra/nats/connection.ts';
import { MESSAGES, peerIdSchema, streamNameSchema } from '../../machines/messages.ts';
import { parseSubject, subjectOf } from '../../machines/subjects.ts';

const count = z.int().min(0);
const bps = z.number().min(0);
/** Milliseconds since the Unix epoch, with fractions: all peers of a scenario share a machine's clock. */
const moment = z.number();
const sequence = z.int();

/**
 * Packets of a stream by extended sequence number of its sender: from (inclusive) to (exclusive). A window without `stream` is one
 * of the peer's first.
 */
const window = z.object({ source: peerIdSchema, stream: streamNameSchema.optional(), from: sequence, to: sequence });
const { wants, downloadBps } = MESSAGES.profile.shape;

export const COMMANDS = {
  'control.join': z.object({}),
  'control.upload': z.object({ uploadBps: bps, lendBps: bps.optional() }),
  /** What the peer receives from now on; what is left out stays as it is. */
  'control.want': z.object({ wants: wants.optional(), downloadBps: downloadBps.optional() }),
  'control.leave': z.object({}),
  /** Die on the spot: the peer sends itself SIGKILL. */
  'control.kill': z.object({}),
  /** Answer with `control.report`, which carries the same number. */
  'control.ask': z.object({ request: count, windows: z.array(window).max(256), gapsSince: moment.nullable() }),
  /** Answer with `control.line`: so little that a slow line can be asked often. */
  'control.line': z.object({ request: count }),
} as const;

/** Of one stream of another peer. */
const reception = z.object({
  source: peerIdSchema,
  stream: streamNameSchema,
  /** The newest hundred packets that reached the sink, by the peer they came from (the source itself: direct). */
  via: z.record(peerIdSchema, count),
  /** What the sink got of the window asked for; null where none was. */
  window: z.object({ received: count, duplicates: count, via: z.record(peerIdSchema, count) }).nullable(),
  /** The longest time without a packet since `gapsSince`, ms. */
  longestGapMs: z.number().nullable(),
  /** Of pictures: by how much the latest packet since then was late, beside those that came soonest, ms. */
  latestMs: z.number().nullable(),
  /** When the first packet came, by whatever way, and when the first came through a relay. */
  firstAt: moment.nullable(),
  firstRelayedAt: moment.nullable(),
});

/** How another peer gets one of ours, by its newest RTCP report; what has not come for five seconds is left out. */
const receiver = z.object({
  receiver: peerIdSchema,
  stream: streamNameSchema,
  /** Share of packets lost between its last two reports, 0..1; and packets lost since it began. */
  loss: z.number().min(0).max(1),
  packetsLost: count,
  jitterMs: z.number().min(0),
  /** Null until it has answered a report of ours. */
  roundTripMs: z.number().min(0).nullable(),
});

/** How a player here gets a stream of another peer, by its newest RTCP report; none after twenty seconds without. */
const player = receiver.omit({ receiver: true, roundTripMs: true }).extend({ source: peerIdSchema });

const agreement = z.object({
  id: z.string(),
  client: peerIdSchema,
  relay: peerIdSchema,
  stream: streamNameSchema,
  receivers: z.array(peerIdSchema),
  /** 16-bit mask in hex. */
  slices: z.string(),
  state: z.enum(['asked', 'active']),
});

const rttMs = z.number().min(0).nullable();
const reason = z.enum(['nat', 'unanswered', 'family']);

const pair = z.intersection(
  z.object({ peer: peerIdSchema }),
  z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('looking') }),
    z.object({ kind: z.enum(['lan', 'direct', 'turn']), rttMs }),
    z.object({ kind: z.literal('via'), relays: z.tuple([peerIdSchema], peerIdSchema).readonly(), reason }),
    z.object({ kind: z.literal('none'), reason }),
  ]),
);

/** What the line carries as measured, on the wire, and why no more is used; null: not known yet, or what is told of it is believed. */
const line = z.object({ bps, limitedBy: z.string() }).nullable();

export const NEWS = {
  /** Waits for `control.join`. */
  'control.ready': z.object({}),
  /** `at`: when it was written. */
  'control.line': z.object({ request: count, at: moment, line }),
  'control.report': z.object({
    request: count,
    compatible: z.boolean(),
    uploadBps: bps,
    line,
    /** The highest one-second average of UDP payload sent, of everything the peer sends. */
    peakSendBps: bps,
    members: z.array(peerIdSchema),
    /** Of the first own stream: extended sequence number of its newest packet, and its rate. */
    sent: sequence.nullable(),
    rateBps: bps,
    /** The same of all of them, and the group that a layer is of. */
    streams: z.array(
      z.object({
        stream: streamNameSchema,
        group: streamNameSchema.nullable(),
        sent: sequence.nullable(),
        rateBps: bps,
      }),
    ),
    /**
     * How it talks with each other peer that proves its way: `via` and `none` have a reason, `via` the relays, and the others a round
     * trip in ms, or null before it is measured.
     */
    pairs: z.array(pair),
    /** One entry for each stream of each other peer. */
    receptions: z.array(reception),
    /** One entry for each of our streams that another peer gets. */
    receivers: z.array(receiver),
    /** One entry for each stream of another peer whose player here reports. */
    players: z.array(player),
    /** Reports of others that could not be true. */
    implausibleReports: count,
    /** Requests for key frames: passed on, made one with another, of who asked too often, about what is none of the asker's. */
    keyFrames: z.object({ passed: count, coalesced: count, refused: count, stray: count }),
    /** As a client and as a relay. */
    agreements: z.array(agreement),
    /** When the message came that made the peer ask for relaying first. */
    saturatedAt: moment.nullable(),
    /** Datagrams that were not used, by reason, as the log names them. */
    drops: z.record(z.string(), count),
    /** Messages received, by kind. */
    received: z.record(z.string(), count),
    /** Of packets: what of the streams that come now was missed and asked for, and what others have asked for. */
    repairs: z.object({
      ...{ asked: count, recovered: count, lost: count, late: count },
      ...{ answered: count, escalated: count, refused: count, spared: count },
    }),
  }),
} as const;

export type CommandKind = keyof typeof COMMANDS;
export type Command = {
  [K in CommandKind]: { readonly kind: K; readonly body: z.infer<(typeof COMMANDS)[K]> };
}[CommandKind];
export type NewsKind = keyof typeof NEWS;
export type PeerReport = z.infer<(typeof NEWS)['control.report']>;
export type News = { [K in NewsKind]: { readonly kind: K; readonly body: z.infer<(typeof NEWS)[K]> } }[NewsKind];

export interface Ends {
  readonly nats: NatsBus;
  readonly room: string;
  readonly peer: string;
  readonly controller: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The peer's end: obey the controller. What is not a valid command is ignored. */
export function onCommand({ nats, room, peer, controller }: Ends, obey: (command: Command) => void): () => void {
  return nats.subscribe(subjectOf({ room, from: controller, to: peer, kind: 'control.*' }), (subject, bytes) => {
    const command = read(COMMANDS, subject, bytes);
    if (command !== undefined) obey(command);
  });
}

/** The peer's end: tell the controller. */
export function tellController({ nats, room, peer, controller }: Ends, news: News): void {
  nats.publish(
    subjectOf({ room, from: peer, to: controller, kind: news.kind }),
    encoder.encode(JSON.stringify(news.body)),
  );
}

/** The controller's end: what its peers tell, with who told it. */
export function onNews(
  { nats, room, controller }: Omit<Ends, 'peer'>,
  take: (from: string, news: News) => void,
): () => void {
  return nats.subscribe(subjectOf({ room, from: '*', to: controller, kind: 'control.*' }), (subject, bytes) => {
    const news = read(NEWS, subject, bytes);
    const from = parseSubject(subject)?.from;
    if (news !== undefined && from !== undefined) take(from, news);
  });
}

/** The controller's end: command a peer. */
export function command({ nats, room, peer, controller }: Ends, { kind, body }: Command): void {
  nats.publish(subjectOf({ room, from: controller, to: peer, kind }), encoder.encode(JSON.stringify(body)));
}

function read<S extends Record<string, z.ZodType>>(
  schemas: S,
  subject: string,
  bytes: Uint8Array,
): { [K in keyof S]: { kind: K; body: z.infer<S[K]> } }[keyof S] | undefined {
  const kind = parseSubject(subject)?.kind;
  const schema = kind === undefined ? undefined : schemas[kind];
  if (kind === undefined || schema === undefined) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(decoder.decode(bytes)));
    return parsed.success ? ({ kind, body: parsed.data } as { kind: keyof S; body: z.infer<S[keyof S]> }) : undefined;
  } catch {
    return undefined;
  }
}
