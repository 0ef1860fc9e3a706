/** Everything that a packet path knows, without its socket: what both paths and a simulated one have in common. */
import { ssrcKey } from '../rtp/header.ts';
import { extendSequence } from '../rtp/sequence.ts';
import type { PathTable, SsrcCounters } from './contract.ts';
import { readSsrcCounters } from './decision/ssrc-counters.ts';
import { OwnSources } from './kept/own-sources.ts';
import type { CompiledTable, TableChange } from './table/table.ts';
import { TableCompiler } from './table/table-compiler.ts';

export class PathState {
  readonly own = new OwnSources();
  readonly #compiler: TableCompiler;
  #compiled: CompiledTable;

  /** @param cacheBytes what may be kept of what is forwarded, in bytes; 0: nothing is */
  constructor(cacheBytes = 0) {
    this.#compiler = new TableCompiler(cacheBytes);
    this.#compiled = this.#compiler.compiled;
  }

  get compiled(): CompiledTable {
    return this.#compiled;
  }

  /** What leads from nothing to the table in force. */
  wholeTable(): TableChange {
    return this.#compiler.whole();
  }

  /**
   * Puts `table` in force as a whole, or throws and leaves the old one.
   *
   * @returns what is not as it was
   * @throws {PathError} `address.invalid`, `table.invalid`
   */
  setTable(table: PathTable): TableChange {
    const change = this.#compiler.setTable(table);
    this.#compiled = this.#compiler.compiled;
    this.own.follow(table);
    return change;
  }

  /** A packet sent or forwarded lately, by its (16-bit) sequence number. Valid until an own one is recorded. */
  stored(ssrc: number, sequence: number, nowMs: number): Uint8Array | undefined {
    const forwarded = this.#compiled.streams.get(ssrcKey(ssrc))?.cache;
    return forwarded ? forwarded.get(sequence & 0xffff, nowMs) : this.own.stored(ssrc, sequence, nowMs);
  }

  /** What was delivered under this (16-bit) number was none of the stream: another packet under it is delivered. */
  deliverAgain(ssrc: number, sequence: number): void {
    const window = this.#compiled.streams.get(ssrcKey(ssrc))?.state.window;
    if (window?.started) window.unmark(extendSequence(window.highest, sequence & 0xffff));
  }

  /** Whether a packet has lately come and was over its route's limit, by its (16-bit) sequence number. */
  wasOverLimit(ssrc: number, sequence: number): boolean {
    return this.#compiled.streams.get(ssrcKey(ssrc))?.cache?.isRefused(sequence & 0xffff) ?? false;
  }

  /** What was received of an SSRC, nothing of our own; undefined for those that the table does not name. */
  ssrcCounters(ssrc: number): SsrcCounters | undefined {
    return readSsrcCounters(this.#compiled, ssrc);
  }
}
