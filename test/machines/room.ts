/**
 * Real root machines in one room: an in-memory bus in virtual time, each end of it with the shipped hearing, and a media path that
 * only proves who forwards, to the shipped liveness.
 */

import { type Actor, createActor, fromCallback } from 'xstate';
import { EMPTY_TABLE } from '../../actors/media/addressed-table.ts';
import { Liveness } from '../../machines/forwarding/liveness.ts';
import { encodeMessage, type Outgoing, type PeerId, SESSION_KINDS, type StreamName } from '../../machines/messages.ts';
import { promisedBps } from '../../machines/negotiation/ledger.ts';
import { type PeerEvent, peerMachine } from '../../machines/peer.ts';
import type { BusCommand, JournalEntry, TransportCommand, TransportTable } from '../../machines/ports.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { DELAYS } from '../../machines/timers.ts';
import type { Member, View } from '../../machines/view.ts';
import { BusEnd } from '../simulation/world/bus/bus-end.ts';
import { VirtualClock } from '../simulation/world/clock.ts';
import { ProcessClock } from '../simulation/world/peer/process-clock.ts';

export interface Conditions {
  /** How long this message takes to one receiver, in ms; undefined: it is lost. */
  readonly delayMs: (message: Outgoing, from: PeerId, to: PeerId) => number | undefined;
  /** Whether this relay forwards what it should; all do where that is not said. */
  readonly forwards?: (relay: PeerId) => boolean;
}

interface Peer {
  readonly profile: Member;
  readonly actor: Actor<typeof peerMachine>;
  readonly clock: ProcessClock;
  readonly bus: BusEnd;
  readonly journal: JournalEntry[];
  readonly commands: TransportCommand[];
  readonly rates: Map<StreamName, number>;
  table: TransportTable;
  alive: boolean;
}

export class Room {
  readonly clock = new VirtualClock();
  readonly errors: unknown[] = [];
  readonly published: { readonly from: PeerId; readonly to: PeerId; readonly message: Outgoing }[] = [];
  readonly #conditions: Conditions;
  readonly #peers = new Map<PeerId, Peer>();

  constructor(conditions: Conditions) {
    this.#conditions = conditions;
  }

  join(profile: Member): void {
    const clock = new ProcessClock(this.clock, () => undefined);
    let seq = 0;
    const bus = new BusEnd({
      ...profile,
      clock,
      view: () => this.#contextOf(profile.id)?.view,
      tell: (event) => peer.actor.send(event),
      publish: (to, message) => {
        seq += 1;
        this.#publish(profile, seq, to, message);
      },
    });
    const machine = peerMachine.provide({
      actors: {
        bus: fromCallback<BusCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
          receive((command) => {
            if (command.type === 'bus.publish') bus.publish(command.to, command.message);
            else clock.setTimeout(() => sendBack({ type: 'claim.free' }), 1);
          });
        }),
        transport: fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
          const liveness = new Liveness();
          receive((command) => {
            peer.commands.push(command);
            if (command.type === 'transport.rates') for (const [name, bps] of command.rates) peer.rates.set(name, bps);
            if (command.type !== 'transport.table') return;
            peer.table = command.table;
            const members = command.table.members.map(({ peer }) => peer);
            liveness.watch(command.table.relays, members, () => undefined, clock.now());
          });
          this.#listen(profile.id, clock, liveness, sendBack);
        }),
        journal: fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => {
          receive((entry) => peer.journal.push(entry));
        }),
      },
    });
    const actor = createActor(machine, { input: { profile }, clock });
    const peer: Peer = {
      ...{ profile, actor, clock, bus, journal: [], commands: [] },
      ...{ rates: new Map(), table: EMPTY_TABLE, alive: true },
    };
    this.#peers.set(profile.id, peer);
    actor.subscribe({
      error: (error) => this.errors.push(error),
      complete: () => this.#end(peer),
    });
    actor.start();
  }

  send(id: PeerId, event: PeerEvent): void {
    const peer = this.#peers.get(id);
    if (peer?.alive) peer.actor.send(event);
  }

  /** The peer is cut off from the bus, or back. */
  connect(id: PeerId, up: boolean): void {
    const peer = this.#peers.get(id);
    if (!peer?.alive) return;
    if (up) peer.bus.connected();
    else peer.bus.disconnected();
  }

  /** Without a word to anybody. */
  crash(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    this.#end(peer);
    peer.actor.stop();
  }

  isIn(id: PeerId): boolean {
    return this.#peers.get(id)?.alive ?? false;
  }

  members(): PeerId[] {
    return [...this.#peers.values()].filter(({ alive }) => alive).map(({ profile }) => profile.id);
  }

  run(ms: number): void {
    this.clock.runUntil(this.clock.now() + ms);
  }

  tableOf(id: PeerId): TransportTable {
    return this.#peers.get(id)?.table ?? EMPTY_TABLE;
  }

  /** What it was last told that its streams should have, in bit/s. */
  rateOf(id: PeerId, stream: StreamName): number {
    return this.#peers.get(id)?.rates.get(stream) ?? 0;
  }

  /** What its transport was told, in order. */
  commandsOf(id: PeerId): readonly TransportCommand[] {
    return this.#peers.get(id)?.commands ?? [];
  }

  journalOf(id: PeerId): readonly JournalEntry[] {
    return this.#peers.get(id)?.journal ?? [];
  }

  viewOf(id: PeerId): View {
    const context = this.#contextOf(id);
    if (context === undefined) throw new Error(`${id} has left`);
    return context.view;
  }

  negotiationOf(id: PeerId) {
    const context = this.#childrenOf(id)?.negotiation?.getSnapshot().context;
    if (context === undefined) throw new Error(`${id} has left`);
    return context;
  }

  /** What this peer has promised beyond what its lending and its own streams leave, in bit/s. */
  overdraftOf(id: PeerId): number {
    const { ledger } = this.negotiationOf(id).relaying;
    const promised = promisedBps(ledger);
    return Math.max(0, promised - ledger.lendBps, promised + ledger.ownInUseBps - ledger.usableBps);
  }

  /** The streams that do not reach a receiver whole, by the tables as they stand, as `A/camera>B`. */
  unserved(): string[] {
    const members = this.members();
    return members.flatMap((owner) =>
      this.tableOf(owner).own.flatMap(({ stream, hops }) => {
        const sent = new Map(hops.map(({ peer, slices }) => [peer, slices]));
        return members.flatMap((receiver) => {
          if (receiver === owner) return [];
          const relayed = members.flatMap((relay) =>
            this.tableOf(relay)
              .relayed.filter((route) => route.client === owner && route.stream === stream)
              .flatMap(({ legs }) => legs.filter((leg) => leg.receiver === receiver))
              .map(({ slices }) => slices & (sent.get(relay) ?? 0)),
          );
          const reached = relayed.reduce((union, slices) => union | slices, sent.get(receiver) ?? 0);
          return reached === ALL_SLICES ? [] : [`${owner}/${stream}>${receiver}`];
        });
      }),
    );
  }

  #end(peer: Peer): void {
    peer.alive = false;
    peer.clock.end();
  }

  #childrenOf(id: PeerId) {
    return this.#peers.get(id)?.actor.getSnapshot().children;
  }

  #contextOf(id: PeerId) {
    return this.#childrenOf(id)?.signaling?.getSnapshot().context;
  }

  #publish({ id, epoch }: Member, seq: number, to: PeerId | 'all', message: Outgoing): void {
    this.published.push({ from: id, to, message });
    const text = encodeMessage(message, epoch, seq);
    for (const [other, peer] of this.#peers) {
      if (other === id || !(to === 'all' || to === other)) continue;
      if (!peer.profile.compatible && !SESSION_KINDS.includes(message.kind)) continue;
      const delayMs = this.#conditions.delayMs(message, id, other);
      if (delayMs === undefined) continue;
      this.clock.setTimeout(() => {
        // Whoever has the id by then.
        const receiver = this.#peers.get(other);
        if (receiver?.alive) receiver.bus.take(message.kind, id, text, to !== 'all');
      }, delayMs);
    }
  }

  /** Tells what a transport would: which relays forward, and whose media comes. */
  #listen(id: PeerId, clock: ProcessClock, liveness: Liveness, sendBack: (event: PeerEvent) => void): void {
    const listen = () => {
      const now = clock.now();
      const { relays, members } = this.tableOf(id);
      for (const { peer } of members)
        if (this.isIn(peer)) for (const event of liveness.heard(peer, now)) sendBack(event);
      for (const { relay, ssrcs } of relays) {
        if (!this.isIn(relay) || !(this.#conditions.forwards?.(relay) ?? true)) continue;
        const forwarded = this.tableOf(relay).relayed.filter(({ client }) => client === id);
        for (const ssrc of ssrcs.filter((of) => forwarded.some((route) => route.ssrc === of)))
          for (const event of liveness.reported(relay, ssrc, now, now)) sendBack(event);
      }
      for (const event of [...liveness.checkRelays(now), ...liveness.checkMembers(now)]) sendBack(event);
      clock.setTimeout(listen, DELAYS.reportInterval);
    };
    clock.setTimeout(listen, DELAYS.reportInterval);
  }
}
