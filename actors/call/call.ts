/** A call as one peer takes part in it: bus, participant, source, sink, and whoever watches or drives. */
import type { InspectionEvent } from 'xstate';
import type { SecretKey } from '../../infra/crypto/secret-key.ts';
import type { NatsBus } from '../../infra/nats/connection.ts';
import { refusedSince } from '../../infra/nats/failures.ts';
import { connectOrStart } from '../../infra/nats/shared-server.ts';
import { endpointText } from '../../infra/path/table/addresses.ts';
import type { StreamName } from '../../machines/messages.ts';
import type { View } from '../../machines/view.ts';
import { roomWire } from '../bus/sealing/room-wire.ts';
import { unixNow } from '../clock.ts';
import { CallWatch } from '../delivery/call-watch.ts';
import { Interval } from '../interval.ts';
import type { Journal } from '../journal/journal.ts';
import type { PeerOptions } from '../options/contract.ts';
import type { Sink } from '../sink/contract.ts';
import { LONG_MEMORY, Meter, SHORT_MEMORY } from '../sink/meter.ts';
import { openSink } from '../sink/open.ts';
import { VERSION } from '../software.ts';
import { openSource } from '../source/open.ts';
import type { CallStatus } from '../status/snapshot.ts';
import { OverratedWatch } from '../uplink/overrated.ts';
import { CallStatusReader } from './call-status.ts';
import type { ChatMessage } from './chat.ts';
import type { Ends } from './control.ts';
import { doorNews } from './door-news.ts';
import { inspection } from './inspection.ts';
import { Listeners } from './listeners.ts';
import { obey } from './obeying.ts';
import { openKeys } from './open-keys.ts';
import { EpochWatch, playable, streamsOfOthers } from './others.ts';
import { type OpenSource, OwnSources } from './own-sources.ts';
import type { ShownStream } from './own-stream.ts';
import { type CallEnd, Participant, type Refusal } from './participant.ts';
import { PlainWatch } from './plain-news.ts';
import { Trust } from './trust.ts';

interface Parts {
  readonly options: PeerOptions;
  readonly journal: Journal;
  readonly nats: NatsBus;
  readonly roomKey: SecretKey | null;
  readonly participant: Participant;
  readonly meter: Meter;
  /** That of the options. */
  readonly sink: Sink;
  /** That one, and those that came later. */
  readonly sinks: Set<PlayingSink>;
  readonly sources: OwnSources;
  readonly watch: CallWatch;
  readonly trust: Trust;
  readonly views: Listeners<View>;
  readonly chats: Listeners<ChatMessage>;
}

/** What a call needs of a sink. */
export type PlayingSink = Pick<Sink, 'setStreams' | 'deliver' | 'report'>;

export class Call {
  /** How it ended; rejects where a machine failed, and with a {@link NatsError} once the server refuses us for good. */
  readonly ended: Promise<CallEnd>;
  readonly #parts: Parts;
  readonly #status: CallStatusReader;
  readonly #watching = new Interval(WATCH_MS, () => this.#look());
  readonly #overrated = new OverratedWatch();
  #joined = false;
  #abandon: () => void = () => undefined;
  #fail: (error: Error) => void = () => undefined;
  #stopObeying: () => void = () => undefined;
  readonly #receivers: Interval;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#status = new CallStatusReader({ ...parts, sources: parts.sources.all, trust: () => parts.trust.status() });
    this.#receivers = new Interval(RECEIVERS_MS, () => this.#noteReports());
    this.#receivers.run(parts.options.json);
    const abandoned = new Promise<CallEnd>((resolve) => {
      this.#abandon = () => resolve('left');
    });
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    this.ended = Promise.race([abandoned, failed, parts.participant.ended]);
  }

  /**
   * Connect, bind, and join the room, or wait for the controller's word to join.
   *
   * @param say takes a sentence about the server, where one has to be installed or started; else standard error does
   * @param asked aborted: we are asked to leave before the call is open, and do not join
   * @param observe sees what the machines of this peer do
   * @throws {NatsError} no server, or it refuses us
   * @throws {PathError} the media address cannot be bound
   * @throws {IdentityError} a file of keys cannot be used
   * @throws {SinkError} the sink's place cannot be used
   * @throws {ProgramMissingError} a server has to be started and there is no program for it
   */
  static async open(
    options: PeerOptions,
    journal: Journal,
    say?: (text: string) => void,
    asked?: AbortSignal,
    observe?: (event: InspectionEvent) => void,
  ): Promise<Call> {
    const { id, room, controller } = options;
    const opening = openKeys(options, journal.note);
    const nats = await connectOrStart({
      ...{ id, files: options.natsFiles },
      ...(say && { say }),
      ...(options.nats === null ? {} : { url: options.nats }),
    });
    const keys = { ...opening, room: await opening.room };
    // Only a script asks for more than the newest packets.
    const meter = new Meter(unixNow, controller === null ? SHORT_MEMORY : LONG_MEMORY);
    const epochs = new EpochWatch();
    const plain = new PlainWatch();
    const opened: { participant?: Participant; watch?: CallWatch; sources?: OwnSources } = {};
    const sink = await openSink(options.sink, journal.note, (owner, stream, rtcp) =>
      opened.participant?.transport.takePlayerRtcp(owner, stream, rtcp),
    );
    const sinks = new Set<PlayingSink>([sink]);
    const views = new Listeners<View>();
    const chats = new Listeners<ChatMessage>();
    const participant = await Participant.open(options, nats, keys, {
      play: (packet, { owner, stream }, from) => {
        meter.record(packet, owner, stream, from);
        for (const one of sinks) one.deliver(packet);
      },
      onHeard: (peer, datagram) => opened.watch?.heard.take(peer, datagram, performance.now()),
      onSenderReport: (packet, cname) => {
        for (const one of sinks) one.report(packet, cname);
      },
      askSource: (stream) => opened.sources?.all.get(stream)?.requestKeyFrame() ?? 'needless',
      note: journal.note,
      onView: (view) => {
        for (const peer of epochs.startedAnew(view)) meter.forget(peer);
        meter.keepOnly(streamsOfOthers(view));
        const streams = playable(view);
        for (const one of sinks) one.setStreams(streams);
        for (const news of plain.observe(view)) journal.note(news);
        views.tell(view);
      },
      onChat: (message) => chats.tell(message),
      onRates: (rates) => opened.sources?.setRates(rates),
      onFault: (fault) => journal.note(doorNews(fault) ?? { type: 'message.dropped', ...fault }),
      onKind: (kind, reason) =>
        journal.note({ type: 'path.changed', kind, ...(reason === null ? {} : { reason: reason.message }) }),
      inspect: [
        ...(options.inspect ? [inspection(options, roomWire(nats, keys.room))] : []),
        ...(observe === undefined ? [] : [observe]),
      ],
    });
    opened.participant = participant;
    if (!asked?.aborted) participant.claimId();
    const ports = new Set(options.streams.flatMap(({ source }) => (source.kind === 'rtp' ? [source.port] : [])));
    const sources = new OwnSources({
      ...{ own: participant.own, transport: participant.transport },
      note: journal.note,
      ports,
      isSigned: keys.identity !== null,
    });
    opened.sources = sources;
    for (const [index, info] of participant.own.streams.entries()) {
      const stream = options.streams[index];
      if (stream !== undefined) await sources.feed(info, (how) => openSource(stream, how));
    }
    const { bound } = participant.transport.path;
    const media = { listen: endpointText(bound), advertise: endpointText(participant.profile.media) };
    journal.note({ type: 'peer.started', room, nats: nats.url, ...media, version: VERSION });
    nats.onStatus(({ state }) => {
      if (state !== 'forbidden') journal.note({ type: `bus.${state}`, server: nats.url });
      if (state === 'refused') call.#fail(refusedSince(nats.url));
    });
    const watch = new CallWatch({ participant, meter, sources: sources.all });
    opened.watch = watch;
    const trust = new Trust({ options, keys, participant });
    const call = new Call({
      ...{ options, journal, nats, participant, roomKey: keys.room, meter },
      ...{ sink, sinks, sources, watch, trust, views, chats },
    });
    if (controller !== null) call.#obey({ nats, room, peer: id, controller });
    else if (!asked?.aborted) call.#join();
    return call;
  }

  /** Of the room's door; null: it stands open. */
  get roomKey(): SecretKey | null {
    return this.#parts.roomKey;
  }

  /** Why the call ended as refused; null else. */
  get refusal(): Refusal | null {
    return this.#parts.participant.refusal;
  }

  get participant(): Participant {
    return this.#parts.participant;
  }

  /**
   * Shows one more stream from now on. Streams come and go one after the other, in the order in which that is asked for; one that comes
   * back under its name goes on for whoever plays it.
   *
   * @throws {StreamError} `stream.taken`, `stream.too-many`, `stream.invalid`, `stream.closed`, and whatever `open` throws; then
   *   nothing has changed
   */
  addStream(stream: ShownStream, open: OpenSource): Promise<void> {
    return this.#parts.sources.add(stream, open);
  }

  /**
   * Shows it no more: the room is told at once, then its source is closed.
   *
   * @throws {StreamError} `stream.unknown`
   */
  removeStream(name: StreamName): Promise<void> {
    return this.#parts.sources.remove(name);
  }

  /** Plays the others by this one too, beside the sink of the options. Returns the function that ends that; closing it is the caller's affair. */
  addSink(sink: PlayingSink): () => void {
    const { sinks, participant } = this.#parts;
    sinks.add(sink);
    if (participant.view !== undefined) sink.setStreams(playable(participant.view));
    return () => void sinks.delete(sink);
  }

  /** Calls `listener` with who is there, and again whenever that changes, or what one of them can do or shows. Returns the function that stops it. */
  onView(listener: (view: View) => void): () => void {
    const { views, participant } = this.#parts;
    if (participant.view !== undefined) listener(participant.view);
    return views.add(listener);
  }

  /** Calls `listener` for each message that is written from now on, ours too. Returns the function that stops it. */
  onChat(listener: (message: ChatMessage) => void): () => void {
    return this.#parts.chats.add(listener);
  }

  /** Hand over what is relayed, say bye; {@link ended} resolves then. */
  leave(): void {
    if (!this.#joined) {
      this.#abandon();
      return;
    }
    this.#parts.journal.note({ type: 'peer.leaving' });
    this.#parts.participant.leave();
  }

  async close(): Promise<void> {
    const { participant, sink, sources, nats, trust } = this.#parts;
    this.#stopObeying();
    trust.close();
    this.#receivers.stop();
    this.#watching.stop();
    await sources.close();
    await participant.close();
    await sink.close();
    await nats.close();
  }

  /** The call as a person wants to see it now. */
  status(): CallStatus {
    return this.#status.read(performance.now(), this.#parts.journal.recent);
  }

  #noteReports(): void {
    const { participant, journal } = this.#parts;
    const { table, receivers } = participant.transport;
    const reports = table.members.flatMap(({ peer: receiver }) =>
      receivers.receiverReportsOf(receiver).map((report) => ({ receiver, ...report })),
    );
    if (reports.length > 0) journal.note({ type: 'receivers.reported', receivers: reports });
    const players = table.members.flatMap(({ peer: source }) =>
      receivers.playerReportsOf(source).map((report) => ({ source, ...report })),
    );
    if (players.length > 0) journal.note({ type: 'players.reported', players });
  }

  #join(): void {
    if (this.#joined) return;
    this.#joined = true;
    this.#parts.participant.join();
    this.#watching.run(true);
  }

  #look(): void {
    const { watch, participant, journal } = this.#parts;
    const nowMs = performance.now();
    for (const news of watch.observe(nowMs)) journal.note(news);
    if (participant.uplink === null) return;
    const { uplink, own } = participant;
    for (const news of this.#overrated.observe(uplink.state, own.choice.uploadBps, nowMs)) journal.note(news);
  }

  #obey(ends: Ends): void {
    const { journal, participant, meter, watch } = this.#parts;
    journal.note({ type: 'peer.waiting', controller: ends.controller });
    this.#stopObeying = obey({
      ...{ ends, participant, meter, watch },
      isJoined: () => this.#joined,
      join: () => this.#join(),
      leave: () => this.leave(),
    });
  }
}

/** How often the JSON log tells how the others get our streams, ms: a line that a person can still read by. */
const RECEIVERS_MS = 10_000;

/** How often it is looked whether media arrives, ms: a sixth of what it is waited for. */
const WATCH_MS = 500;
