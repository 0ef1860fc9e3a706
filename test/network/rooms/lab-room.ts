/** A room of RPR in a network lab: each peer a process on one of its hosts, which joins when it is told to. */
import { randomBytes } from 'node:crypto';
import { connectNats, type NatsBus } from '../../../infra/nats/connection.ts';
import type { PeerId } from '../../../machines/messages.ts';
import { PeerProcess } from '../../integration/peer-process.ts';
import type { Snapshot } from '../../scenarios/judging/delivery.ts';
import { type LineReport, type Question, SCRIPT_ID, Script } from '../../scenarios/playing/script.ts';
import { type Dilation, REAL_TIME } from '../dilation/dilation.ts';
import type { Host } from '../parts/host.ts';
import type { LabNats } from '../servers/nats.ts';

/** Enough for a room of ten, and a stream of so many packets that the first one is not long in coming: one each 27 ms. */
const USUAL_OPTIONS = ['--upload', '10M', '--bitrate', '350k', '--sink', 'none'];

/** Ahead of whatever else the machine does: that is not what is tested. */
const PRIORITY = ['chrt', '-r', '10'];

export interface LabRoomOptions {
  /** Ends every wait, with its reason. */
  readonly signal?: AbortSignal;
  /** How slowly its members live. Default: as time passes. */
  readonly dilation?: Dilation;
  /** Whose clocks go wrong, by so many millionths. Default: nobody's. */
  readonly skewPpm?: Readonly<Record<PeerId, number>>;
}

export class LabRoom implements AsyncDisposable {
  readonly #name = `lab-${randomBytes(4).toString('hex')}`;
  readonly #nats: LabNats;
  readonly #bus: NatsBus;
  readonly #script: Script;
  readonly #dilation: Dilation;
  readonly #skewPpm: Readonly<Record<PeerId, number>>;
  readonly #peers: PeerProcess[] = [];

  private constructor(nats: LabNats, bus: NatsBus, { signal, dilation, skewPpm }: Required<LabRoomOptions>) {
    this.#nats = nats;
    this.#bus = bus;
    this.#script = new Script(bus, this.#name, signal);
    this.#dilation = dilation;
    this.#skewPpm = skewPpm;
  }

  static async open(nats: LabNats, options: LabRoomOptions = {}): Promise<LabRoom> {
    const { signal = new AbortController().signal, dilation = REAL_TIME, skewPpm = {} } = options;
    const bus = await connectNats({ url: nats.testUrl, id: SCRIPT_ID });
    const room = new LabRoom(nats, bus, { signal, dilation, skewPpm });
    await bus.flush();
    return room;
  }

  /**
   * Starts a peer; resolves when it waits for its word to join. It ends with the room.
   *
   * @param args more options of its command
   */
  async start(id: PeerId, host: Host, ...args: string[]): Promise<PeerProcess> {
    const nats = host.addresses.some(({ ipv4 }) => ipv4 !== undefined) ? this.#nats.url : this.#nats.ipv6Url;
    const room = ['--id', id, '--room', this.#name, '--nats', nats, '--controller', SCRIPT_ID];
    const { env, peerOptions } = this.#dilation.skewed(this.#skewPpm[id] ?? 0);
    const spawn: Host['spawn'] = (command, options) =>
      host.spawn([...PRIORITY, ...command], { ...options, env: { ...options?.env, ...env } });
    const peer = PeerProcess.startThere(spawn, ...room, ...USUAL_OPTIONS, ...peerOptions, ...args);
    this.#peers.push(peer);
    const died = peer.ended.then(({ stderr }) => Promise.reject(new Error(`${id} does not start: ${stderr}`)));
    await Promise.race([this.#script.ready(id), died]);
    return peer;
  }

  /** Tells a peer to join. @returns when, ms since the Unix epoch; it hears of it one way later */
  join(id: PeerId): number {
    const atMs = performance.timeOrigin + performance.now();
    this.#script.tell(id, { kind: 'control.join', body: {} });
    return atMs;
  }

  /** What these peers see now. @throws {ScenarioError} `peer.mute` */
  ask(peers: readonly PeerId[], question?: Question): Promise<Snapshot> {
    return this.#script.ask(peers, question);
  }

  /** What a peer knows of its line now. @throws {ScenarioError} `peer.mute` */
  askLine(peer: PeerId): Promise<LineReport> {
    return this.#script.askLine(peer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#script[Symbol.dispose]();
    await Promise.all(this.#peers.map((peer) => peer[Symbol.asyncDispose]()));
    await this.#bus[Symbol.asyncDispose]();
  }
}
