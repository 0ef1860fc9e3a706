/** Everything that a packet path knows, without its socket: what both paths and a simulated one have in common. */
import type { PathTable, SsrcCounters } from './contract.ts';
import { OwnSources } from './own-sources.ts';
import { memoriesFor, readSsrcCounters, type StreamMemories } from './stream-memory.ts';
import { type CompiledTable, compileTable, EMPTY_TABLE } from './table.ts';

export class PathState {
  readonly own = new OwnSources();
  #table = EMPTY_TABLE;
  #memories: StreamMemories = new Map();
  #compiled: CompiledTable = compileTable(EMPTY_TABLE, this.#memories);

  /** The table in force, as it was given. */
  get table(): PathTable {
    return this.#table;
  }

  get compiled(): CompiledTable {
    return this.#compiled;
  }

  /** What outlives a change of table. Another thread that is given it works on the same counters. */
  get memories(): StreamMemories {
    return this.#memories;
  }

  /**
   * Puts `table` in force as a whole, or throws and leaves the old one.
   *
   * @throws {PathError} `address.invalid`, `table.invalid`
   */
  setTable(table: PathTable): void {
    const memories = memoriesFor(table, this.#memories);
    this.#compiled = compileTable(table, memories);
    this.#memories = memories;
    this.#table = table;
    this.own.follow(table);
  }

  /** What was received of an SSRC, nothing of our own; undefined for those that the table does not name. */
  ssrcCounters(ssrc: number): SsrcCounters | undefined {
    const memory = this.#memories.get(ssrc);
    return memory === undefined ? undefined : readSsrcCounters(memory);
  }
}
