/** One peer whole but for its media: the shipped machines over the shipped bus. Its media path says what everybody hopes for. */
import { type ActorRefFrom, createActor, fromCallback } from 'xstate';
import { Bus } from '../../../actors/bus/bus.ts';
import { KnownMembers } from '../../../actors/identity/known-members.ts';
import { freshIdentity } from '../../../infra/crypto/identity-key.ts';
import type { NatsBus } from '../../../infra/nats/connection.ts';
import { type PeerEvent, peerMachine } from '../../../machines/peer.ts';
import type { JournalEntry, TransportCommand, TransportTable } from '../../../machines/ports.ts';
import { DELAYS } from '../../../machines/timers.ts';
import type { Member, View } from '../../../machines/view.ts';
import { ROOM } from './contract.ts';

/** One for all of a process: whoever joins again is known by it. */
const IDENTITY = freshIdentity();

export class BenchPeer {
  readonly bus: Bus;
  readonly nats: NatsBus;
  /** Ends when it has left. */
  readonly ended: Promise<void>;
  readonly #actor: ActorRefFrom<typeof peerMachine>;
  #table: TransportTable | undefined;

  /** It joins at once. */
  constructor(nats: NatsBus, profile: Member) {
    this.nats = nats;
    this.bus = new Bus({
      ...{ nats, room: ROOM, id: profile.id, epoch: profile.epoch, compatible: true },
      keys: {
        identity: IDENTITY,
        room: null,
        known: new KnownMembers({ path: null, onFailed: () => undefined }),
      },
      view: () => this.view,
      onFault: ({ fault, subject, detail }) => process.stderr.write(`${profile.id}: ${fault} ${subject} ${detail}\n`),
    });
    const transport = fromCallback<TransportCommand, undefined, PeerEvent>(({ receive, sendBack }) => {
      const hopes = new Hopes(sendBack);
      receive((command) => {
        if (command.type !== 'transport.table') return;
        this.#table = command.table;
        hopes.watch(command.table);
      });
    });
    const journal = fromCallback<JournalEntry, undefined, PeerEvent>(() => undefined);
    const machine = peerMachine.provide({ actors: { bus: this.bus.logic, transport, journal } });
    this.#actor = createActor(machine, { input: { profile } });
    this.ended = new Promise((resolve, reject) => this.#actor.subscribe({ error: reject, complete: resolve }));
    this.#actor.start();
  }

  get view(): View | undefined {
    return this.#actor.getSnapshot().children.signaling?.getSnapshot().context.view;
  }

  get isJoined(): boolean {
    return this.#actor.getSnapshot().matches('joined');
  }

  get relayedLegs(): number {
    return this.#table?.relayed.reduce((sum, { legs }) => sum + legs.length, 0) ?? 0;
  }

  async leave(): Promise<void> {
    this.#actor.send({ type: 'peer.leave' });
    await this.ended;
    await this.nats.close();
  }
}

/** A media path on which every relay forwards and everybody is alive. */
class Hopes {
  readonly #tell: (event: PeerEvent) => void;
  readonly #told = new Set<string>();

  constructor(tell: (event: PeerEvent) => void) {
    this.#tell = tell;
  }

  watch({ relays, members }: TransportTable): void {
    const news: { readonly key: string; readonly event: PeerEvent }[] = [
      ...relays.flatMap(({ relay, ssrcs }) =>
        ssrcs.map((ssrc) => ({ key: `${relay} ${ssrc}`, event: { type: 'relay.confirmed', relay, ssrc } as const })),
      ),
      ...members.map(({ peer }) => ({ key: peer, event: { type: 'media.alive', peer } as const })),
    ];
    const present = new Set(news.map(({ key }) => key));
    for (const key of this.#told) if (!present.has(key)) this.#told.delete(key);
    for (const { key, event } of news) {
      if (this.#told.has(key)) continue;
      this.#told.add(key);
      // When a first report could have come.
      setTimeout(() => this.#told.has(key) && this.#tell(event), DELAYS.reportInterval);
    }
  }
}
