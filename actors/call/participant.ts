/** One peer, wired: the machines with NATS below them on one side, UDP and the media on the other. */
import { randomInt } from 'node:crypto';
import { type ActorRefFrom, createActor, fromCallback, type InspectionEvent } from 'xstate';
import type { NatsBus } from '../../infra/nats/connection.ts';
import { freshKeyPair } from '../../infra/stun/pair-key.ts';
import type { PeerId, StreamName } from '../../machines/messages.ts';
import { type PeerEvent, peerMachine } from '../../machines/peer.ts';
import type { JournalEntry } from '../../machines/ports.ts';
import { changesRoom, type Member, sendsUs, type View } from '../../machines/view.ts';
import { Bus, type BusOptions } from '../bus/bus.ts';
import type { Keys } from '../bus/sealing/contract.ts';
import { backgroundClock, unixNow } from '../clock.ts';
import { measureDownlink } from '../downlink/measure.ts';
import type { MeasuredDownlink } from '../downlink/measured-downlink.ts';
import type { DownlinkListener, UplinkListener } from '../media/feedback/feedback.ts';
import type { MemberStream } from '../media/streams-by-ssrc.ts';
import { Transport } from '../media/transport.ts';
import type { TransportOptions } from '../media/transport-options.ts';
import type { PeerOptions } from '../options/contract.ts';
import { Network, type NetworkNews } from '../reach/addresses/network.ts';
import type { TurnNews } from '../reach/turn/turn-news.ts';
import type { UdpNews } from '../reach/turn/udp-watch.ts';
import type { KeyFrameNews } from '../source/contract.ts';
import { measureUplink } from '../uplink/measure.ts';
import type { MeasuredUplink } from '../uplink/measured-uplink.ts';
import { SERVING } from '../uplink-report/agreed.ts';
import { Chat, type ChatMessage } from './chat.ts';
import { freshEpoch, profileOf } from './entry.ts';
import { mediaAddresses, toldMedia } from './media-addresses.ts';
import { OwnProfile } from './own-profile.ts';
import { UploadMeter } from './upload-meter.ts';

/** `refused`: see {@link Participant.refusal}; `replaced`: another process has started under our id since we have. */
export type CallEnd = 'left' | 'refused' | 'replaced';

/** Why a peer was refused: another process holds its id in the room, or the room is full. */
export type Refusal = 'taken' | 'full';

export interface ParticipantHooks
  extends Pick<TransportOptions, 'onHeard' | 'onKind' | 'onSenderReport' | 'onRates' | 'askSource'>,
    Pick<BusOptions, 'onFault'> {
  /** A packet for the sink: of which stream it is, and through whom it came. */
  readonly play: (packet: Uint8Array, stream: MemberStream, from: PeerId) => void;
  readonly note: (entry: JournalEntry | KeyFrameNews | NetworkNews | TurnNews | UdpNews) => void;
  /** Who is there has changed, or what one of them can do or shows. */
  readonly onView: (view: View) => void;
  /** Somebody has written something, or we have. */
  readonly onChat: (message: ChatMessage) => void;
  /** Who sees what the machines do. */
  readonly inspect?: readonly ((event: InspectionEvent) => void)[];
}

type PeerActor = ActorRefFrom<typeof peerMachine>;

export class Participant {
  readonly bus: Bus;
  readonly transport: Transport;
  readonly upload: UploadMeter;
  /** What is known of the uplink; null where it is not measured: a plain endpoint's. */
  readonly uplink: MeasuredUplink | null;
  /** What is known of the downlink; null where it is not measured: a plain endpoint's, and that of who has agreed to be sent padding. */
  readonly downlink: MeasuredDownlink | null;
  /** The peer as it enters the room. */
  readonly profile: Member;
  /** What the room is told of us since. */
  readonly own: OwnProfile;
  /** How it ended; rejects where a machine failed. */
  readonly ended: Promise<CallEnd>;
  /** Resolves once we are in the room; never, where we are refused. */
  readonly joined: Promise<void>;
  readonly #hooks: ParticipantHooks;
  readonly #options: PeerOptions;
  #network: Network | undefined;
  readonly #actor: PeerActor;
  readonly #chat: Chat;
  /** When the view began to change that the plan in force came from, ms since the Unix epoch. */
  #settlingSince = 0;
  #saturatedAt: number | null = null;
  #started = false;

  private constructor(parts: {
    nats: NatsBus;
    keys: Keys;
    transport: Transport;
    profile: Member;
    options: PeerOptions;
    hooks: ParticipantHooks;
  }) {
    const { nats, keys, transport, profile, options, hooks } = parts;
    const { room, id, compatible } = options;
    this.#hooks = hooks;
    this.#options = options;
    this.transport = transport;
    this.profile = profile;
    this.bus = new Bus({
      ...{ nats, room, id, compatible, keys, epoch: profile.epoch },
      view: () => this.view,
      hasten: (to, kind, text) => transport.hasten(to, kind, text),
      onFault: hooks.onFault,
    });
    this.#chat = new Chat({
      self: id,
      standing: () => ({
        view: this.view,
        isJoined: this.state === 'joined',
        isBusAway: this.negotiation?.busAway ?? false,
      }),
      send: (to, text) => this.#actor.send({ type: 'chat.say', to, text }),
      now: unixNow,
      onMessage: hooks.onChat,
    });
    this.upload = new UploadMeter(() => transport.path.sentBytes);
    const journal = fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => {
      receive((entry) => {
        if (entry.type === 'relay.needed') this.#saturatedAt ??= this.#settlingSince;
        if (entry.type === 'chat.received') this.#chat.take(entry.peer, entry.to, entry.text);
        hooks.note(entry);
      });
    });
    const machine = peerMachine.provide({ actors: { bus: this.bus.logic, transport: transport.logic, journal } });
    this.#actor = createActor(machine, { input: { profile }, ...inspectedBy(hooks.inspect ?? []) });
    this.joined = new Promise((resolve) => {
      const watching = this.#actor.subscribe((snapshot) => {
        if (!snapshot.matches('joined')) return;
        watching.unsubscribe();
        resolve();
      });
    });
    this.ended = new Promise((resolve, reject) => {
      this.#actor.subscribe({
        error: reject,
        complete: () => resolve(endOf(this.#actor)),
      });
    });
    this.own = new OwnProfile(options, profile.streams, (change) =>
      this.#actor.send({ type: 'profile.changed', change }),
    );
    this.uplink = options.compatible ? this.#measure() : null;
    this.downlink = options.compatible && profile.software !== SERVING ? this.#measureDownlink() : null;
  }

  /**
   * Bind the media socket and prepare everything; {@link join} enters the room.
   *
   * @throws {PathError} where the address cannot be bound
   */
  static async open(options: PeerOptions, nats: NatsBus, keys: Keys, hooks: ParticipantHooks): Promise<Participant> {
    const { listen, advertise } = await mediaAddresses(options, nats.url);
    const opened: { participant?: Participant } = {};
    const pairKeys = freshKeyPair();
    const self = { id: options.id, epoch: freshEpoch() };
    const transport = await Transport.open({
      listen,
      reach: {
        ...{
          room: options.room,
          self,
          keys: pairKeys,
          advertised: options.advertise,
          policy: options.reach.candidates,
        },
        note: hooks.note,
      },
      latency: options.latency,
      signing: {
        identity: keys.identity,
        keyOf: (peer, epoch) => opened.participant?.bus.provenKey(peer, epoch) ?? null,
      },
      onRates: hooks.onRates,
      askSource: hooks.askSource,
      onMissing: (stream, reason) => hooks.note({ type: 'source.no-key-frame', stream, reason }),
      expects: (owner, stream) => {
        const view = opened.participant?.view;
        return view !== undefined && sendsUs(view, owner, stream);
      },
      onUrgent: (kind, from, text) => opened.participant?.bus.takeHurried(kind, from, text),
      onSenderReport: hooks.onSenderReport,
      ...(options.compatible ? listenersOf(() => opened.participant) : {}),
      ...(hooks.onHeard ? { onHeard: hooks.onHeard } : {}),
      ...(hooks.onKind ? { onKind: hooks.onKind } : {}),
      ...(options.packetPath === null ? {} : { kind: options.packetPath }),
      deliver: (packet, ssrc, _extendedSequence, from) => {
        const stream = transport.streamOf(ssrc);
        const sender = transport.memberAt(from);
        if (stream !== undefined && sender !== undefined) hooks.play(packet, stream, sender);
      },
    });
    const media = toldMedia(options.reach.candidates, { host: advertise, port: transport.path.bound.port });
    opened.participant = new Participant({
      ...{ nats, keys },
      transport,
      profile: profileOf(options, self, media, pairKeys),
      options,
      hooks,
    });
    return opened.participant;
  }

  /** Claims our id while there is still something to prepare, or to wait for; {@link join} then need not wait for the answer. */
  claimId(): void {
    this.bus.claimEarly();
  }

  join(): void {
    this.#started = true;
    this.#actor.start();
    this.uplink?.start();
    this.downlink?.start();
    const { reach, path } = this.transport;
    const { interfaces } = reach;
    this.#network = new Network({
      ...{ reach, interfaces, bound: path.bound, choice: this.#options.reach, note: this.#hooks.note },
    });
    this.#watch();
  }

  /** Hand over what is relayed, say bye; {@link ended} resolves then. */
  leave(): void {
    this.#actor.send({ type: 'peer.leave' });
  }

  /**
   * Asks for a key frame of a member's stream: of whoever sends it to us, once for all that ask at about the same time, and no more
   * often than a player may.
   *
   * @returns whether there is such a stream of pictures among what we receive
   */
  requestKeyFrame(owner: PeerId, stream: StreamName): boolean {
    return this.transport.keyFrames.request(owner, stream);
  }

  /**
   * Writes to all or to one member, once: it may be lost.
   *
   * @returns what was sent of it
   * @throws {ChatError} `chat.empty`, `chat.too-long`, `chat.away`, `chat.unknown`, `chat.flood`
   */
  say(text: string, to: PeerId | 'all' = 'all'): ChatMessage {
    return this.#chat.say(text, to);
  }

  /** What has been written lately, the oldest first; ours too. */
  get chat(): readonly ChatMessage[] {
    return this.#chat.messages;
  }

  /** Why the call ended as refused; null before, and where it did not. */
  get refusal(): Refusal | null {
    return this.#actor.getSnapshot().context.refusal;
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
    this.bus.release();
    this.upload.close();
    this.uplink?.stop();
    this.downlink?.stop();
    await this.#network?.close();
    await this.transport.close();
  }

  #measure(): MeasuredUplink {
    const { transport } = this;
    return measureUplink({
      clock: backgroundClock,
      path: transport.path,
      ssrc: randomInt(2 ** 32),
      table: () => transport.table,
      isOwn: (host) => this.#isOwn(host),
      view: () => this.view,
      readSent: () => transport.readPassed(),
      choice: () => this.own.choice,
      probes: this.#options.probes,
      onUpload: (change) => this.#actor.send({ type: 'profile.changed', change }),
      onNarrow: (narrow) => this.#actor.send({ type: 'profile.changed', change: { narrow } }),
    });
  }

  /** Whether an address is this machine's, other than of loopback. */
  #isOwn(host: string): boolean {
    return this.transport.reach.interfaces?.some((own) => own.host === host) ?? false;
  }

  #measureDownlink(): MeasuredDownlink {
    const { transport } = this;
    return measureDownlink({
      clock: backgroundClock,
      members: () => transport.table.members,
      isOwn: (host) => this.#isOwn(host),
      view: () => this.view,
      readCame: () => transport.readPassed(),
      onLimit: (bps) => this.own.setSeenDownload(bps),
    });
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
      if (changed && !settling) this.#settlingSince = unixNow();
      settling = changed;
    });
  }
}

/** Nothing is inspected where nobody sees it: it costs. */
function inspectedBy(observers: NonNullable<ParticipantHooks['inspect']>) {
  const inspect = (event: InspectionEvent) => {
    for (const observe of observers) observe(event);
  };
  return observers.length === 0 ? {} : { inspect };
}

/** The transport is there before whoever listens. */
function listenersOf(participant: () => Participant | undefined): {
  readonly uplink: UplinkListener;
  readonly downlink: DownlinkListener;
} {
  return {
    uplink: {
      sent: (packets) => participant()?.uplink?.sent(packets),
      reported: (report) => participant()?.uplink?.reported(report),
    },
    downlink: {
      came: (packets) => participant()?.downlink?.came(packets),
      written: (report) => participant()?.downlink?.written(report),
      isFull: () => participant()?.downlink?.isFull() ?? false,
    },
  };
}

function endOf(actor: PeerActor): CallEnd {
  const snapshot = actor.getSnapshot();
  if (snapshot.matches('refused')) return 'refused';
  return snapshot.matches('replaced') ? 'replaced' : 'left';
}
