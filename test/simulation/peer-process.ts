/** One process of a peer: the shipped root machine over a simulated bus and media path, from its start to its end. */
import { type Actor, createActor, fromCallback } from 'xstate';
import { PresenceFilter, TELL_MS } from '../../actors/presence-filter.ts';
import { PresenceGathering } from '../../actors/presence-gathering.ts';
import type { Incoming, Outgoing, PeerId } from '../../machines/messages.ts';
import { type PeerEvent, peerMachine } from '../../machines/peer.ts';
import type { BusCommand, JournalEntry } from '../../machines/ports.ts';
import type { Bus, Subscriber } from './bus.ts';
import type { VirtualClock } from './clock.ts';
import { Sinks, type Window } from './delivery.ts';
import { ProcessClock } from './process-clock.ts';
import type { Random } from './random.ts';
import type { Join } from './script.ts';
import { MediaSource } from './source.ts';
import type { Trace } from './trace.ts';
import { type Datagram, HOST, SimulatedTransport } from './transport.ts';
import type { Uplink } from './uplink.ts';

/** The share of its upload that a peer uses (DESIGN.md section 4). */
export const HEADROOM = 0.95;

/** How many of its last messages a process remembers. */
const REMEMBERED = 16;

export interface Surroundings {
  readonly clock: VirtualClock;
  readonly bus: Bus;
  readonly trace: Trace;
  readonly window: Window;
  readonly packetsPerSecond: number;
  readonly send: (from: PeerProcess, port: number, bits: number, datagram: Datagram) => void;
  readonly afterStep: (process: PeerProcess) => void;
  readonly violate: (text: string) => void;
  /** A route or a rate is not what it was. */
  readonly changed: () => void;
}

export class PeerProcess implements Subscriber {
  readonly id: PeerId;
  readonly epoch: number;
  readonly compatible: boolean;
  readonly port: number;
  readonly uplink: Uplink;
  readonly clock: ProcessClock;
  readonly source: MediaSource | null;
  readonly sinks: Sinks;
  readonly transport: SimulatedTransport;
  readonly startedMs: number;
  /** The rates of its source; null for one who only watches. */
  readonly range: Join['source'];
  /** Its last messages. */
  readonly said: Outgoing[] = [];
  alive = true;
  /** What its machine was last told it has. */
  uploadBps: number;
  lendBps: number;
  readonly #around: Surroundings;
  readonly #actor: Actor<typeof peerMachine>;
  readonly #presences: PresenceFilter;
  readonly #gathering: PresenceGathering;
  #unsubscribe: () => void = () => undefined;
  #seq = 0;

  constructor(join: Join, port: number, uplink: Uplink, random: Random, around: Surroundings) {
    this.id = join.peer;
    this.port = port;
    this.uplink = uplink;
    this.compatible = join.compatible;
    this.#around = around;
    this.startedMs = around.clock.now();
    this.epoch = Math.round(this.startedMs) + 1;
    this.uploadBps = join.uploadBps;
    this.lendBps = join.lendBps;
    this.range = join.source;
    this.clock = new ProcessClock(around.clock, () => around.afterStep(this));
    this.source =
      join.source === null ? null : new MediaSource(random.integer(0, 0xffff), around.packetsPerSecond, around.window);
    this.sinks = new Sinks(around.window);
    this.transport = new SimulatedTransport({
      clock: this.clock,
      source: this.source,
      send: (to, bits, datagram) => around.send(this, to, bits, datagram),
      deliver: (packet, hops) => this.#deliver(packet, hops),
      playOnly: (ssrcs) => this.sinks.playOnly(ssrcs),
      changed: () => around.changed(),
    });
    this.#presences = new PresenceFilter(this.startedMs);
    this.#gathering = new PresenceGathering(this.clock, (event) => this.#actor.send(event));
    this.#actor = this.#createActor(join, random.integer(0, 0xffff_ffff));
  }

  start(): void {
    this.#unsubscribe = this.#around.bus.subscribe(this);
    this.#actor.subscribe({
      error: (error) => {
        this.#around.violate(`a machine threw: ${error instanceof Error ? error.message : error}`);
        this.#around.trace.line(this.clock.now(), String(error instanceof Error ? error.stack : error));
        this.end();
      },
      complete: () => this.end(),
    });
    this.clock.enter(() => this.#actor.start());
  }

  /** It stops where it stands: no word to anybody. */
  end(): void {
    if (!this.alive) return;
    this.alive = false;
    this.clock.end();
    this.#unsubscribe();
    this.#actor.stop();
  }

  tell(event: PeerEvent): void {
    this.clock.enter(() => this.#actor.send(event));
  }

  take(message: Incoming, text: string): void {
    this.clock.enter(() => {
      const fate = this.#presences.fateOf(message.kind, message.from, text, this.clock.now());
      if (fate === 'waits' && message.kind === 'presence') this.#gathering.add(message);
      else if (fate !== 'held') this.#gathering.pass(message);
    });
  }

  receive(fromPort: number, datagram: Datagram): void {
    this.clock.enter(() => this.transport.take(fromPort, datagram));
  }

  changeUpload(uploadBps: number): void {
    this.lendBps = this.lendBps === 0 ? 0 : uploadBps;
    this.uploadBps = uploadBps;
    this.uplink.rateBps = uploadBps;
    const change = { uploadBps, usableBps: uploadBps * HEADROOM, lendBps: this.lendBps };
    this.tell({ type: 'profile.changed', change });
  }

  /** Send any message under this process's name. */
  publish(to: PeerId | 'all', message: Outgoing): string | undefined {
    this.#seq += 1;
    return this.#around.bus.publish(this, this.#seq, to, message);
  }

  get joined(): boolean {
    return this.alive && this.#actor.getSnapshot().value === 'joined';
  }

  /** What its negotiation machine knows. */
  get negotiation() {
    return this.#actor.getSnapshot().children.negotiation?.getSnapshot().context;
  }

  #deliver(packet: Parameters<Sinks['take']>[0], hops: number): void {
    const nowMs = this.clock.now();
    this.#around.trace.packet(nowMs, this.port, hops, packet.index);
    if (!this.sinks.take(packet, nowMs)) this.#around.violate(`${this.id} played a packet twice`);
  }

  #createActor({ source }: Join, ssrc: number): Actor<typeof peerMachine> {
    const codec = { ssrc, payloadType: 96, codec: 'VP8/90000', media: 'video' as const };
    const profile = {
      id: this.id,
      epoch: this.epoch,
      software: 'rpr',
      version: '1',
      compatible: this.compatible,
      media: { host: HOST, port: this.port },
      source: source === null ? null : { ...codec, ...source, rateBps: source.minBps },
      uploadBps: this.uploadBps,
      usableBps: this.uploadBps * HEADROOM,
      lendBps: this.lendBps,
      leaving: false,
      routes: [],
      promisedBps: 0,
    };
    const machine = peerMachine.provide({
      actors: {
        bus: fromCallback<BusCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
          this.#tellHeard(sendBack);
          receive((command) => {
            if (command.type === 'bus.publish') this.#say(command.to, command.message);
            else
              this.#around.bus.claim(this, (free) =>
                this.clock.enter(() => sendBack({ type: free ? 'claim.free' : 'claim.taken' })),
              );
          });
        }),
        transport: this.transport.logic,
        journal: fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => {
          receive((entry) => this.#around.trace.line(this.clock.now(), `${this.id} notes ${JSON.stringify(entry)}`));
        }),
      },
    });
    return createActor(machine, { clock: this.clock, input: { profile } });
  }

  #tellHeard(sendBack: (event: PeerEvent) => void): void {
    this.clock.setTimeout(() => {
      const heard = this.#presences.due(this.clock.now());
      if (heard.length > 0) sendBack({ type: 'members.heard', heard });
      this.#tellHeard(sendBack);
    }, TELL_MS);
  }

  #say(to: PeerId | 'all', message: Outgoing): void {
    this.#presences.said(to, message.kind, this.clock.now());
    if (this.said.push(message) > REMEMBERED) this.said.shift();
    const fault = this.publish(to, message);
    if (fault !== undefined) this.#around.violate(`${this.id} published what its schema refuses: ${fault}`);
  }

  /** The rate that its source should have, bit/s. */
  get rateBps(): number {
    return this.negotiation?.rateBps ?? 0;
  }
}
