/** A packet path whose mover can change under way: from `dgram` to `batched`, and back if that fails. */
import type { Socket } from 'node:dgram';
import { readSsrcKey } from '../rtp/header.ts';
import type { StrangerFilter } from './batched/stranger-filter.ts';
import type {
  Endpoint,
  NotedPacket,
  NotesWanted,
  PacketPath,
  PathCounters,
  PathOptions,
  PathTable,
  SsrcCounters,
} from './contract.ts';
import { CounterBlock, DROP, totalCounters } from './counters.ts';
import { decideClear, decideOwn, destinationsOf } from './decision/decision.ts';
import { StunRation } from './decision/stun-ration.ts';
import { DgramMover, openSocket } from './dgram.ts';
import type { PathError } from './errors.ts';
import { Noting } from './kept/noting.ts';
import { NOTED } from './kept/packet-log.ts';
import { readKernelDrops } from './kernel-socket.ts';
import type { Mover, MoverContext, Target } from './mover.ts';
import { Pace } from './pace/pace.ts';
import { Pacer } from './pace/pacer.ts';
import { paddingPacket } from './pace/padding.ts';
import { PathState } from './state.ts';
import { answerableEndpoint, isAnyHost, normalizeEndpoint, normalizeHost } from './table/addresses.ts';
import { type StreamEntry, sendersOf } from './table/table.ts';

/** For all that is forwarded, in bytes: some hundred streams of 1 Mbit/s for 0.6 s. More streams are kept for less long. */
const CACHE_BYTES = 32 * 1024 * 1024;

export interface SwitchablePathOptions extends PathOptions {
  /** The path moves packets another way than before; `reason` says why, if that was not wanted. */
  readonly onKind?: ((kind: PacketPath['kind'], reason: PathError | null) => void) | undefined;
}

export class SwitchablePath implements PacketPath {
  readonly bound: Endpoint;
  readonly #options: SwitchablePathOptions;
  readonly #context: MoverContext;
  readonly #pace = new Pace();
  readonly #pacer: Pacer;
  /** The main thread's, then those of forwarding threads, dead ones included: totals only grow. */
  readonly #counters: [CounterBlock, ...CounterBlock[]];
  readonly #noting = new Noting();
  #mover: Mover;
  /** Only after a flood. */
  #filter: StrangerFilter | null = null;
  readonly #ration = new StunRation();
  /** What is going on with movers; one after the other. */
  #switching: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param socket from `openSocket` */
  constructor(socket: Socket, options: SwitchablePathOptions) {
    const { address: host, port } = socket.address();
    const { deliver, onRtcp, onStun, now } = options;
    const counters = new CounterBlock();
    this.bound = { host, port };
    this.#options = options;
    this.#counters = [counters];
    const state = new PathState(CACHE_BYTES);
    this.#pacer = new Pacer({
      pace: this.#pace,
      now,
      compiled: () => state.compiled,
      send: (packet, stream, forwarded) => this.#sendAlong(packet, stream, forwarded),
      dropped: (copies) => counters.drop(DROP.sendBufferFull, copies),
    });
    const forward = (packet: Uint8Array, stream: StreamEntry) => this.#pacer.offer(packet, stream, true);
    const boundTo = isAnyHost(host) ? null : normalizeHost(host);
    const takeStun = (packet: Uint8Array, sender: Endpoint, local: string | null) => {
      const from = answerableEndpoint(sender);
      if (from === null) counters.drop(DROP.unknownAddress);
      else onStun?.(packet, from, local ?? boundTo);
    };
    const { bound } = this;
    const log = this.#noting.own;
    this.#context = { state, counters, bound, deliver, onRtcp, onStun: takeStun, now, log, pace: this.#pace, forward };
    this.#mover = new DgramMover(socket, this.#context);
  }

  get kind(): PacketPath['kind'] {
    return this.#mover.kind;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Packets forwarded so far; cheaper than {@link counters}. */
  get forwardedPackets(): number {
    return this.#counters.reduce((total, block) => total + block.read('forwardedPackets'), 0);
  }

  get receivedPackets(): number {
    return this.#counters.reduce((total, block) => total + block.read('receivedPackets'), 0);
  }

  /** STUN of those whom the table does not name. */
  get strangersChecks(): number {
    return this.#counters.reduce((total, block) => total + block.read('strangersChecks'), 0);
  }

  get sentBytes(): number {
    return this.#counters.reduce((total, block) => total + block.read('sentBytes'), 0);
  }

  setPace(bps: number): void {
    this.#pace.rateBps = bps;
  }

  get waitedMs(): number {
    return this.#pacer.waitedMs;
  }

  sentTo({ host, port, channel }: Endpoint): number {
    const address = this.#context.state.compiled.addresses.find(host, port, channel);
    return address < 0 ? 0 : this.#counters.reduce((total, block) => total + block.readSentTo(address), 0);
  }

  setTable(table: PathTable): void {
    const change = this.#context.state.setTable(table);
    if (change.anew) for (const block of this.#counters) block.forgetAddresses();
    this.#noting.own.useBook(change.book);
    this.#mover.tableChanged(change);
    this.#shutOut();
  }

  send(packet: Uint8Array, clear?: Uint8Array): void {
    const { state, counters, now } = this.#context;
    const nowMs = now();
    const stream = decideOwn(state.compiled, counters, packet, nowMs);
    if (stream === null) return;
    state.own.record(stream.ssrc, packet, nowMs);
    this.#pacer.offer(packet, stream, false);
    if (clear === undefined) return;
    const legs = decideClear(stream, counters, clear, nowMs);
    if (legs !== null) this.#pacer.offer(clear, legs, false, true);
  }

  forwardClear(packet: Uint8Array): void {
    const { state, counters, now } = this.#context;
    const legs = decideClear(state.compiled.streams.get(readSsrcKey(packet)), counters, packet, now());
    // A copy: what has come may have to wait for its turn.
    if (legs !== null) this.#pacer.offer(new Uint8Array(packet), legs, true, true);
  }

  sendTo(datagram: Uint8Array, to: Endpoint, from?: string): void {
    this.#pace.spend(datagram.length, this.#context.now());
    this.#mover.sendEach([datagram], this.#target(to, from), true);
  }

  storedAfter(ssrc: number, afterSequence: number, slices: number): number[] {
    const { state, now } = this.#context;
    return state.own.storedAfter(ssrc, afterSequence, slices, now());
  }

  resend(ssrc: number, sequence: number, to: Endpoint): number {
    const packet = this.stored(ssrc, sequence);
    return packet === undefined ? 0 : this.#sendNoted(packet, to, NOTED.RESENT);
  }

  sendPadding(ssrc: number, sequence: number, bytes: number, to: Endpoint): boolean {
    return this.#sendNoted(paddingPacket(ssrc, sequence, bytes), to, NOTED.SENT) > 0;
  }

  note(wanted: NotesWanted): void {
    this.#noting.want(wanted);
  }

  deliverAgain(ssrc: number, sequence: number): void {
    this.#context.state.deliverAgain(ssrc, sequence);
  }

  takeNoted(take: (packet: NotedPacket) => void): void {
    this.#noting.take(this.#context.state.compiled, take);
  }

  stored(ssrc: number, sequence: number): Uint8Array | undefined {
    return this.#context.state.stored(ssrc, sequence, this.#context.now());
  }

  wasOverLimit(ssrc: number, sequence: number): boolean {
    return this.#context.state.wasOverLimit(ssrc, sequence);
  }

  counters(): PathCounters {
    return totalCounters(this.#counters, readKernelDrops(this.bound));
  }

  ssrcCounters(ssrc: number): SsrcCounters | undefined {
    return this.#context.state.ssrcCounters(ssrc);
  }

  sentSequence(ssrc: number): number | undefined {
    return this.#context.state.own.newest(ssrc);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#pacer.stop();
    await this.#switching;
    await this.#mover.close();
    this.#filter?.close();
  }

  /**
   * From now on the kernel drops what comes from addresses that the table names neither as senders nor as reporters, but for STUN.
   *
   * @throws {PathError} `batched.unavailable`; all goes on as before then
   */
  async shutOutStrangers(): Promise<void> {
    // Loaded only now: a peer that is not flooded never needs it.
    const { StrangerFilter } = await import('./batched/stranger-filter.ts');
    if (this.#closed || this.#filter !== null) return;
    this.#filter = new StrangerFilter(this.bound);
    this.#shutOut();
  }

  /** @param perSecond how many STUN messages of strangers have come lately: of a flood of them the kernel lets through fewer */
  rationStrangers(perSecond: number): void {
    if (this.#filter !== null && this.#ration.look(perSecond)) this.#shutOut();
  }

  #shutOut(): void {
    this.#filter?.allow(sendersOf(this.#context.state.compiled), this.#ration.share);
  }

  /**
   * Has a thread of its own move the packets from now on. No packet is lost meanwhile: the socket stays the same, and
   * the kernel keeps what nobody reads yet.
   *
   * @param entry the thread's file, for tests that need one that fails
   * @throws {PathError} `batched.unavailable`; all goes on as before then
   */
  useBatched(entry?: URL): Promise<void> {
    const switching = this.#switching.then(() => this.#switchToBatched(entry));
    this.#switching = switching.catch(() => undefined);
    return switching;
  }

  #sendAlong(packet: Uint8Array, stream: StreamEntry, forwarded: boolean): boolean {
    // Before it is sent: what we are held up by afterwards would make its way look shorter than it is, and all that follows late.
    const nowMs = this.#context.now();
    if (!this.#mover.sendAlong(packet, stream, forwarded)) return false;
    this.#noting.own.sent(destinationsOf(stream, packet), packet, packet.length, nowMs);
    if (!forwarded && !this.#isClear(stream, packet)) this.#options.onLeft?.(packet, stream.ssrc);
    return true;
  }

  /** Whether these are the clear legs of the packet's stream. */
  #isClear(stream: StreamEntry, packet: Uint8Array): boolean {
    return this.#context.state.compiled.streams.get(readSsrcKey(packet)) !== stream;
  }

  /** @returns how many bytes were sent */
  #sendNoted(packet: Uint8Array, to: Endpoint, what: number): number {
    const target = this.#target(to);
    const nowMs = this.#context.now();
    const sent = packet.length * this.#mover.sendEach([packet], target, false);
    this.#pace.spend(sent, nowMs);
    const address = this.#context.state.compiled.addresses.find(target.host, target.port, target.channel);
    if (sent > 0 && address >= 0) this.#noting.own.note(what, address, packet, packet.length, nowMs);
    return sent;
  }

  /** @throws {PathError} `address.invalid` */
  #target(to: Endpoint, from?: string): Target {
    const { addresses, origins } = this.#context.state.compiled;
    // To read an address's text costs more than to send there.
    const known = addresses.find(to.host, to.port, to.channel);
    const endpoint = known < 0 ? normalizeEndpoint(to) : addresses.endpoint(known);
    const { host, port, channel } = endpoint;
    return { ...endpoint, from: from ?? origins.get(addresses.find(host, port, channel)) };
  }

  async #switchToBatched(entry: URL | undefined): Promise<void> {
    const before = this.#mover;
    if (this.#closed || !(before instanceof DgramMover)) return;
    // Loaded only now: a peer that forwards little never needs it.
    const { BatchedMover } = await import('./batched/batched-mover.ts');
    const { mover, counters, log } = await BatchedMover.prepare({
      context: this.#context,
      sendBufferBytes: before.sendBufferBytes,
      onStopped: (error) => {
        this.#switching = this.#switching.then(() => this.#fallBack(mover, error));
      },
      entry,
    });
    this.#counters.push(counters);
    this.#noting.add(log);
    this.#mover = mover;
    // With nothing in between: from here on it hears of changes only.
    mover.tableChanged(this.#context.state.wholeTable());
    await before.close();
    mover.go();
    this.#options.onKind?.('batched', null);
  }

  async #fallBack(from: { abandon(): number }, reason: PathError): Promise<void> {
    if (this.#closed) return;
    // Until this socket is open, what is ours still goes out through the old mover.
    const socket = await openSocket(this.bound, { descriptor: from.abandon() });
    this.#mover = new DgramMover(socket, this.#context);
    this.#options.onKind?.('dgram', reason);
  }
}
