/** A call as one peer takes part in it: bus, participant, source, sink, and whoever watches or drives. */

import { randomInt } from 'node:crypto';
import type { NatsBus } from '../infra/nats/connection.ts';
import { connectOrStart } from '../infra/nats/shared-server.ts';
import { parseCodec } from '../infra/rtp/codec.ts';
import type { PeerOutput } from '../machines/peer.ts';
import { subjectOf } from '../machines/subjects.ts';
import { othersOf, type View } from '../machines/view.ts';
import { type Command, type Ends, onCommand, tellController } from './control.ts';
import { createInspector, INSPECT_KIND } from './inspector.ts';
import type { PeerOptions } from './options.ts';
import { Participant } from './participant.ts';
import { reportOf } from './peer-report.ts';
import type { RemoteSource, Sink } from './sink/contract.ts';
import { Meter } from './sink/meter.ts';
import { openSink } from './sink/open.ts';
import type { Source } from './source/contract.ts';
import { startTestSource } from './source/test-source.ts';

/** Milliseconds since the Unix epoch that never step back: peers of one machine can compare theirs. */
const wallClock = () => performance.timeOrigin + performance.now();

export class Call {
  /** How it ended; rejects where a machine failed. */
  readonly ended: Promise<PeerOutput['ended']>;
  readonly #options: PeerOptions;
  readonly #nats: NatsBus;
  readonly #participant: Participant;
  readonly #meter: Meter;
  readonly #sink: Sink;
  #source: Source | undefined;
  #joined = false;
  #end: (ended: PeerOutput['ended']) => void = () => undefined;
  #stopObeying: () => void = () => undefined;

  private constructor(parts: {
    options: PeerOptions;
    nats: NatsBus;
    participant: Participant;
    meter: Meter;
    sink: Sink;
  }) {
    this.#options = parts.options;
    this.#nats = parts.nats;
    this.#participant = parts.participant;
    this.#meter = parts.meter;
    this.#sink = parts.sink;
    const abandoned = new Promise<PeerOutput['ended']>((resolve) => {
      this.#end = resolve;
    });
    this.ended = Promise.race([abandoned, parts.participant.ended]);
  }

  /**
   * Connect, bind, and join the room, or wait for the controller's word to join.
   *
   * @throws {NatsError} no server, or it refuses us
   * @throws {PathError} the media address cannot be bound
   * @throws {SinkError} the sink's place cannot be used
   */
  static async open(options: PeerOptions): Promise<Call> {
    const { id, room } = options;
    const nats = await connectOrStart({ id, ...(options.nats === null ? {} : { url: options.nats }) });
    const meter = new Meter(wallClock);
    const say = (event: object) => process.stdout.write(`${JSON.stringify({ peer: id, ...event })}\n`);
    const sink = await openSink(options.sink, say);
    const opened: { call?: Call } = {};
    const participant = await Participant.open(options, nats, {
      play: (packet, source, from) => {
        meter.record(packet, source, from);
        sink.deliver(packet);
      },
      note: say,
      onView: (view) => sink.setSources(playable(view)),
      onRate: (rateBps) => opened.call?.setRate(rateBps),
      onFault: say,
      onKind: (kind, reason) => say({ type: 'path.changed', kind, reason: reason?.message }),
      ...(options.inspect
        ? {
            inspect: createInspector({
              publish: (text) =>
                void nats.publish(
                  subjectOf({ room, from: id, to: 'all', kind: INSPECT_KIND }),
                  new TextEncoder().encode(text),
                ),
              now: Date.now,
            }),
          }
        : {}),
    });
    const call = new Call({ options, nats, participant, meter, sink });
    opened.call = call;
    if (options.controller === null) call.#join();
    else call.#obey({ nats, room, peer: id, controller: options.controller });
    return call;
  }

  /** Hand over what is relayed, say bye; {@link ended} resolves then. */
  leave(): void {
    if (this.#joined) this.#participant.leave();
    else this.#end('left');
  }

  async close(): Promise<void> {
    this.#stopObeying();
    await this.#source?.close();
    await this.#participant.close();
    await this.#sink.close();
    await this.#nats.close();
  }

  setRate(rateBps: number): void {
    this.#source?.setRate(rateBps);
  }

  #join(): void {
    if (this.#joined) return;
    this.#joined = true;
    this.#participant.join();
    this.#startSource();
  }

  #startSource(): void {
    const { source, format, bitrate } = this.#options;
    const ssrc = this.#participant.profile.source?.ssrc;
    if (source.kind === 'none' || ssrc === undefined) return;
    this.#source = startTestSource({
      ssrc,
      format,
      rateBps: bitrate.minBps,
      firstSequence: randomInt(0x10000),
      firstTimestamp: randomInt(0x1_0000_0000),
      send: this.#participant.transport.send,
    });
  }

  #obey(ends: Ends): void {
    this.#stopObeying = onCommand(ends, (command) => this.#carryOut(command, ends));
    // The controller may start to listen after us: say it until it answers.
    const ready = () => {
      if (!this.#joined) tellController(ends, { kind: 'control.ready', body: {} });
    };
    const timer = setInterval(ready, READY_MS).unref();
    const stop = this.#stopObeying;
    this.#stopObeying = () => {
      clearInterval(timer);
      stop();
    };
    void this.#nats.flush().then(ready);
  }

  #carryOut(command: Command, ends: Ends): void {
    switch (command.kind) {
      case 'control.join':
        this.#join();
        break;
      case 'control.upload': {
        const { uploadBps, lendBps = uploadBps } = command.body;
        this.#participant.setUpload(uploadBps, lendBps, this.#options.headroom);
        break;
      }
      case 'control.leave':
        this.leave();
        break;
      case 'control.kill':
        process.kill(process.pid, 'SIGKILL');
        break;
      case 'control.ask': {
        const body = reportOf(command.body, this.#participant, this.#meter, wallClock());
        tellController(ends, { kind: 'control.report', body });
        break;
      }
    }
  }
}

/** How often a waiting peer says that it is ready, ms. */
const READY_MS = 250;

/** The remote sources that a sink can play. */
function playable(view: View): RemoteSource[] {
  return othersOf(view).flatMap(({ id: peer, source }) => {
    const codec = source === null ? undefined : parseCodec(source.codec);
    if (source === null || codec === undefined) return [];
    return [{ peer, codec, ssrc: source.ssrc, media: source.media, payloadType: source.payloadType }];
  });
}
