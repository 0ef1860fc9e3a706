/** The room of a running scenario: its peers' processes, who is in the call, and every report they gave. */
import type { PeerId } from '../../../machines/messages.ts';
import type { Dilation } from '../../network/dilation/dilation.ts';
import { deliveriesIn, type PairDelivery, type Snapshot, windowsBetween } from '../judging/delivery.ts';
import { arrangement, relayOf, unsettled } from '../judging/settling.ts';
import { dialled, hasPage, hasPhone, type PeerSpec, type Who } from '../scenario.ts';
import { within } from './deadline.ts';
import { ScenarioError } from './errors.ts';
import { PeerProcess, type StartOptions } from './peer-process.ts';
import type { Question, Script } from './script.ts';

/** How often the room is asked how it is, in ms. Packets sent before the last question have long arrived. */
const LOOK_MS = 100;
/** So many looks in a row with nothing missing and nothing changed are a settled room: half a second. */
const CALM_LOOKS = 5;
/** The next peer joins when the one before has met everybody, which takes some 50 ms, or after this long; ms. */
const JOIN_MS = 2_000;
const JOIN_LOOK_MS = 20;
/** How long a peer may take to start, and its page to load in a browser or its phone to ring, in ms, on a machine that is very busy. */
const DOOR_MS = 60_000;
/** Longer than a crashed member is remembered (3.5 s) and a refused request retried. In ms. */
const SETTLE_MS = 20_000;

export class Room implements AsyncDisposable {
  readonly script: Script;
  /** Who is in the call now. */
  readonly present = new Set<PeerId>();
  readonly reports: Snapshot[] = [];
  readonly #processes = new Map<PeerId, PeerProcess>();
  readonly #expectedToGo = new Set<PeerId>();
  /** Whom each phone has dialled. */
  readonly #dialled = new Map<PeerId, PeerId>();
  readonly #signal: AbortSignal;
  readonly dilation: Dilation;

  constructor(script: Script, signal: AbortSignal, dilation: Dilation) {
    this.script = script;
    this.#signal = signal;
    this.dilation = dilation;
  }

  /** Starts the processes; resolves when all of them wait for their word to join. `onDeath` hears of unexpected ends. */
  async start(
    peers: readonly PeerSpec[],
    options: StartOptions,
    onDeath: (error: ScenarioError) => void,
  ): Promise<void> {
    for (const spec of peers) {
      if (spec.phoneSees !== undefined) this.#dialled.set(spec.id, spec.phoneSees);
      const process = new PeerProcess(spec, options);
      this.#processes.set(spec.id, process);
      void process.gone.then(() => {
        if (this.#expectedToGo.has(spec.id)) return;
        onDeath(new ScenarioError('peer.died', `${spec.id} ended unexpectedly:\n${process.lastWords()}`));
      });
    }
    await Promise.all(
      peers.map(async (spec) => {
        const late = () =>
          new ScenarioError('peer.mute', `Nobody can come in at ${spec.id} after ${DOOR_MS / 1000} s.`);
        const opened = this.#open(spec, options);
        if (opened !== undefined) await within(this.#signal, DOOR_MS, opened, late);
        await this.script.ready(spec.id);
      }),
    );
  }

  /** Whether a peer wants what another shows: a phone wants no picture but the one that it has dialled. */
  readonly wants = (receiver: PeerId, source: PeerId): boolean => {
    const dialled = this.#dialled.get(receiver);
    return dialled === undefined || dialled === source;
  };

  /** Comes in where the peer has a page or is a phone; undefined: neither. */
  #open(spec: PeerSpec, { openPage, dial, room }: StartOptions): Promise<void> | undefined {
    const { id } = spec;
    if (hasPage(spec))
      return this.process(id)
        ?.pageUrl()
        .then((url) => openPage?.(id, url));
    if (hasPhone(spec))
      return this.process(id)
        ?.sipAddress()
        .then((address) => dial?.(id, dialled(spec, room, address)));
    return undefined;
  }

  process(id: PeerId): PeerProcess | undefined {
    return this.#processes.get(id);
  }

  /** Tells the peer to join; resolves when it knows everybody, or has had the time to. */
  async join(id: PeerId): Promise<void> {
    this.script.tell(id, { kind: 'control.join', body: {} });
    this.present.add(id);
    for (const deadline = this.dilation.nowMs() + JOIN_MS; this.dilation.nowMs() < deadline; ) {
      const members = (await this.script.ask([id])).get(id)?.members ?? [];
      if ([...this.present].every((other) => other === id || members.includes(other))) return;
      await this.dilation.delay(JOIN_LOOK_MS, this.#signal);
    }
  }

  /** Resolves when the peer's process is gone. */
  async dismiss(id: PeerId, how: 'leave' | 'kill'): Promise<void> {
    this.#expectedToGo.add(id);
    this.present.delete(id);
    this.script.tell(id, how === 'kill' ? { kind: 'control.kill', body: {} } : { kind: 'control.leave', body: {} });
    await this.#processes.get(id)?.gone;
  }

  /** Gives the peer's process a signal; whoever is killed is in the room no more. */
  signal(id: PeerId, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    if (name === 'SIGKILL') {
      this.#expectedToGo.add(id);
      this.present.delete(id);
    }
    this.#processes.get(id)?.signal(name);
  }

  /** @throws {ScenarioError} `step.impossible` */
  async find(who: Who): Promise<PeerId> {
    if (typeof who === 'string') return who;
    const relay = relayOf(who.relayOf, await this.ask());
    if (relay !== undefined) return relay;
    throw new ScenarioError('step.impossible', `Nobody relays for ${who.relayOf} at this point.`);
  }

  async ask(question?: Question): Promise<Snapshot> {
    const snapshot = await this.script.ask(this.present, question);
    this.reports.push(snapshot);
    return snapshot;
  }

  /**
   * Waits until the room has settled. Returns what is missing where it has not within {@link SETTLE_MS}.
   *
   * @param alsoMissing what else a room must have that is settled, in words
   */
  async settle(alsoMissing: (now: Snapshot) => string[] = () => []): Promise<string[]> {
    const deadline = this.dilation.nowMs() + SETTLE_MS;
    let [older, newer] = [await this.ask(), await this.#lookAgain()];
    let calm = 0;
    let before = '';
    for (;;) {
      const windows = windowsBetween(older, newer);
      const now = await this.#lookAgain({ windows });
      const deliveries: PairDelivery[] = deliveriesIn(windows, now, this.wants);
      const missing = [...unsettled(now, deliveries), ...alsoMissing(now)];
      const picture = arrangement(now);
      calm = missing.length === 0 && picture === before ? calm + 1 : 0;
      if (calm >= CALM_LOOKS) return [];
      if (this.dilation.nowMs() > deadline) return missing.length > 0 ? missing : ['the room does not come to rest'];
      [older, newer, before] = [newer, now, picture];
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#processes.keys()) this.#expectedToGo.add(id);
    await Promise.all([...this.#processes.values()].map((process) => process[Symbol.asyncDispose]()));
  }

  async #lookAgain(question?: Question): Promise<Snapshot> {
    await this.dilation.delay(LOOK_MS, this.#signal);
    return this.ask(question);
  }
}
