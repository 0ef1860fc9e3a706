/** Real root machines in one room: an in-memory bus in virtual time, and a media path that only proves who forwards. */
import { type Actor, createActor, fromCallback } from 'xstate';
import { type Incoming, type Outgoing, type PeerId, SESSION_KINDS } from '../../machines/messages.ts';
import { promisedBps } from '../../machines/negotiation/ledger.ts';
import { type PeerEvent, peerMachine } from '../../machines/peer.ts';
import type { BusCommand, JournalEntry, TransportCommand, TransportTable } from '../../machines/ports.ts';
import { ALL_SLICES } from '../../machines/slices.ts';
import { DELAYS } from '../../machines/timers.ts';
import type { Member } from '../../machines/view.ts';
import { VirtualClock } from '../simulation/clock.ts';

const NOTHING_SENT: TransportTable = { own: null, relayed: [], relays: [], members: [], resendLimitBps: 0 };

export interface Conditions {
  /** How long this message takes to one receiver, in ms; undefined: it is lost. */
  readonly delayMs: (message: Outgoing) => number | undefined;
}

interface Peer {
  readonly profile: Member;
  readonly actor: Actor<typeof peerMachine>;
  readonly journal: JournalEntry[];
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
    const journal: JournalEntry[] = [];
    let seq = 0;
    const machine = peerMachine.provide({
      actors: {
        bus: fromCallback<BusCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
          receive((command) => {
            if (command.type === 'bus.claim') {
              this.clock.setTimeout(() => peer.alive && sendBack({ type: 'claim.free' }), 1);
              return;
            }
            seq += 1;
            this.#publish(profile, seq, command.to, command.message);
          });
        }),
        transport: fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
          receive((command) => {
            if (command.type === 'transport.table') peer.table = command.table;
          });
          this.#watch(profile.id, () => peer, sendBack);
        }),
        journal: fromCallback<JournalEntry, undefined, PeerEvent>(({ receive }) => {
          receive((entry) => journal.push(entry));
        }),
      },
    });
    const actor = createActor(machine, { input: { profile }, clock: this.clock });
    const peer: Peer = { profile, actor, journal, table: NOTHING_SENT, alive: true };
    this.#peers.set(profile.id, peer);
    actor.subscribe({
      error: (error) => this.errors.push(error),
      complete: () => {
        peer.alive = false;
      },
    });
    actor.start();
  }

  send(id: PeerId, event: PeerEvent): void {
    const peer = this.#peers.get(id);
    if (peer?.alive) peer.actor.send(event);
  }

  /** Without a word to anybody. */
  crash(id: PeerId): void {
    const peer = this.#peers.get(id);
    if (peer === undefined) return;
    peer.alive = false;
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
    return this.#peers.get(id)?.table ?? NOTHING_SENT;
  }

  viewOf(id: PeerId) {
    const context = this.#children(id).signaling?.getSnapshot().context;
    if (context === undefined) throw new Error(`${id} has left`);
    return context.view;
  }

  negotiationOf(id: PeerId) {
    const context = this.#children(id).negotiation?.getSnapshot().context;
    if (context === undefined) throw new Error(`${id} has left`);
    return context;
  }

  /** What this peer has promised beyond what its lending and its own stream leave, in bit/s. */
  overdraftOf(id: PeerId): number {
    const { ledger } = this.negotiationOf(id).relaying;
    const promised = promisedBps(ledger);
    return Math.max(0, promised - ledger.lendBps, promised + ledger.ownInUseBps - ledger.usableBps);
  }

  /** The slices of each source that do not reach a receiver by the tables as they stand, as `A>B`. */
  unserved(): string[] {
    const members = this.members();
    return members.flatMap((source) => {
      const hops = new Map(this.tableOf(source).own?.hops.map(({ peer, slices }) => [peer, slices]));
      return members.flatMap((receiver) => {
        if (receiver === source) return [];
        const relayed = members.flatMap((relay) =>
          this.tableOf(relay)
            .relayed.filter(({ client }) => client === source)
            .flatMap(({ legs }) => legs.filter((leg) => leg.receiver === receiver))
            .map(({ slices }) => slices & (hops.get(relay) ?? 0)),
        );
        const reached = relayed.reduce((union, slices) => union | slices, hops.get(receiver) ?? 0);
        return reached === ALL_SLICES ? [] : [`${source}>${receiver}`];
      });
    });
  }

  #children(id: PeerId) {
    const peer = this.#peers.get(id);
    if (peer === undefined) throw new Error(`${id} has never joined`);
    return peer.actor.getSnapshot().children;
  }

  #publish({ id, epoch }: Member, seq: number, to: PeerId, message: Outgoing): void {
    this.published.push({ from: id, to, message });
    for (const [other, { profile }] of this.#peers) {
      if (other === id || !(to === 'all' || to === other)) continue;
      if (!profile.compatible && !SESSION_KINDS.includes(message.kind)) continue;
      const delayMs = this.#conditions.delayMs(message);
      if (delayMs === undefined) continue;
      const incoming = { ...message, from: id, epoch, seq } as Incoming;
      this.clock.setTimeout(() => this.send(other, { type: 'bus.message', message: incoming }), delayMs);
    }
  }

  /** Tells what a transport would: which relays forward, and whose media comes. */
  #watch(id: PeerId, peerOf: () => Peer, sendBack: (event: PeerEvent) => void): void {
    const lastReport = new Map<PeerId, number>();
    const confirmed = new Set<PeerId>();
    const heard = new Map<PeerId, number>();
    const look = () => {
      const { table, alive } = peerOf();
      if (!alive) return;
      const now = this.clock.now();
      for (const known of lastReport.keys()) {
        if (table.relays.includes(known)) continue;
        lastReport.delete(known);
        confirmed.delete(known);
      }
      for (const relay of table.relays) {
        const reports = this.isIn(relay) && this.tableOf(relay).relayed.some(({ client }) => client === id);
        if (reports || !lastReport.has(relay)) lastReport.set(relay, now);
        if (reports && !confirmed.has(relay)) {
          confirmed.add(relay);
          sendBack({ type: 'relay.confirmed', relay });
        }
        const limit = confirmed.has(relay) ? DELAYS.relaySilence : 3 * DELAYS.relaySilence;
        if (now - (lastReport.get(relay) ?? now) <= limit) continue;
        lastReport.set(relay, Number.POSITIVE_INFINITY);
        sendBack({ type: 'relay.silent', relay, acknowledged: 0 });
      }
      for (const { peer } of table.members) {
        const alive = this.isIn(peer);
        if (alive && !heard.has(peer)) sendBack({ type: 'media.alive', peer });
        if (alive) heard.set(peer, now);
        if (!alive && now - (heard.get(peer) ?? now) > DELAYS.mediaSilence) {
          heard.delete(peer);
          sendBack({ type: 'media.silent', peer });
        }
      }
      this.clock.setTimeout(look, DELAYS.reportInterval);
    };
    this.clock.setTimeout(look, DELAYS.reportInterval);
  }
}
