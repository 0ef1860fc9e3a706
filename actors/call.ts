/** A call as one peer takes part in it: bus, participant, source, sink, and whoever watches or drives. */

import type { InspectionEvent } from 'xstate';
import type { NatsBus } from '../infra/nats/connection.ts';
import { connectOrStart } from '../infra/nats/shared-server.ts';
import { endpointText } from '../infra/path/addresses.ts';
import { parseCodec } from '../infra/rtp/codec.ts';
import { ALL, subjectOf } from '../machines/subjects.ts';
import { othersOf, type View } from '../machines/view.ts';
import { CallStatusReader } from './call-status.ts';
import { type Command, type Ends, onCommand, tellController } from './control.ts';
import { createInspector, INSPECT_KIND } from './inspector.ts';
import type { Journal } from './journal/journal.ts';
import type { PeerOptions } from './options/contract.ts';
import { type CallEnd, Participant } from './participant.ts';
import { reportOf } from './peer-report.ts';
import type { RemoteSource, Sink } from './sink/contract.ts';
import { Meter } from './sink/meter.ts';
import { openSink } from './sink/open.ts';
import { VERSION } from './software.ts';
import type { Source } from './source/contract.ts';
import { openSource } from './source/open.ts';
import type { CallStatus } from './status/snapshot.ts';

/** Milliseconds since the Unix epoch that never step back: peers of one machine can compare theirs. */
const wallClock = () => performance.timeOrigin + performance.now();

interface Parts {
  readonly options: PeerOptions;
  readonly journal: Journal;
  readonly nats: NatsBus;
  readonly participant: Participant;
  readonly meter: Meter;
  readonly sink: Sink;
  readonly source: Source | null;
}

export class Call {
  /** How it ended; rejects where a machine failed. */
  readonly ended: Promise<CallEnd>;
  readonly #parts: Parts;
  readonly #status: CallStatusReader;
  #joined = false;
  #abandon: () => void = () => undefined;
  #stopObeying: () => void = () => undefined;

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#status = new CallStatusReader(parts);
    const abandoned = new Promise<CallEnd>((resolve) => {
      this.#abandon = () => resolve('left');
    });
    this.ended = Promise.race([abandoned, parts.participant.ended]);
  }

  /**
   * Connect, bind, and join the room, or wait for the controller's word to join.
   *
   * @throws {NatsError} no server, or it refuses us
   * @throws {PathError} the media address cannot be bound
   * @throws {SinkError} the sink's place cannot be used
   * @throws {ProgramMissingError} a server has to be started and there is no program for it
   */
  static async open(options: PeerOptions, journal: Journal): Promise<Call> {
    const { id, room, controller } = options;
    const nats = await connectOrStart({ id, ...(options.nats === null ? {} : { url: options.nats }) });
    const meter = new Meter(wallClock);
    const sink = await openSink(options.sink, journal.note);
    const opened: { source?: Source | null } = {};
    const participant = await Participant.open(options, nats, {
      play: (packet, from, via) => {
        meter.record(packet, from, via);
        sink.deliver(packet);
      },
      onSenderReport: (packet) => sink.report(packet),
      note: journal.note,
      onView: (view) => sink.setSources(playable(view)),
      onRate: (rateBps) => opened.source?.setRate(rateBps),
      onFault: (fault) => journal.note({ type: 'message.dropped', ...fault }),
      onKind: (kind, reason) =>
        journal.note({ type: 'path.changed', kind, ...(reason === null ? {} : { reason: reason.message }) }),
      ...(options.inspect ? { inspect: inspectorOf(options, nats) } : {}),
    });
    const source = await openSource(options.source, {
      ssrc: participant.profile.source?.ssrc ?? 0,
      format: options.format,
      rateBps: options.bitrate.minBps,
      send: participant.transport.send,
      onNews: journal.note,
    });
    opened.source = source;
    const { bound } = participant.transport.path;
    const media = { listen: endpointText(bound), advertise: endpointText(participant.profile.media) };
    journal.note({ type: 'peer.started', room, nats: nats.url, ...media, version: VERSION });
    nats.onStatus(({ state }) => {
      if (state !== 'forbidden') journal.note({ type: `bus.${state}`, server: nats.url });
    });
    const call = new Call({ options, journal, nats, participant, meter, sink, source });
    if (controller === null) call.#join();
    else call.#obey({ nats, room, peer: id, controller });
    return call;
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
    const { participant, sink, source, nats } = this.#parts;
    this.#stopObeying();
    await source?.close();
    await participant.close();
    await sink.close();
    await nats.close();
  }

  /** The call as a person wants to see it now. */
  status(): CallStatus {
    return this.#status.read(performance.now(), this.#parts.journal.recent);
  }

  #join(): void {
    if (this.#joined) return;
    this.#joined = true;
    this.#parts.participant.join();
  }

  #obey(ends: Ends): void {
    this.#parts.journal.note({ type: 'peer.waiting', controller: ends.controller });
    const stop = onCommand(ends, (command) => this.#carryOut(command, ends));
    // The controller may start to listen after us: say it until it answers.
    const ready = () => {
      if (!this.#joined) tellController(ends, { kind: 'control.ready', body: {} });
    };
    const timer = setInterval(ready, READY_MS).unref();
    this.#stopObeying = () => {
      clearInterval(timer);
      stop();
    };
    void ends.nats.flush().then(ready);
  }

  #carryOut(command: Command, ends: Ends): void {
    const { participant, meter, options } = this.#parts;
    switch (command.kind) {
      case 'control.join':
        this.#join();
        break;
      case 'control.upload': {
        const { uploadBps, lendBps = uploadBps } = command.body;
        participant.setUpload(uploadBps, lendBps, options.headroom);
        break;
      }
      case 'control.leave':
        this.leave();
        break;
      case 'control.kill':
        process.kill(process.pid, 'SIGKILL');
        break;
      case 'control.ask': {
        const body = reportOf(command.body, participant, meter, wallClock());
        tellController(ends, { kind: 'control.report', body });
        break;
      }
    }
  }
}

/** How often a waiting peer says that it is ready, ms. */
const READY_MS = 250;

function inspectorOf({ room, id }: PeerOptions, nats: NatsBus): (event: InspectionEvent) => void {
  const encoder = new TextEncoder();
  const subject = subjectOf({ room, from: id, to: ALL, kind: INSPECT_KIND });
  return createInspector({ publish: (line) => void nats.publish(subject, encoder.encode(line)), now: Date.now });
}

/** The remote sources that a sink can play. */
function playable(view: View): RemoteSource[] {
  return othersOf(view).flatMap(({ id: peer, source }) => {
    const codec = source === null ? undefined : parseCodec(source.codec);
    if (source === null || codec === undefined) return [];
    return [{ peer, codec, ssrc: source.ssrc, media: source.media, payloadType: source.payloadType }];
  });
}
