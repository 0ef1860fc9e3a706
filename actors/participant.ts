/** One peer, wired: the machines with NATS below them on one side, UDP and the media on the other. */
import { randomInt } from 'node:crypto';
import { type ActorRefFrom, createActor, fromCallback, type InspectionEvent } from 'xstate';
import type { NatsBus } from '../infra/nats/connection.ts';
import { formatCodec } from '../infra/rtp/codec.ts';
import type { PeerId, SourceInfo } from '../machines/messages.ts';
import { type PeerEvent, peerMachine } from '../machines/peer.ts';
import type { JournalEntry } from '../machines/ports.ts';
import { changesRoom, type Member, type View } from '../machines/view.ts';
import { mediaAddresses } from './addresses.ts';
import { Bus, type BusOptions } from './bus.ts';
import type { PeerOptions } from './options/contract.ts';
import { SOFTWARE, VERSION } from './software.ts';
import { Transport, type TransportOptions } from './transport.ts';
import { UploadMeter } from './upload-meter.ts';

/** `refused`: another process holds the id in the room. */
export type CallEnd = 'left' | 'refused';

export interface ParticipantHooks
  extends Pick<TransportOptions, 'onKind' | 'onSenderReport'>,
    Pick<BusOptions, 'onFault'> {
  /** A packet for the sink: whose source it is, and through whom it came. */
  readonly play: (packet: Uint8Array, source: PeerId, from: PeerId) => void;
  readonly note: (entry: JournalEntry) => void;
  /** Who is there has changed, or what one of them can do or shows. */
  readonly onView: (view: View) => void;
  /** The plan's rate for the own source. */
  readonly onRate: (rateBps: number) => void;
  readonly inspect?: (event: InspectionEvent) => void;
}

type PeerActor = ActorRefFrom<typeof peerMachine>;

export class Participant {
  readonly bus: Bus;
  readonly transport: Transport;
  readonly upload: UploadMeter;
  /** The peer as it enters the room. */
  readonly profile: Member;
  /** How it ended; rejects where a machine failed. */
  readonly ended: Promise<CallEnd>;
  readonly #hooks: ParticipantHooks;
  readonly #actor: PeerActor;
  /** When the view began to change that the plan in force came from, ms since the Unix epoch. */
  #settlingSince = 0;
  #saturatedAt: number | null = null;
  #started = false;

  private constructor(parts: {
    nats: NatsBus;
    transport: Transport;
    profile: Member;
    options: PeerOptions;
    hooks: ParticipantHooks;
  }) {
    const { nats, transport, profile, options, hooks } = parts;
    const { room, id, compatible } = options;
    this.#hooks = hooks;
    this.transport = transport;
    this.profile = profile;
    this.bus = new Bus({ nats, room, id, compatible, epoch: profile.epoch, onFault: hooks.onFault });
    this.upload = new UploadMeter(() => transport.path.sentBytes);
    const journal = fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => {
      receive((entry) => {
        if (entry.type === 'relay.needed') this.#saturatedAt ??= this.#settlingSince;
        hooks.note(entry);
      });
    });
    const machine = peerMachine.provide({ actors: { bus: this.bus.logic, transport: transport.logic, journal } });
    this.#actor = createActor(machine, { input: { profile }, ...(hooks.inspect ? { inspect: hooks.inspect } : {}) });
    this.ended = new Promise((resolve, reject) => {
      this.#actor.subscribe({
        error: reject,
        complete: () => resolve(this.#actor.getSnapshot().matches('refused') ? 'refused' : 'left'),
      });
    });
  }

  /**
   * Bind the media socket and prepare everything; {@link join} enters the room.
   *
   * @throws {PathError} where the address cannot be bound
   */
  static async open(options: PeerOptions, nats: NatsBus, hooks: ParticipantHooks): Promise<Participant> {
    const { listen, advertise } = await mediaAddresses(options, nats.url);
    const transport = await Transport.open({
      listen,
      clockRate: options.format.codec.clockRate,
      onRate: hooks.onRate,
      onSenderReport: hooks.onSenderReport,
      ...(hooks.onKind ? { onKind: hooks.onKind } : {}),
      ...(options.packetPath === null ? {} : { kind: options.packetPath }),
      deliver: (packet, ssrc, _extendedSequence, from) => {
        const owner = transport.ownerOf(ssrc);
        const sender = transport.memberAt(from);
        if (owner !== undefined && sender !== undefined) hooks.play(packet, owner, sender);
      },
    });
    const media = { host: advertise, port: transport.path.bound.port };
    return new Participant({ nats, transport, profile: profileOf(options, media), options, hooks });
  }

  join(): void {
    this.#started = true;
    this.#actor.start();
    this.#watch();
  }

  /** Hand over what is relayed, say bye; {@link ended} resolves then. */
  leave(): void {
    this.#actor.send({ type: 'peer.leave' });
  }

  /** What the peer has and lends from now on, bit/s. */
  setUpload(uploadBps: number, lendBps: number, headroom: number): void {
    this.#actor.send({ type: 'profile.changed', change: { uploadBps, lendBps, usableBps: uploadBps * headroom } });
  }

  /** When the message came that first made the peer need a relay, ms since the Unix epoch. */
  get saturatedAt(): number | null {
    return this.#saturatedAt;
  }

  get state(): 'waiting' | 'joining' | 'joined' | 'leaving' {
    const snapshot = this.#actor.getSnapshot();
    if (!this.#started) return 'waiting';
    if (snapshot.matches('joining')) return 'joining';
    return snapshot.matches('joined') ? 'joined' : 'leaving';
  }

  get view(): View | undefined {
    return this.#actor.getSnapshot().children.signaling?.getSnapshot().context.view;
  }

  get negotiation() {
    return this.#actor.getSnapshot().children.negotiation?.getSnapshot().context;
  }

  async close(): Promise<void> {
    this.#actor.stop();
    this.upload.close();
    await this.transport.close();
  }

  #watch(): void {
    const { signaling, negotiation } = this.#actor.getSnapshot().children;
    let view: View | undefined;
    signaling?.subscribe(({ context }) => {
      const before = view;
      view = context.view;
      if (before === undefined || changesRoom(before, view)) this.#hooks.onView(view);
    });
    let settling = false;
    negotiation?.subscribe((snapshot) => {
      const changed = snapshot.matches({ planning: 'settling' });
      if (changed && !settling) this.#settlingSince = performance.timeOrigin + performance.now();
      settling = changed;
    });
  }
}

/** How the peer enters the room: everything that others are told of it. */
function profileOf(options: PeerOptions, media: Member['media']): Member {
  const { id, compatible, uploadBps, lendBps, headroom } = options;
  return {
    id,
    // Grows with every start, and two that start in one millisecond still differ.
    epoch: Date.now() * EPOCHS_PER_MS + randomInt(EPOCHS_PER_MS),
    software: SOFTWARE,
    version: VERSION,
    compatible,
    media,
    source: sourceOf(options),
    uploadBps,
    usableBps: uploadBps * headroom,
    lendBps: compatible ? lendBps : 0,
    leaving: false,
    routes: [],
    promisedBps: 0,
  };
}

const EPOCHS_PER_MS = 1000;

function sourceOf({ source, format, bitrate }: PeerOptions): SourceInfo | null {
  if (source.kind === 'none') return null;
  const { codec, media, payloadType } = format;
  const { minBps, maxBps } = bitrate;
  return { ssrc: randomInt(2 ** 32), payloadType, codec: formatCodec(codec), media, minBps, maxBps, rateBps: minBps };
}
